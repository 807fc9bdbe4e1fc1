"""Which notebook a cell stands in: a kernel is not told, so whoever started it is asked, and nothing is guessed."""

import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from nb2svc.errors import UsageError

# VS Code starts a kernel as the session `loans-jvsc-0a1b….ipynb`.
_SESSION = re.compile(r"-jvsc-[\w-]+(?=\.ipynb$)")


def this_notebook(shell: Any) -> Path:
    """The file of the notebook that the shell runs cells of.

    Raises:
        UsageError: nobody says, or it was renamed since the kernel started.
    """
    said = list(_said(shell))
    for path in said:
        if path.suffix in (".ipynb", ".py") and path.is_file():
            return path
    fix = "name it: %nb2svc analyze loans.ipynb"
    if not said:
        why = "the program that started this kernel does not say which notebook it is for"
        raise UsageError("this notebook's file is not known", why=why, fix=fix)
    why = "no notebook lies there; it may have been renamed or moved since its kernel started, or never saved"
    raise UsageError("this notebook's file is not known", where=str(said[0]), why=why, fix=f"restart the kernel, or {fix}")


def saved_at(path: Path, *, now: datetime | None = None) -> str:
    """Which version of a file is read: `loans.ipynb as saved at 22:31:05`, with the date where that was another day."""
    saved = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    today = (now or datetime.now().astimezone()).date()
    return f"{path.name} as saved at {saved:%H:%M:%S}" + ("" if saved.date() == today else f" on {saved:%Y-%m-%d}")


def _said(shell: Any) -> Iterator[Path]:
    names = shell.user_ns
    for said in (names.get("__vsc_ipynb_file__"), names.get("__session__"), os.environ.get("JPY_SESSION_NAME")):
        if isinstance(said, str) and said:
            yield Path(_SESSION.sub("", said))
