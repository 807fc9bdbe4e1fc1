"""The worker's side of a fork server: it starts one for an environment and a notebook's imports, and kernels below it.

A server is kept as long as kernels are wanted with the same command, environment, folder and imports; a kernel with others gets
another server, for much is read from the environment when a library is imported, and the hash seed is the process's.
"""

import os
import select
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nb2svc.capture.libraries import Installed
from nb2svc.system import clock
from nb2svc.system.descendants import has_ended, strays
from nb2svc.system.processes import MARK
from nb2svc.validate.forking.command import interpreter_of
from nb2svc.validate.forking.imports import Import
from nb2svc.validate.forking.side import talk

_SIDE = Path(__file__).with_name("side")
_SYSTEM = Path(__file__).parents[2] / "system" / "descendants.py"
# What notes a run's facts in its kernel: it is made ready once (side/known.py).
_CAPTURE = Path(__file__).parents[2] / "capture"
_RECORDER = {
    **{name: _CAPTURE / f"kernel_{name}.py" for name in ("installed", "side", "facts")},
    "validate": Path(__file__).parents[1] / "kernel_side.py",
}
# The folder where a person stands must not come before Python's own modules.
_BOOT = """\
import sys
if sys.path[:1] == [""]:
    del sys.path[0]
sys.argv[:1] = []
exec(compile(open(sys.argv[0], encoding="utf-8").read(), sys.argv[0], "exec"), {"__name__": "nb2svc_fork_server"})
"""
# Threads that are known to bear a fork: jemalloc stops and starts its own around it.
THREADS = ("jemalloc_bg_thd",)
# Libraries that hang in a fork, start threads or take hold of a device; the run imports them itself.
_DENIED = (
    *("torch", "tensorflow", "jax", "keras", "mxnet", "paddle", "onnxruntime", "cupy", "cudf", "cuml", "numba.cuda"),
    *("xgboost", "lightgbm", "catboost", "polars", "duckdb", "loky", "ray", "distributed", "h2o", "pyspark", "mlflow", "wandb"),
)
# They differ from run to run and mean nothing to a library.
_OF_A_RUN = (MARK, "JPY_PARENT_PID", "JPY_SESSION_NAME")
_IMPORTING = 120.0
_STARTING = 20.0
_ENDING = 20.0
_SILENT = 3.0
_WAIT = 0.005
_MOST_LEFT_OUT = 4


