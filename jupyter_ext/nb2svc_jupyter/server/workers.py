"""The processes that analyse: few, kept, each with a limit of time and memory, and gone with the server.

Whoever types asks again and again. Of the questions of one asker the newest waits, and those before it are dropped, so that each
asker has one place in the line: fifty open notebooks and ten quick typists wait for one another at most once.
"""

import asyncio
import json
import os
import sys
from collections.abc import Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import Any

_LENGTH = 8
_MEMORY = 4 << 30


class WorkerError(Exception):
    """A question that got no answer; says why."""


class SupersededError(Exception):
    """The asker asked again before this question's turn came."""


def usual_count() -> int:
    """As many processes as there are cores, two at least; more than four would only take memory."""
    return max(2, min(4, os.cpu_count() or 2))


class Workers:
    """`count` processes that answer questions; the first question starts one, a slow one is killed and replaced."""

    def __init__(self, *, count: int | None = None, seconds: float = 20.0, memory: int = _MEMORY) -> None:
        self._idle: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        self._workers = [_Worker(memory, seconds) for _ in range(count or usual_count())]
        self._waiting: dict[Hashable, _Place] = {}
        self.asked = 0
        self.dropped = 0
        self._seconds = seconds
        for worker in self._workers:
            self._idle.put_nowait(worker)

    async def ask(self, question: Mapping[str, Any], *, asker: Hashable = None) -> dict[str, Any]:
        """The document that answers a question; one of the same `asker` that still waits is dropped for it.

        Raises:
            WorkerError: the time is over, memory ran out, or the process died.
            SupersededError: a later question came.
        """
        worker = await self._turn(asker)
        self.asked += 1
        try:
            answered = await asyncio.wait_for(worker.ask(question), self._seconds)
        except TimeoutError as error:
            await worker.stop()
            raise WorkerError(f"the analysis took longer than {self._seconds:.0f} seconds and was stopped") from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            await worker.stop()
            raise WorkerError("the analysis died; the notebook may be too large") from error
        except asyncio.CancelledError:
            await worker.stop()
            raise
        finally:
            self._idle.put_nowait(worker)
        if "problem" in answered:
            raise WorkerError(answered["problem"])
        document: dict[str, Any] = answered["document"]
        return document

    async def _turn(self, asker: Hashable) -> "_Worker":
        """Wait in line for a process."""
        place = self._waiting.get(asker) if asker is not None else None
        owner: asyncio.Future[_Worker] = asyncio.get_running_loop().create_future()
        if place is None:
            place = _Place(asyncio.ensure_future(self._idle.get()), owner)
            place.turn.add_done_callback(lambda _: self._give(asker, place))
            if asker is not None:
                self._waiting[asker] = place
        else:
            # The later question takes the place of the earlier: at the end of the line who asks often would never be answered.
            if not place.owner.done():
                self.dropped += 1
                place.owner.set_exception(SupersededError())
            place.owner = owner
        try:
            return await owner
        except asyncio.CancelledError:
            if owner.done() and not owner.cancelled() and owner.exception() is None:
                # Whoever asked went away in the moment in which a process was free.
                self._idle.put_nowait(owner.result())
            elif place.owner is owner:
                place.turn.cancel()
            raise

    def _give(self, asker: Hashable, place: "_Place") -> None:
        """The turn of a place has come, or was given up."""
        if self._waiting.get(asker) is place:
            del self._waiting[asker]
        if place.turn.cancelled():
            if not place.owner.done():
                place.owner.cancel()
        elif place.owner.done():
            self._idle.put_nowait(place.turn.result())
        else:
            place.owner.set_result(place.turn.result())

    async def close(self) -> None:
        """Stop every process."""
        for worker in self._workers:
            await worker.stop()


@dataclass(slots=True)
class _Place:
    """A place in the line, and the question that has it by now."""

    turn: "asyncio.Task[_Worker]"
    owner: "asyncio.Future[_Worker]"


class _Worker:
    def __init__(self, memory: int, seconds: float) -> None:
        self._memory = memory
        self._seconds = seconds
        self._process: asyncio.subprocess.Process | None = None

    async def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                # -P: the server stands in the folder of the notebooks, and a `json.py` there is no module of ours.
                *(sys.executable, "-P", "-m", "nb2svc_jupyter.server.worker", str(self._memory), str(ceil(self._seconds) + 1)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                # A terminal's Ctrl-C is for the server, which closes our input.
                start_new_session=True,
            )
        assert process.stdin is not None
        assert process.stdout is not None
        body = json.dumps(question).encode()
        process.stdin.write(len(body).to_bytes(_LENGTH, "big") + body)
        await process.stdin.drain()
        length = int.from_bytes(await process.stdout.readexactly(_LENGTH), "big")
        answered: dict[str, Any] = json.loads(await process.stdout.readexactly(length))
        return answered

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
