"""What a job told, numbered and bounded, for whoever comes and asks: from the start, or from a number on."""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

# So many events of progress and of output are kept, and so many characters of output.
_PROGRESS, _OUTPUTS, _CHARACTERS = 2_000, 2_000, 400_000


class Events:
    """The events of one job; of each run of a validation the last.

    The oldest output goes first where there is too much of it; `dropped` says how many events went.
    """

    def __init__(self) -> None:
        self.last = 0
        self.dropped = 0
        self._progress: deque[dict[str, Any]] = deque()
        self._outputs: deque[dict[str, Any]] = deque()
        self._runs: dict[str, dict[str, Any]] = {}
        self._size = 0
        self._news = asyncio.Event()

    def add(self, event: Mapping[str, Any]) -> None:
        """Keep an event under the next number."""
        self.last += 1
        numbered = {"n": self.last, **event}
        if "output" in event:
            self._outputs.append(numbered)
            self._size += len(event["output"])
        elif run := _run_of(event):
            # What was said of a run before is out of date: whoever comes late hears of each once.
            self._runs.pop(run, None)
            self._runs[run] = numbered
        else:
            self._progress.append(numbered)
        while len(self._outputs) > _OUTPUTS or self._size > _CHARACTERS:
            self._size -= len(self._outputs.popleft()["output"])
            self.dropped += 1
        while len(self._progress) > _PROGRESS:
            self._progress.popleft()
            self.dropped += 1
        self._news.set()
        self._news = asyncio.Event()

    def after(self, number: int) -> list[dict[str, Any]]:
        """The events with a higher number, in order."""
        found = [event for event in (*self._progress, *self._outputs, *self._runs.values()) if event["n"] > number]
        return sorted(found, key=lambda event: int(event["n"]))

    async def news(self, number: int, seconds: float) -> None:
        """Wait until there is an event with a higher number, at most so long."""
        if self.last <= number:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), seconds)


def _run_of(event: Mapping[str, Any]) -> str:
    run = event.get("run")
    return str(run.get("key", "")) if isinstance(run, dict) else ""


def event_of(line: bytes, *, seconds: float) -> dict[str, Any] | None:
    """A line of a job's standard error as an event: one of nb2svc's own, or what something printed there."""
    text = line.decode(errors="replace").rstrip("\n")
    try:
        event = json.loads(text)
    except ValueError:
        event = None
    if isinstance(event, dict) and isinstance(event.get("stage"), str):
        return {**event, "seconds": round(seconds, 2)}
    return {"output": f"{text}\n", "seconds": round(seconds, 2)} if text else None
