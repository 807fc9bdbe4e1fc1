"""What a form can offer to choose from: files with cases, validations that are kept, and built projects, near a notebook."""

import os
import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nb2svc.system.projects import DEPTH, PASSED_OVER, READ_AT_MOST, projects_of

_SNIFFED_AT_MOST = 200
# How a validation.json begins, in whatever layout.
_FIRST = (b'"notebook"', b'"notebook_digest"')
_HEAD = 2_000


def choices(place: Path, path: str, *, digest: str) -> dict[str, Any]:
    """Paths as Jupyter calls them, from the notebook's `path`; it lies at `place`, and `digest` is that of what stands in it."""
    from nb2svc.validate.service.project import built_from

    folder, above = place.parent.resolve(), posixpath.dirname(path)

    def called(found: Path) -> str:
        return posixpath.join(above, found.relative_to(folder).as_posix())

    files = list(_files(folder)) if folder.is_dir() else []
    projects = projects_of(place) if folder.is_dir() else ()
    return {
        "matrices": [called(file) for file in files if file.suffix in (".yaml", ".yml")],
        "validations": [called(file) for file in _validations(files)],
        "projects": [{"path": called(found), "current": built_from(found) == digest} for found in projects],
    }


def _files(top: Path) -> Iterator[Path]:
    """The files of the folder and of those below, nearest first; not those of projects, which hold what they were built with."""
    level, seen = [top], 0
    for _ in range(DEPTH):
        below = []
        for folder in level:
            try:
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError:
                continue
            seen += len(entries)
            if seen > READ_AT_MOST:
                return
            shown = [entry for entry in entries if not entry.name.startswith(".") and entry.name not in PASSED_OVER]
            if folder != top and any(entry.name == "readiness.json" for entry in shown):
                continue
            yield from (Path(entry.path) for entry in shown if entry.is_file(follow_symlinks=False))
            below += [Path(entry.path) for entry in shown if entry.is_dir(follow_symlinks=False)]
        level = below


def _validations(files: list[Path]) -> Iterator[Path]:
    for file in [file for file in files if file.suffix == ".json"][:_SNIFFED_AT_MOST]:
        try:
            with file.open("rb") as stream:
                head = stream.read(_HEAD)
        except OSError:
            continue
        if all(word in head for word in _FIRST):
            yield file
