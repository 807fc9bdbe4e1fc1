"""A place where runs are made: a worker below a supervisor, both gone with this process, and all that they started.

driver ── socket ──▸ two supervisors ──▸ worker ──▸ kernel, in a session of its own
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from nb2svc.errors import EnvironmentProblem, InternalError, Nb2svcError, RunError, UsageError
from nb2svc.ir.codec import from_json
from nb2svc.ir.validation import RunResult
from nb2svc.system.processes import end_marked, tail
from nb2svc.validate.task import RunTask, as_message

_SUPERVISOR = Path(__file__).with_name("supervisor.py")
# What a run may take beside its own time: a kernel's start, an interrupt that is not heard, writing.
_BESIDE = 180.0
_PATIENCE = 10.0
# The variable that all below a slot inherit.
SLOT = "NB2SVC_SLOT"
_ERRORS: Mapping[int, type[Nb2svcError]] = {2: UsageError, 4: RunError, 5: EnvironmentProblem}

Event = Mapping[str, Any]


class SlotLostError(Exception):
    """The worker ended in the middle of a run; `log` is the last that it said.

    `stopped` says that we were told to stop, `over_time` that it ran past the run's limit and did not answer.
    """

    def __init__(self, log: str, *, stopped: bool, over_time: bool = False) -> None:
        super().__init__("the worker is gone")
        self.log = log
        self.stopped = stopped
        self.over_time = over_time


class Slot:
    """One worker, started when it is first needed and again when it was lost. `log` takes what it prints by itself.

    `environment` are the variables that all below it have; without it those of this process.
    """

    def __init__(self, log: Path, environment: Mapping[str, str] | None = None) -> None:
        self._log = log
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline: socket.socket | None = None
        self._stopped = False
        self._lock = threading.Lock()
        self._mark = secrets.token_hex(16)

    def run(self, task: RunTask, staged: Path, tell: Callable[[Event], None]) -> RunResult:
        """Make a run; `tell` hears of its cells.

        Raises:
            SlotLostError: the worker is gone.
            Nb2svcError: the run could not be made or kept.
        """
        process = self._started()
        assert process.stdin is not None
        over_time = threading.Event()

        def end() -> None:
            over_time.set()
            self._end()

        limit = threading.Timer((task.limit or 0.0) + _BESIDE, end)
        limit.daemon = True
        try:
            if task.timeout is not None:
                limit.start()
            process.stdin.write(json.dumps(as_message(task, staged=str(staged))).encode() + b"\n")
            process.stdin.flush()
            message = self._answer(process, tell)
        except (BrokenPipeError, EOFError, ValueError):
            self._end()
            raise SlotLostError(tail(self._log), stopped=self._stopped, over_time=over_time.is_set()) from None
        finally:
            limit.cancel()
        if "problem" in message:
            raise raised(message["problem"])
        return from_json(RunResult, message["result"])

    def stop(self) -> None:
        """End the worker and all below it; a run that it makes is lost."""
        self._stopped = True
        self._end()

    def _started(self) -> "subprocess.Popen[bytes]":
        with self._lock:
            if self._stopped:
                raise SlotLostError("", stopped=True)
            if self._process is None or self._process.poll() is not None:
                self._process = self._start()
            return self._process

    def _start(self) -> "subprocess.Popen[bytes]":
        ours, theirs = socket.socketpair()
        # -P: a module in the folder where somebody stands must not come before Python's own.
        command = [
            sys.executable,
            "-P",
            str(_SUPERVISOR),
            str(theirs.fileno()),
            sys.executable,
            "-P",
            "-m",
            "nb2svc.validate.worker",
        ]
        try:
            with self._log.open("ab") as log:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env={**(os.environ if self._environment is None else self._environment), SLOT: self._mark},
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
        except OSError as error:
            ours.close()
            raise EnvironmentProblem(
                "can't start a worker", where=sys.executable, why=error.strerror or str(error), fix="close other programs"
            ) from error
        finally:
            theirs.close()
        self._lifeline = ours
        return process

    def _answer(self, process: "subprocess.Popen[bytes]", tell: Callable[[Event], None]) -> dict[str, Any]:
        """The first line that is no event."""
        assert process.stdout is not None
        while line := process.stdout.readline():
            message: dict[str, Any] = json.loads(line)
            if "event" not in message:
                return message
            tell(message)
        raise EOFError

    def _end(self) -> None:
        with self._lock:
            process, self._process = self._process, None
            lifeline, self._lifeline = self._lifeline, None
        if process is None or lifeline is None:
            return
        with lifeline, suppress(OSError):
            lifeline.shutdown(socket.SHUT_WR)
            lifeline.settimeout(_PATIENCE)
            # It ends when both supervisors have: one that was killed itself is not waited for in vain.
            lifeline.recv(1)
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        # Were both killed, nobody else could end what was below them.
        end_marked(self._mark, variable=SLOT)
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                if stream is not None:
                    stream.close()


def raised(problem: Mapping[str, Any]) -> Nb2svcError:
    """The error whose parts came from another process."""
    what, where, why, fix, details = (str(problem[name]) for name in ("what", "where", "why", "fix", "details"))
    return _ERRORS.get(problem["exit_code"], InternalError)(what, where=where, why=why, fix=fix, details=details)