class ForkTroubleError(Exception):
    """No kernel can be forked; the message says why, in the words of a report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A kernel to start: `command` as jupyter_client would run it. Its recorder begins with it, and is told `config`."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    cwd: str
    imports: tuple[Import, ...]
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[Any, ...]:
        """Equal for kernels that one server can be the parent of."""
        kept = tuple(sorted((name, value) for name, value in self.environment.items() if name not in _OF_A_RUN))
        return (interpreter_of(self.command)[:2], kept, self.cwd, self.imports)


class Forked:
    """A forked kernel, with what jupyter_client asks of a process; `cpu_seconds` are known when it has ended."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, server: "ForkServer") -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.cpu_seconds = 0.0
        self._server = server

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        if self.returncode is None:
            self._server.listen(self, 0.0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end.

        Raises:
            subprocess.TimeoutExpired: it has not ended by then.
        """
        if self.returncode is None:
            self._server.listen(self, timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("kernel", timeout or 0.0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal it and its group, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


@dataclass(slots=True)
class Host:
    """Kernels are asked of it. What servers cost is no run's.

    `seconds` is how long it was waited for servers, `reaped` the processor time of those that ended and of their kernels, which
    the system counts as this process's children. `cells` is how long each cell took at most, by its id. `lone` says that this
    process makes runs and nothing else: all below it but a server is a run's. `installed` are the libraries that runs found.
    `known` are kernels that were forked, by what was asked for. `room` is how many calls cells can make within each other in a
    kernel (0: unknown).
    """

    seconds: float = 0.0
    reaped: float = 0.0
    cells: dict[str, float] = field(default_factory=dict)
    shares: dict[str, Any] = field(default_factory=dict)
    lone: bool = False
    installed: Installed = field(default_factory=Installed)
    known: dict[tuple[Any, ...], Wanted] = field(default_factory=dict)
    room: int = 0
    _server: "ForkServer | None" = None
    _refused: dict[tuple[Any, ...], str] = field(default_factory=dict)

    def kernel(self, wanted: Wanted, streams: Sequence[int]) -> Forked:
        """A forked kernel; its standard output and error are `streams`.

        Raises:
            ForkTroubleError: there is none.
        """
        begin = clock.seconds()
        try:
            server = self.warmed(wanted)
        finally:
            self.seconds += clock.seconds() - begin
        try:
            return server.kernel(wanted, streams)
        except ForkTroubleError as trouble:
            self.refuse(wanted, str(trouble))
            raise

    def left_out(self) -> Mapping[str, str]:
        """The imports that are left to each run, and why."""
        return self._server.left_out if self._server is not None else {}

    def refuse(self, wanted: Wanted, why: str) -> None:
        """Start no other kernel of this kind."""
        self._refused[wanted.key] = why
        self.end()

    def end(self) -> None:
        """End the server and all below it."""
        server, self._server = self._server, None
        if server is not None:
            self.reaped += server.end()

    def end_strays(self) -> None:
        """End what a run left below this process, when it is over: a kernel's own, or what a server left that was killed."""
        deadline = clock.seconds() + _ENDING
        while self.lone and clock.seconds() < deadline:
            found = strays([self._server.pid] if self._server is not None else [])
            if not found:
                return
            for pid in found:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
                with suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)
            select.select([], [], [], _WAIT)

    def warmed(self, wanted: Wanted) -> "ForkServer":
        """The server for a kernel, which is started where there is none.

        Raises:
            ForkTroubleError: it can't be.
        """
        if wanted.key in self._refused:
            raise ForkTroubleError(self._refused[wanted.key])
        if self._server is not None and (self._server.key != wanted.key or self._server.is_gone()):
            self.end()
        left_out: dict[str, str] = {}
        while self._server is None:
            self._server = ForkServer(wanted)
            try:
                problem = self._server.load(left_out)
            except ForkTroubleError as trouble:
                self.refuse(wanted, str(trouble))
                raise
            if problem is None:
                break
            name, why = problem
            self.end()
            if not name or len(left_out) == _MOST_LEFT_OUT:
                self.refuse(wanted, f"{name} {why}".strip())
                raise ForkTroubleError(self._refused[wanted.key])
            # The process has it now: one without it is begun anew.
            left_out[name] = why
        return self._server


