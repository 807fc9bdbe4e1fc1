"""Built projects on disk."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

# A project lies beside its notebook, or in a folder below.
DEPTH = 3
READ_AT_MOST = 5000
PASSED_OVER = frozenset({"node_modules", "site-packages", "__pycache__"})


def package_of(folder: Path) -> str:
    """The import name of a project's package: the folder that holds the runtime; "" where there is none."""
    found = sorted(entry.parent.name for entry in folder.glob("*/_nb2svc") if entry.is_dir())
    return found[0] if found else ""


def projects_of(notebook: Path) -> tuple[Path, ...]:
    """The projects that say they were built from a notebook of that name, in its folder and below; the newest first."""
    found = [folder for folder in _folders(notebook.resolve().parent) if _origin(folder) == notebook.name]
    return tuple(sorted(found, key=lambda folder: (folder / "readiness.json").stat().st_mtime, reverse=True))


def _folders(top: Path) -> Iterator[Path]:
    """The folders that may be projects, nearest first; a large tree is not searched to its end, and no link is followed."""
    level, seen = [top], 0
    for _ in range(DEPTH):
        below = []
        for folder in level:
            try:
                entries = sorted(entry.path for entry in os.scandir(folder) if _is_open(entry))
            except OSError:
                continue
            below += [Path(entry) for entry in entries]
            seen += len(entries)
            if seen > READ_AT_MOST:
                return
        yield from (folder for folder in below if (folder / "readiness.json").is_file())
        level = [folder for folder in below if not (folder / "readiness.json").is_file()]


def _is_open(entry: "os.DirEntry[str]") -> bool:
    return entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".") and entry.name not in PASSED_OVER


def _origin(folder: Path) -> str | None:
    package = package_of(folder)
    try:
        document = json.loads((folder / package / "_nb2svc" / "origin.json").read_bytes())
    except (OSError, ValueError):
        return None
    name = document.get("notebook") if isinstance(document, dict) else None
    return name if isinstance(name, str) else None
