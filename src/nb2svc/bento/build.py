"""A project becomes a bento in the user's store."""

import os
import re
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nb2svc.bento.environment import require_bentoml
from nb2svc.errors import EnvironmentProblem, UsageError
from nb2svc.system import processes
from nb2svc_runtime.version import content_version


@dataclass(frozen=True, slots=True, kw_only=True)
class Bento:
    """A built bento: its tag, folder, and whether it was there already (the same content was built before), `made` then."""

    tag: str
    path: Path
    existed: bool
    made: str = ""


def build_bento(project: Path, *, interpreter: str = sys.executable, seconds: float = 600) -> Bento:
    """Build the project's bento; its version is the digest of the project's content, so the same content is one bento.

    Raises:
        EnvironmentProblem: BentoML is missing, or could not build (with its output).
        UsageError: the folder is no project.
    """
    found = stored_bento(project)
    if found is not None:
        return found
    require_bentoml(interpreter)
    version = content_version(project / _package(project))
    command = [interpreter, "-m", "bentoml", "build", ".", "--version", version, "--output", "tag"]
    variables = {**os.environ, "BENTOML_DO_NOT_TRACK": "True", "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory(prefix="nb2svc-bento-log-") as folder:
        done = processes.run(command, log=Path(folder) / "build.log", timeout=seconds, cwd=project, env=variables)
        built = re.search(r"__tag__:(\S+)", done.log.read_text(errors="replace"))
        if done.timed_out:
            raise _failed(project, f"it took longer than {seconds:.0f} s", done)
        if done.code != 0 or built is None:
            raise _failed(project, f"exit code {done.code}", done)
    return Bento(tag=built.group(1), path=store().joinpath("bentos", *built.group(1).split(":")), existed=False)


def stored_bento(project: Path) -> Bento | None:
    """The bento of the project's content, where the user's store has it.

    Raises:
        UsageError: the folder is no project.
    """
    package = _package(project)
    name, version = _service_name(project / package / "service.py"), content_version(project / package)
    path = store() / "bentos" / name / version
    try:
        seconds = (path / "bento.yaml").stat().st_mtime
    except OSError:
        return None
    return Bento(tag=f"{name}:{version}", path=path, existed=True, made=datetime.fromtimestamp(int(seconds), UTC).isoformat())


def store() -> Path:
    """BentoML's home: the user's, unless BENTOML_HOME says otherwise."""
    return Path(os.environ.get("BENTOML_HOME") or Path.home() / "bentoml")


def _package(project: Path) -> str:
    try:
        settings = tomllib.loads((project / "pyproject.toml").read_text())
        return str(settings["tool"]["bentoml"]["build"]["service"]).partition(".")[0]
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise UsageError(
            "the folder is no service project",
            where=str(project / "pyproject.toml"),
            why="it names no BentoML service",
            fix="name the folder that a build wrote",
        ) from error


def _service_name(module: Path) -> str:
    found = re.search(r'@bentoml\.service\(name="([^"]+)"', module.read_text())
    if found is None:
        raise UsageError(
            "service.py names no service",
            where=str(module),
            why="its @bentoml.service has no name",
            fix="build the notebook again",
        )
    return found.group(1).lower().replace("_", "-")  # as BentoML names the bento of a service


def _failed(project: Path, why: str, done: processes.Finished) -> EnvironmentProblem:
    return EnvironmentProblem(
        "the bento could not be built", where=str(project), why=why, fix="run: bentoml build .", details=done.tail(25)
    )
