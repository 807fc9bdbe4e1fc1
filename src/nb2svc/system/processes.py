"""Subprocesses that end: own session, a time limit, output in a file, and nothing of theirs left behind.

A server's workers may leave their parent's process group (they call `setsid`), so a process and all its descendants carry
a mark in their environment; whoever bears it is ended with the process.
"""

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from nb2svc.errors import EnvironmentProblem
from nb2svc.system.files import disk_errors

# The environment variable that marks a process and all its descendants.
MARK = "NB2SVC_PROCESS"
_GRACE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a process ended. `code` is negative for a signal; `timed_out` says that the time limit ended it."""

    code: int
    seconds: float
    log: Path
    timed_out: bool

    def tail(self, lines: int = 30) -> str:
        """The last lines of its output."""
        return tail(self.log, lines)


class Running:
    """A process that was started by `started`; its output goes to `log`."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path, mark: str) -> None:
        self._process = process
        self._mark = mark
        self.log = log

    @property
    def pid(self) -> int:
        """The process id, which is also its group's."""
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.poll()

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end: the exit code, or None when the time is over."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def tail(self, lines: int = 30) -> str:
        """The last lines of its output so far."""
        return tail(self.log, lines)

    def stop(self, *, grace: float = _GRACE) -> int:
        """End the process and all that it started: politely, after `grace` seconds by force. Returns its exit code."""
        if self._process.poll() is None:
            self._signal(signal.SIGTERM)
            if self.wait(grace) is None:
                self._signal(signal.SIGKILL)
        self._end_strays()
        return self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def _end_strays(self) -> None:
        # The group may outlive its leader; workers may have left the group.
        self._signal(signal.SIGKILL)
        end_marked(self._mark)


@contextmanager
def started(
    command: Sequence[str], *, log: Path, cwd: Path | None = None, env: Mapping[str, str] | None = None, grace: float = _GRACE
) -> Iterator[Running]:
    """A process in a session of its own, standard input empty, all output appended to `log`; ended with the body.

    `env` replaces the environment (default: ours).

    Raises:
        EnvironmentProblem: the program can't be started, or the log not be written.
    """
    mark = secrets.token_hex(16)
    with disk_errors("write the log", where=log), log.open("ab") as output:
        process = _launch(command, output.fileno(), cwd, {**(os.environ if env is None else env), MARK: mark})
    running = Running(process, log, mark)
    try:
        yield running
    finally:
        running.stop(grace=grace)


def run(
    command: Sequence[str], *, log: Path, timeout: float | None, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Finished:
    """Run a command to its end, at most `timeout` seconds; its output is in `log`, and nothing it started lives on.

    Raises:
        EnvironmentProblem: the program can't be started, or the log not be written.
    """
    begin = time.monotonic()
    with started(command, log=log, cwd=cwd, env=env) as running:
        code = running.wait(timeout)
        timed_out = code is None
        ended = running.stop()
    return Finished(code=ended, seconds=time.monotonic() - begin, log=log, timed_out=timed_out)


def watch(command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None, grace: float = _GRACE) -> int:
    """Run a command that a person watches: its output is ours, and Ctrl-C ends it with all that it started, with code 0.

    Raises:
        EnvironmentProblem: the program can't be started.
    """
    mark = secrets.token_hex(16)
    process = _launch(command, None, cwd, {**(os.environ if env is None else env), MARK: mark})
    running = Running(process, Path(os.devnull), mark)
    try:
        return process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        running.stop(grace=grace)


def end_marked(mark: str, *, variable: str = MARK) -> None:
    """Kill all processes whose environment has this value of the variable, wherever they moved (Linux only)."""
    deadline = time.monotonic() + _GRACE
    while (strays := _marked(mark, variable)) and time.monotonic() < deadline:
        for pid in strays:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def tail(log: Path, lines: int = 30, *, limit: int = 16_384) -> str:
    """The last lines of a log, at most `limit` bytes: a runaway process can't flood a message."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - limit))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def _launch(command: Sequence[str], output: int | None, cwd: Path | None, env: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            list(command),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        missing = cwd is not None and not cwd.is_dir()
        raise EnvironmentProblem(
            f"can't start {Path(command[0]).name}",
            where=str(cwd if missing else command[0]),
            why="there is no such folder" if missing else (error.strerror or str(error)),
            fix="check that it is installed and may be run",
        ) from error


def _marked(mark: str, variable: str) -> tuple[int, ...]:
    """Living processes with the mark in the environment they were started with; none where there is no /proc."""
    found = []
    needle = f"{variable}={mark}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            marked = needle in (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if marked and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return tuple(found)
