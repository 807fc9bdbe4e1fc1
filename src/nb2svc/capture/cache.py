"""Where captures lie: `<notebook's folder>/.nb2svc/<stem>/<capture digest>/`, private, git-ignored, whole or absent.

A run writes into `.run-…` beside the others, on which it holds a lock; the finished folder gets its name in one step. The
newest few captures stay, and a failed run as `failed` until one succeeds.
"""

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nb2svc.errors import EnvironmentProblem, InternalError
from nb2svc.ir.capture import Capture
from nb2svc.ir.codec import DecodeError, from_json, to_json
from nb2svc.system.exchange import exchange
from nb2svc.system.files import disk_errors, sync_folder, write_atomic
from nb2svc.system.lock import locked, try_lock_folder

MANIFEST = "manifest.json"
FAILED = "failed"
_CACHE = ".nb2svc"
_RUN = ".run-"
_KEEP = 5


@contextmanager
def exclusive(notebook: Path) -> Iterator[None]:
    """Hold off other builds of a notebook: equal runs have one place, and the second would change it under the first.

    Raises:
        EnvironmentProblem: another process is building it.
    """
    with locked(_home(notebook) / ".build.lock", what=f"{notebook.name} is being built"):
        yield


@contextmanager
def run_folder(notebook: Path) -> Iterator[Path]:
    """A private folder for one run of a notebook; gone afterwards unless `commit` or `set_aside` moved it.

    Raises:
        EnvironmentProblem: the notebook's folder can't be written.
    """
    home = _home(notebook)
    with locked(home / ".lock", what=f"the captures of {notebook.name} are being tidied", wait=30.0):
        _clean(home)
        with disk_errors("keep the notebook's values", where=home):
            folder = home / f"{_RUN}{secrets.token_hex(4)}"
            folder.mkdir(mode=0o700)
            descriptor = try_lock_folder(folder)
    if descriptor is None:
        raise InternalError("a folder that was just made is locked", where=str(folder))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def commit(folder: Path, capture: Capture) -> None:
    """Give a finished run its place: `capture.folder`, which must be beside it. An equal older one is replaced."""
    place = Path(capture.folder)
    write_atomic(folder / MANIFEST, (json.dumps(to_json(capture), indent=1) + "\n").encode(), mode=0o600)
    with disk_errors("keep the notebook's values", where=place):
        sync_folder(folder)
        _take_place(folder, place)
        shutil.rmtree(place.with_name(FAILED), ignore_errors=True)


def set_aside(folder: Path) -> Path:
    """Keep what a failed run left for a person to look at, without the values: the path of the folder."""
    place = folder.with_name(FAILED)
    with disk_errors("keep the failed run", where=place):
        shutil.rmtree(folder / "kept", ignore_errors=True)
        _take_place(folder, place)
    return place


def load_capture(folder: Path) -> Capture:
    """Read a capture's manifest.

    Raises:
        EnvironmentProblem: it is missing or damaged.
    """
    try:
        return from_json(Capture, json.loads((folder / MANIFEST).read_bytes()))
    except (OSError, ValueError, DecodeError) as error:
        raise EnvironmentProblem(
            "the capture can't be read", where=str(folder), why=str(error), fix="build again: the notebook runs anew"
        ) from error


def captures_of(notebook: Path) -> tuple[Path, ...]:
    """The folders of a notebook's captures, newest first; nothing is made where there are none."""
    return _captures(_home_of(notebook))


def _home_of(notebook: Path) -> Path:
    return notebook.absolute().parent / _CACHE / notebook.stem


def _captures(home: Path) -> tuple[Path, ...]:
    found = []
    for manifest in home.glob(f"*/{MANIFEST}"):
        # A build beside us may be tidying.
        with suppress(FileNotFoundError):
            found.append((manifest.stat().st_mtime, manifest.parent))
    return tuple(folder for _, folder in sorted(found, reverse=True) if not folder.name.startswith(_RUN))


def _home(notebook: Path) -> Path:
    home = _home_of(notebook)
    cache, parent = home.parent, home.parent.parent
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        cache.chmod(0o700)
        if not (cache / ".gitignore").exists():
            write_atomic(cache / ".gitignore", b"*\n")
    except (OSError, EnvironmentProblem) as error:
        raise EnvironmentProblem(
            f"can't keep the values of {notebook.name} beside it",
            where=str(cache),
            why=getattr(error, "strerror", None) or str(error),
            fix=f"make {parent} writable, or copy the notebook and its data to a folder of yours",
        ) from error
    return home


def _take_place(folder: Path, place: Path) -> None:
    """Rename onto a path that may exist: no reader ever sees it half-filled. `folder` may then hold the old content."""
    if place.exists() and not exchange(folder, place):
        place.rename(place.with_name(f"{_RUN}{secrets.token_hex(4)}"))
    if not place.exists():
        folder.rename(place)
    sync_folder(place.parent)


def _clean(home: Path) -> None:
    """Remove what killed runs left, and all but the newest captures."""
    for leftover in home.glob(f"{_RUN}*"):
        with suppress(OSError):
            descriptor = try_lock_folder(leftover)
            if descriptor is not None:
                shutil.rmtree(leftover, ignore_errors=True)
                os.close(descriptor)
    for old in _captures(home)[_KEEP:]:
        shutil.rmtree(old, ignore_errors=True)
