"""What lies in the caches beside notebooks, how large it is, and its removal: never of what a build is using."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from nb2svc.capture.cache import CACHE, FAILED, MANIFEST, RUN, VALIDATION, exclusive_home
from nb2svc.errors import EnvironmentProblem
from nb2svc.system.files import disk_errors
from nb2svc.system.lock import locked

# Held by whoever makes validation runs in a folder.
LOCK = ".lock"
Kind = Literal["capture", "failed run", "results", "validation", "leftover"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing in a cache: of the notebook `notebook` (its name without the ending), made or last used at `made`.

    `size` is what its removal would free: a file that two captures share is counted with the newer one.
    """

    notebook: str
    kind: Kind
    name: str
    path: str
    made: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What was removed, and the notebooks that were left alone because a build uses their cache."""

    removed: tuple[Entry, ...]
    busy: tuple[str, ...]


def entries(folder: Path, *, notebook: str | None = None) -> tuple[Entry, ...]:
    """What the cache in a folder has, of all its notebooks or of one, the newest of each first."""
    homes = sorted(home for home in (folder / CACHE).glob("*/") if notebook in (None, home.name))
    return tuple(entry for home in homes for entry in _of(home))


def prune(found: Sequence[Entry], *, keep: int | None, older: datetime | None) -> Pruned:
    """Remove entries: all but the newest `keep` captures of each notebook, and of those left what is `older`.

    With neither, everything goes. Results go with the last capture, or by their age.

    Raises:
        EnvironmentProblem: the disk refuses.
    """
    removed: list[Entry] = []
    busy: list[str] = []
    for name in dict.fromkeys(entry.notebook for entry in found):
        mine = [entry for entry in found if entry.notebook == name]
        home = Path(mine[0].path).parent
        try:
            with exclusive_home(home):
                for entry in _chosen(mine, keep=keep, older=older):
                    _remove(entry)
                    removed.append(entry)
        except EnvironmentProblem:
            busy.append(name)
        # What is empty now is no cache any more; a build that begins meanwhile makes it again.
        with suppress(OSError):
            home.rmdir()
    return Pruned(removed=tuple(removed), busy=tuple(busy))


def _remove(entry: Entry) -> None:
    path = Path(entry.path)
    # Runs may be made there, and no build knows of them.
    lock = locked(path / LOCK, what=f"{entry.notebook} is being validated") if entry.kind == "validation" else nullcontext()
    with lock, disk_errors("remove it from the cache", where=path):
        shutil.rmtree(path)


def _chosen(found: Sequence[Entry], *, keep: int | None, older: datetime | None) -> list[Entry]:
    if keep is None and older is None:
        return list(found)
    captures = [entry for entry in found if entry.kind == "capture"]
    gone = [entry for entry in captures[keep:] if keep is not None] if keep is not None else []
    gone += [entry for entry in found if entry.kind in ("failed run", "leftover") and keep is not None]
    if older is not None:
        gone += [entry for entry in found if datetime.fromisoformat(entry.made) < older and entry not in gone]
    return gone


def _of(home: Path) -> Iterator[Entry]:
    seen: set[tuple[int, int]] = set()
    for path in sorted((path for path in home.iterdir() if path.is_dir()), key=_changed, reverse=True):
        yield Entry(
            notebook=home.name,
            kind=_kind(path),
            name=path.name,
            path=str(path),
            made=datetime.fromtimestamp(int(_changed(path)), UTC).isoformat(),
            size=_size(path, seen),
        )


def _kind(path: Path) -> Kind:
    if path.name == "results":
        return "results"
    if path.name == FAILED:
        return "failed run"
    if path.name == VALIDATION:
        return "validation"
    return "capture" if (path / MANIFEST).is_file() and not path.name.startswith(RUN) else "leftover"


def _changed(path: Path) -> float:
    manifest = path / MANIFEST
    with suppress(OSError):
        return (manifest if manifest.exists() else path).stat().st_mtime
    return 0.0


def _size(path: Path, seen: set[tuple[int, int]]) -> int:
    total = 0
    for root, _, files in os.walk(path):
        for name in files:
            with suppress(OSError):
                found = Path(root, name).lstat()
                if (found.st_dev, found.st_ino) not in seen:
                    seen.add((found.st_dev, found.st_ino))
                    total += found.st_size
    return total