class ForkServer:
    """One fork server, and the kernel that it has now."""

    def __init__(self, wanted: Wanted) -> None:
        self.key = wanted.key
        self.left_out: dict[str, str] = {}
        self._imports = wanted.imports
        self._kernel: Forked | None = None
        self._unreaped: float | None = None
        ours, theirs = socket.socketpair()
        self._link = ours
        self._log = os.memfd_create("nb2svc-fork-server")
        interpreter, options = interpreter_of(wanted.command)[:2]
        command = [interpreter, *options, "-c", _BOOT, str(_SIDE / "server.py"), str(_SIDE), str(_SYSTEM), str(theirs.fileno())]
        environment = {name: value for name, value in wanted.environment.items() if name not in _OF_A_RUN}
        try:
            with theirs:
                self._process = subprocess.Popen(
                    command,
                    cwd=wanted.cwd,
                    # A pool of threads that is there when it is forked is not; the kernel makes its own (side/becoming.py).
                    env={**environment, "OPENBLAS_NUM_THREADS": "1"},
                    stdin=subprocess.DEVNULL,
                    stdout=self._log,
                    stderr=self._log,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
        except OSError as error:
            ours.close()
            raise ForkTroubleError(f"the fork server can't be started: {error.strerror or error}") from error

    def load(self, left_out: Mapping[str, str]) -> tuple[str, str] | None:
        """Have it import; the import that it can't be forked with, and why, or None."""
        self.left_out = dict(left_out)
        imports = [[each.top, each.source] for each in self._imports if each.top not in _DENIED]
        asked = {
            "do": "load",
            "imports": imports,
            "left_out": list(left_out),
            "denied": _DENIED,
            "threads": THREADS,
            "recorder": {name: str(path) for name, path in _RECORDER.items()},
        }
        found = self.ask(asked, (), _IMPORTING)
        problem = found["problem"]
        return (problem["import"], problem["why"]) if problem else None

    def kernel(self, wanted: Wanted, streams: Sequence[int]) -> Forked:
        """Fork a kernel."""
        _, _, module, arguments = interpreter_of(wanted.command)
        asked: dict[str, Any] = {"do": "kernel", "module": module, "argv": list(arguments), "cwd": wanted.cwd}
        asked.update(env=dict(wanted.environment), config=dict(wanted.config))
        return self.fork(asked, streams)

    def fork(self, asked: dict[str, Any], descriptors: Sequence[int]) -> Forked:
        """Fork what was asked for, when the one before has ended."""
        if self._kernel is not None and self._kernel.returncode is None:
            raise ForkTroubleError("the kernel before it has not ended")
        self._kernel = Forked(self.ask(asked, descriptors, _STARTING)["started"], self)
        return self._kernel

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def listen(self, kernel: Forked, timeout: float | None) -> None:
        """Hear whether the kernel has ended."""
        message = self._heard(timeout)
        if message == {} and self._is_told_of(kernel):
            return
        if not message:
            # The server is gone, and its kernels with it.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(kernel.pid, signal.SIGKILL)
            kernel.returncode = -signal.SIGKILL
        elif message.get("ended") == kernel.pid:
            kernel.returncode = message["code"]
            kernel.cpu_seconds = message["cpu_seconds"]

    def _is_told_of(self, kernel: Forked) -> bool:
        """Whether the server would say that the kernel has ended; one that was stopped does not, and is ended."""
        if not has_ended(kernel.pid):
            self._unreaped = None
            return True
        self._unreaped = self._unreaped or clock.seconds()
        if clock.seconds() - self._unreaped < _SILENT:
            return True
        self.kill()
        return False

    def kill(self) -> None:
        """End it at once: it does not answer."""
        self._process.kill()

    def is_gone(self) -> bool:
        """Whether it was killed."""
        return self._heard(0.0) is None

    def end(self) -> float:
        """End it, and all below it; the processor time that it and they used."""
        if self._kernel is not None and self._kernel.returncode is None:
            self._kernel.returncode = -signal.SIGKILL
        self._link.close()
        deadline = clock.seconds() + _ENDING
        used = None
        while used is None:
            if clock.seconds() > deadline:
                self._process.kill()
            used = self._reaped()
        os.close(self._log)
        return used

    def _reaped(self) -> float | None:
        try:
            pid, status, usage = os.wait4(self._process.pid, os.WNOHANG)
        except ChildProcessError:
            return 0.0
        if not pid:
            with suppress(OSError):
                select.select([], [], [], _WAIT)
            return None
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_utime + usage.ru_stime

    def ask(self, message: dict[str, Any], descriptors: Sequence[int], patience: float) -> dict[str, Any]:
        """The answer to a message.

        Raises:
            ForkTroubleError: there is none.
        """
        try:
            talk.send(self._link, message, descriptors)
        except OSError:
            raise ForkTroubleError(self._gone()) from None
        found = self._heard(patience)
        if found is None:
            raise ForkTroubleError(self._gone())
        if not found:
            raise ForkTroubleError(f"the fork server did not answer after {patience:.0f} s")
        return found

    def _heard(self, timeout: float | None) -> dict[str, Any] | None:
        """The next message, {} where none came, None where the server is gone."""
        ready, _, _ = select.select([self._link], [], [], timeout)
        if not ready:
            return {}
        received = talk.receive(self._link)
        return received[0] if received else None

    def _gone(self) -> str:
        lines = os.pread(self._log, 1 << 20, 0)[-4096:].decode(errors="replace").strip().splitlines()
        return f"the fork server is gone{': ' + lines[-1] if lines else ''}"
