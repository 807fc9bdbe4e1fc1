"""Progress on its way from a stage to whoever watches."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TextIO

from nb2svc.ir.progress import Progress, ProgressEvent


def silent(_event: ProgressEvent) -> None:
    """For whoever does not want to know."""


def in_stage(progress: Progress, stage: str) -> Callable[[str], None]:
    """A function of text, for a part that knows no stages."""

    def tell(text: str) -> None:
        progress(ProgressEvent(stage=stage, text=text))

    return tell


class Told:
    """Hands events on and knows which stage is on, so that a remark from anywhere is told as one of it."""

    def __init__(self, progress: Progress, *, stage: str) -> None:
        self._progress = progress
        self._stage = stage

    def __call__(self, event: ProgressEvent) -> None:
        """Hand an event on."""
        self._stage = event.stage
        self._progress(event)

    def begin(self, stage: str, text: str = "") -> None:
        """Tell that a stage begins."""
        self(ProgressEvent(stage=stage, text=text))

    def remark(self, text: str) -> None:
        """Tell something in the stage that is on."""
        self(ProgressEvent(stage=self._stage, text=text))


def json_line(event: ProgressEvent) -> str:
    """`{"stage": "run", "text": "running load: 2 of 14", "cell": 2, "done": 1, "total": 14}`: what is not known is left out."""
    given = {name: value for name, value in asdict(event).items() if value not in (None, "")}
    return json.dumps(given, ensure_ascii=True)


def json_lines(stream: TextIO) -> Progress:
    """Progress as one JSON object a line."""

    def tell(event: ProgressEvent) -> None:
        print(json_line(event), file=stream, flush=True)

    return tell
