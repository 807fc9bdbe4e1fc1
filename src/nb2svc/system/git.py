"""The git that the user has, asked for what it prints."""

import subprocess
from pathlib import Path

from nb2svc.errors import EnvironmentProblem, UsageError

_TIMEOUT = 120.0


def git(words: list[str], *, top: Path | None = None) -> str:
    """What git prints.

    Raises:
        UsageError: it says no.
        EnvironmentProblem: it can't be started, or does not end.
    """
    try:
        done = subprocess.run(
            ["git", *words],  # noqa: S607 - the git that the user has
            cwd=top,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentProblem(
            "git can't be started", where="git", why=str(error), fix="install git, or name folders"
        ) from error
    if done.returncode != 0:
        raise UsageError("git says no", why=done.stderr.strip())
    return done.stdout
