"""Running servers: one that a person watches, and one that a proof or a test needs for a while."""

import os
import secrets
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from nb2svc.bento.environment import require_bentoml
from nb2svc.bento.store import bento_folder, is_bento
from nb2svc.errors import EnvironmentProblem, UsageError
from nb2svc.system import processes

HOST = "127.0.0.1"
# BentoML restarts a service whose start fails for ever; this line in its log is how to know.
_FAILED = "Application startup failed"
_GRACE = 15.0
# Below what Linux and macOS give to whoever asks for any port.
_GIVEN_TO_NOBODY = range(20_000, 32_000)
_TRIES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that answers: its base address (without a slash at the end), log file and process id."""

    url: str
    log: Path
    pid: int


@contextmanager
def running(
    target: Path | str, *, interpreter: str = sys.executable, port: int | None = None, seconds: float = 120, workers: int = 1
) -> Iterator[Running]:
    """A server on loopback for as long as the block runs: of a project folder, or of a bento by its tag.

    It has a BENTOML_HOME of its own, so that it neither reads nor wipes what another server counts.

    Raises:
        EnvironmentProblem: BentoML is missing, the port is taken, or the service does not start (with the log's tail).
    """
    require_bentoml(interpreter)
    folder, what = _located(target)
    with tempfile.TemporaryDirectory(prefix="nb2svc-serve-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        chosen = free_port() if port is None else port
        command = _command(interpreter, what, host=HOST, port=chosen)
        variables = _variables(home, workers=workers)
        with processes.started(command, log=home / "server.log", cwd=folder, env=variables, grace=_GRACE) as process:
            url = f"http://{HOST}:{chosen}"
            _wait_until_ready(process, url, seconds=seconds)
            yield Running(url=url, log=process.log, pid=process.pid)


def serve(project: Path, *, host: str = HOST, port: int = 3000, interpreter: str = sys.executable, workers: int = 1) -> int:
    """Serve a project until it is interrupted; returns BentoML's exit code (0 after Ctrl-C).

    Raises:
        EnvironmentProblem: BentoML is missing, or the port is taken.
        UsageError: the folder is no project.
    """
    require_bentoml(interpreter)
    if not (project / "pyproject.toml").is_file():
        raise UsageError(
            "the folder is no service project",
            where=str(project),
            why="it has no pyproject.toml",
            fix="name the folder that a build wrote",
        )
    _require_free(host, port)
    with tempfile.TemporaryDirectory(prefix="nb2svc-serve-", ignore_cleanup_errors=True) as home:
        command = _command(interpreter, ".", host=host, port=port)
        return processes.watch(command, cwd=project, env=_variables(Path(home), workers=workers), grace=_GRACE)


def free_port() -> int:
    """A port of loopback that nobody listens on at this moment.

    It is none that the system gives to whoever asks for any: another process might get it before the service listens.
    """
    for _ in range(_TRIES):
        port = _GIVEN_TO_NOBODY.start + secrets.randbelow(len(_GIVEN_TO_NOBODY))
        with suppress(OSError), socket.socket() as probe:
            probe.bind((HOST, port))
            return port
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        given: int = probe.getsockname()[1]
        return given


def _located(target: Path | str) -> tuple[Path, str]:
    """Where to start BentoML, and what to tell it."""
    if isinstance(target, Path):
        return target, "."
    store = bento_folder(target)
    if not is_bento(target):
        raise EnvironmentProblem(
            f"there is no bento {target}",
            where=str(store),
            why="it was not built, or was deleted",
            fix="build the notebook again",
        )
    return store, str(store)


def _command(interpreter: str, target: str, *, host: str, port: int) -> Sequence[str]:
    options = ["--host", host, "--port", str(port), "--timeout-graceful-shutdown", "10"]
    return [interpreter, "-m", "bentoml", "serve", target, *options]


def _variables(home: Path, *, workers: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BENTOML_", "PROMETHEUS_"))}
    own = {"BENTOML_HOME": str(home), "BENTOML_DO_NOT_TRACK": "True", "PYTHONUNBUFFERED": "1"}
    if workers != 1:
        own["BENTOML_CONFIG_OVERRIDES"] = f'{{"services": {{"workers": {workers}}}}}'
    return {**kept, **own}


def _require_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise EnvironmentProblem(
                f"port {port} can't be used",
                where=f"{host}:{port}",
                why=error.strerror or str(error),
                fix="choose another with --port",
            ) from error


def _wait_until_ready(process: processes.Running, url: str, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        code = process.poll()
        if code is not None:
            raise _not_started(f"it ended with exit code {code}", process)
        if _FAILED in process.log.read_text(errors="replace"):
            raise _not_started("its start failed", process)
        if _is_ready(url):
            return
        if time.monotonic() > deadline:
            raise _not_started(f"it was not ready after {seconds:.0f} s", process)
        time.sleep(0.1)


def _is_ready(url: str) -> bool:
    # The port takes connections before a worker answers: a short time limit, and no proxy in between.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _not_started(why: str, process: processes.Running) -> EnvironmentProblem:
    fix = "the last lines of its log say what is missing"
    return EnvironmentProblem("the service did not start", where=str(process.log), why=why, fix=fix, details=process.tail(25))
