"""The process of a job, seen from the server: its lines as they come, its document at the end, and the way to end it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from nb2svc.system.processes import end_marked

# The environment variable that a job and all that it starts bear.
JOB = "NB2SVC_JOB"
_LONGEST_LINE = 1 << 20
_LONGEST_DOCUMENT = 64 << 20
_PAUSE = 0.05


class JobProcess:
    """A supervised command.

    Not asyncio's own subprocess: that kills its child when the loop closes, and the supervisor must live until all is ended.
    """

    def __init__(self, arguments: Sequence[str], *, name: str, cwd: Path, seconds: float, memory: int) -> None:
        # -P: the server stands in the folder of the notebooks, and a `json.py` there is no module of ours.
        python = (sys.executable, "-P", "-m")
        supervisor = (*python, "nb2svc_jupyter.server.jobs.supervisor", str(seconds), str(memory))
        self._name = name
        self._process = subprocess.Popen(
            [*supervisor, *python, "nb2svc", *arguments],
            cwd=cwd,
            env={**os.environ, JOB: name},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    async def run(self, hear: Callable[[bytes], None]) -> tuple[int, bytes]:
        """Its exit code and what it printed; each line on standard error is heard as it comes."""
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        told = asyncio.gather(_all(self._process.stdout), _lines(self._process.stderr, hear))
        # Nobody waits in a thread, which would keep the server from its end; nobody sets an event for another process.
        while (code := self._process.poll()) is None:  # noqa: ASYNC110
            await asyncio.sleep(_PAUSE)
        if code < 0:  # somebody killed the supervisor: what it would have ended is ended here
            await asyncio.to_thread(end_marked, self._name, variable=JOB)
        self.close()
        printed, _ = await told
        return code, printed

    def close(self) -> None:
        """Ask for the end: the supervisor sees to it, at once and whatever becomes of this process."""
        assert self._process.stdin is not None
        self._process.stdin.close()


async def _reader(pipe: IO[bytes]) -> tuple[asyncio.StreamReader, asyncio.ReadTransport]:
    reader = asyncio.StreamReader(limit=_LONGEST_LINE)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return reader, transport


async def _all(pipe: IO[bytes]) -> bytes:
    reader, transport = await _reader(pipe)
    parts: list[bytes] = []
    size = 0
    while part := await reader.read(1 << 16):
        size += len(part)
        if size <= _LONGEST_DOCUMENT:
            parts.append(part)
    transport.close()
    return b"".join(parts) if size <= _LONGEST_DOCUMENT else b""


async def _lines(pipe: IO[bytes], hear: Callable[[bytes], Any]) -> None:
    reader, transport = await _reader(pipe)
    while True:
        try:
            line = await reader.readline()
        except ValueError:  # a line longer than we keep, which the reader drops
            continue
        if not line:
            break
        hear(line)
    transport.close()
