"""The processes that analyse: few, kept, each with a limit of time and memory, and gone with the server."""

import asyncio
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from math import ceil
from typing import Any

_LENGTH = 8
_MEMORY = 4 << 30


class WorkerError(Exception):
    """A question that got no answer; says why."""


class Workers:
    """`count` processes that answer questions; the first question starts one, a slow one is killed and replaced."""

    def __init__(self, *, count: int = 2, seconds: float = 20.0, memory: int = _MEMORY) -> None:
        self._idle: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        self._workers = [_Worker(memory, seconds) for _ in range(count)]
        self._seconds = seconds
        for worker in self._workers:
            self._idle.put_nowait(worker)

    async def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """The document that answers a question.

        Raises:
            WorkerError: the time is over, memory ran out, or the process died.
        """
        worker = await self._idle.get()
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

    async def close(self) -> None:
        """Stop every process."""
        for worker in self._workers:
            await worker.stop()


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
