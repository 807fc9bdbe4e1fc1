"""A process that holds one project and its capture, and answers questions about rows until it is closed.

It reads from a pipe of ours: when we are gone, so is it. What it answers holds captured rows, and is never written down.
"""

import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from nb2svc.errors import EnvironmentProblem, UsageError
from nb2svc.parity.process import HARNESS, environment

_LENGTH = 8
LOADING = 180.0
SECONDS = 20.0
MEMORY = 8 << 30


class RowProcess:
    """One such process; ask it from one thread at a time.

    `seconds` and `memory` limit an answer and the process, `loading` the first import of the project.

    Raises on making:
        EnvironmentProblem: the interpreter can't be started, or the project or its capture not be loaded.
    """

    def __init__(
        self,
        request: Mapping[str, Any],
        *,
        interpreter: str,
        loading: float = LOADING,
        seconds: float = SECONDS,
        memory: int = MEMORY,
    ) -> None:
        self._seconds = seconds
        self._answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._scratch = tempfile.TemporaryDirectory(prefix="nb2svc-rows-")
        self.folder = Path(self._scratch.name)
        path = self.folder / "request.json"
        limits = {"loading": round(loading), "seconds": round(seconds), "memory": memory}
        path.write_text(json.dumps({**request, **limits}), encoding="utf-8")
        self._process = self._start([interpreter, "-B", str(HARNESS), str(path), "session"])
        threading.Thread(target=self._receive, args=(self._process.stdout,), daemon=True).start()
        try:
            self.total: int = self._next(loading, what="loading the project")["total"]
        except BaseException:
            self.close()
            raise

    @property
    def alive(self) -> bool:
        """Whether it still answers."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """The document that answers a question.

        Raises:
            UsageError: the question has no answer, such as a row that is not there.
            EnvironmentProblem: the time is over or the process ended; a new one is then needed.
        """
        body = json.dumps(question).encode()
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(len(body).to_bytes(_LENGTH, "big") + body)
            self._process.stdin.flush()
        except OSError:
            raise self._ended() from None
        return self._next(self._seconds, what="answering")

    def close(self) -> None:
        """End the process, and whatever it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        self._scratch.cleanup()

    def _start(self, command: list[str]) -> "subprocess.Popen[bytes]":
        try:
            # Its messages would be a log with the author's values in it.
            return subprocess.Popen(
                command, cwd=self.folder, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            self._scratch.cleanup()
            why = error.strerror or str(error)
            fix = "build again: the notebook's kernel has moved"
            raise EnvironmentProblem("the notebook's Python can't be started", where=command[0], why=why, fix=fix) from error

    def _receive(self, stream: IO[bytes]) -> None:
        """Put what comes into the queue; None at the end."""
        with suppress(OSError, ValueError):
            while len(head := stream.read(_LENGTH)) == _LENGTH:
                self._answers.put(json.loads(stream.read(int.from_bytes(head, "big"))))
        self._answers.put(None)

    def _next(self, seconds: float, *, what: str) -> dict[str, Any]:
        try:
            found = self._answers.get(timeout=seconds)
        except queue.Empty:
            self.close()
            raise EnvironmentProblem(
                f"{what} took longer than {seconds:.0f} seconds and was stopped", fix="look whether the notebook's code waits"
            ) from None
        if found is None:
            raise self._ended()
        if "problem" in found:
            kind = EnvironmentProblem if "total" not in vars(self) else UsageError
            raise kind(str(found["problem"]))
        return found

    def _ended(self) -> EnvironmentProblem:
        code = self._process.wait()
        why = f"signal {-code}" if code < 0 else f"exit code {code}"
        return EnvironmentProblem("the process that runs the project ended", why=why, fix="ask again; it is started anew")
