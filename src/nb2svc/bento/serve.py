"""Running servers: one that a person watches, and one that a proof or a test needs for a while."""

import os
import shutil
import signal
import socket
import subprocess
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
from nb2svc.errors import EnvironmentProblem, UsageError

HOST = "127.0.0.1"
# BentoML restarts a service whose start fails for ever; this line in its log is how to know.
_FAILED = "Application startup failed"


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
    home = Path(tempfile.mkdtemp(prefix="nb2svc-serve-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        log = home / "server.log"
        chosen = free_port() if port is None else port
        with log.open("wb") as output:
            process = subprocess.Popen(
                _command(interpreter, what, host=HOST, port=chosen),
                cwd=folder,
                env=_variables(home, workers=workers),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        url = f"http://{HOST}:{chosen}"
        _wait_until_ready(process, url, log, seconds=seconds)
        yield Running(url=url, log=log, pid=process.pid)
    finally:
        if process is not None:
            stop(process)
        shutil.rmtree(home, ignore_errors=True)


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
    with tempfile.TemporaryDirectory(prefix="nb2svc-serve-") as home:
        process = subprocess.Popen(
            _command(interpreter, ".", host=host, port=port),
            cwd=project,
            env=_variables(Path(home), workers=workers),
            start_new_session=True,
        )
        try:
            return process.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            stop(process)


def free_port() -> int:
    """A port of loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def stop(process: subprocess.Popen[bytes], *, seconds: float = 15) -> None:
    """End a server and its workers: asked first, then killed; BentoML's workers outlive a supervisor that is only killed."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _located(target: Path | str) -> tuple[Path, str]:
    """Where to start BentoML, and what to tell it."""
    if isinstance(target, Path):
        return target, "."
    name, _, version = target.partition(":")
    store = Path(os.environ.get("BENTOML_HOME") or Path.home() / "bentoml") / "bentos" / name / version
    if not version or not (store / "bento.yaml").is_file():
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


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        if process.poll() is not None:
            raise _not_started(f"it ended with exit code {process.returncode}", log)
        if _FAILED in log.read_text(errors="replace"):
            raise _not_started("its start failed", log)
        if _is_ready(url):
            return
        if time.monotonic() > deadline:
            raise _not_started(f"it was not ready after {seconds:.0f} s", log)
        time.sleep(0.1)


def _is_ready(url: str) -> bool:
    # The port takes connections before a worker answers: a short time limit, and no proxy in between.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _not_started(why: str, log: Path) -> EnvironmentProblem:
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
    return EnvironmentProblem(
        "the service did not start", where=str(log), why=why, fix="the last lines of its log say what is missing", details=tail
    )
