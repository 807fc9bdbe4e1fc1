"""Are BentoML and skops there for the interpreter that serves?"""

import subprocess
import sys

from nb2svc.errors import EnvironmentProblem

_PROBE = "import importlib.metadata as m; print(m.version({!r}))"
LOWEST = (1, 4, 39)


def require_bentoml(interpreter: str = sys.executable) -> str:
    """BentoML's version for an interpreter.

    Raises:
        EnvironmentProblem: the interpreter does not start, BentoML is not installed for it, or is too old.
    """
    command = f'{interpreter} -m pip install "bentoml>=1.4.39,<1.5"'
    found = _version(interpreter, "bentoml")
    if not found:
        raise EnvironmentProblem(
            "BentoML is not installed", where=interpreter, why="the service is built and served with it", fix=f"run: {command}"
        )
    if _numbers(found) < LOWEST or _numbers(found)[:2] > LOWEST[:2]:
        raise EnvironmentProblem(
            f"BentoML {found} is installed, and 1.4 from 1.4.39 on is needed",
            where=interpreter,
            why="other versions treat requests and errors in other ways",
            fix=f"run: {command}",
        )
    return found


def require_kernel(interpreter: str) -> None:
    """Whether a notebook's own interpreter, with whose libraries the service runs, can pack and serve a model.

    Raises:
        EnvironmentProblem: the interpreter does not start, BentoML or skops is not installed for it, or BentoML is too old.
    """
    require_bentoml(interpreter)
    if not _version(interpreter, "skops"):
        raise EnvironmentProblem(
            "skops is not installed",
            where=interpreter,
            why="the notebook's kernel runs in this Python, and its model is kept as data with it",
            fix=f'run: {interpreter} -m pip install "skops>=0.11"',
        )


def _version(interpreter: str, distribution: str) -> str:
    """The installed version of a distribution, "" where there is none."""
    command = [interpreter, "-c", _PROBE.format(distribution)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentProblem(
            "the interpreter can't be started", where=interpreter, why=str(error), fix="name a Python that runs"
        ) from error
    return done.stdout.strip() if done.returncode == 0 else ""


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.split(".")[:3]
    return tuple(int("".join(letter for letter in part if letter.isdigit()) or 0) for part in parts)
