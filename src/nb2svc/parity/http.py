"""The same rows over HTTP: sent by a process that can't import the project, to the service that is really running."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from nb2svc.errors import InternalError
from nb2svc.parity.process import HARNESS

# Starts the project's service and yields its base URL; the service is gone when the body ends.
Serving = Callable[[Path], AbstractContextManager[str]]
LIMIT = 1800


def send(url: str, *, requests: Path, answers: Path) -> None:
    """Send every request of the file to `url` + `/predict` and write what came back.

    Raises:
        InternalError: the client itself failed.
    """
    # Isolated mode in an empty folder: neither the working directory nor PYTHONPATH leads to the project.
    command = [sys.executable, "-I", str(HARNESS / "client.py"), url, str(requests.resolve()), str(answers.resolve())]
    with tempfile.TemporaryDirectory(prefix="nb2svc-client-") as elsewhere:
        done = subprocess.run(command, cwd=elsewhere, capture_output=True, text=True, timeout=LIMIT, check=False)
    if done.returncode != 0:
        raise InternalError("the proof's HTTP client failed", details=done.stderr[-2000:])
