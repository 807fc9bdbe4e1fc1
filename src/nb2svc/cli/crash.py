"""The report of an internal error: where in our code it came up and with which versions, no code and no data of the user."""

import os
import platform
import sys
import time
import traceback
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from nb2svc import __version__
from nb2svc.errors import InternalError

_DISTRIBUTIONS = ("bentoml", "click", "ipykernel", "ipython", "jinja2", "nbclient", "nbformat", "papermill", "rich", "skops")
_OWN = Path(__file__).resolve().parents[1]


def save_report(error: BaseException, arguments: Sequence[str]) -> Path | None:
    """Write the report to the user's cache; None where that is not possible."""
    folder = cache_folder() / "reports"
    path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(report(error, arguments), encoding="utf-8")
    except OSError:
        return None
    return path


def report(error: BaseException, arguments: Sequence[str]) -> str:
    """The report's text. Messages of foreign exceptions are left out: a KeyError's is a value of somebody's data."""
    versions = [f"{name} {_version(name)}" for name in _DISTRIBUTIONS]
    head = [f"nb2svc {__version__}", f"python {platform.python_version()} on {platform.platform()}", ", ".join(versions)]
    lines = [*head, f"command: {_command(arguments)}", ""]
    current: BaseException | None = error
    while current is not None:
        lines += [_name(current), *_frames(current), ""]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n".join(lines)


def cache_folder() -> Path:
    """Where caches of this user belong on this system."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "nb2svc"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nb2svc"


def _command(arguments: Sequence[str]) -> str:
    """The command and its options, without any value: paths and parameters are the user's own."""
    words = list(arguments[:1]) + [word.partition("=")[0] for word in arguments[1:] if word.startswith("-")]
    return " ".join(words)


def _name(error: BaseException) -> str:
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    return f"{kind}: {error.what}" if isinstance(error, InternalError) else kind


def _frames(error: BaseException) -> list[str]:
    """File, line and function of each step; the text of a line only where it is our own code."""
    lines = []
    for frame in traceback.extract_tb(error.__traceback__):
        own = Path(frame.filename).is_relative_to(_OWN)
        text = f"    {frame.line}" if own and frame.line else ""
        lines.append(f"  {frame.filename}:{frame.lineno} {frame.name}{text}")
    return lines


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"
