"""Is BentoML there for the interpreter that serves?"""

import subprocess
import sys

from nb2svc.errors import EnvironmentProblem

_PROBE = "import importlib.metadata as m; print(m.version('bentoml'))"
LOWEST = (1, 4, 39)


def require_bentoml(interpreter: str = sys.executable) -> str:
    """BentoML's version for an interpreter.

    Raises:
        EnvironmentProblem: the interpreter does not start, BentoML is not installed for it, or is too old.
    """
    command = f'{interpreter} -m pip install "bentoml>=1.4.39,<1.5"'
    try:
        done = subprocess.run([interpreter, "-c", _PROBE], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentProblem(
            "the interpreter can't be started", where=interpreter, why=str(error), fix="name a Python that runs"
        ) from error
    if done.returncode != 0:
        raise EnvironmentProblem(
            "BentoML is not installed", where=interpreter, why="the service is built and served with it", fix=f"run: {command}"
        )
    found = done.stdout.strip()
    if _numbers(found) < LOWEST or _numbers(found)[:2] > LOWEST[:2]:
        raise EnvironmentProblem(
            f"BentoML {found} is installed, and 1.4 from 1.4.39 on is needed",
            where=interpreter,
            why="other versions treat requests and errors in other ways",
            fix=f"run: {command}",
        )
    return found


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.split(".")[:3]
    return tuple(int("".join(letter for letter in part if letter.isdigit()) or 0) for part in parts)
