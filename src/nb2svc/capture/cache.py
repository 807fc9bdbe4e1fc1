"""Where captures lie: `<notebook's folder>/.nb2svc/<stem>/<capture digest>/`, private, git-ignored, whole or absent.

A run writes into `.run-…` beside the others, on which it holds a lock; the finished folder gets its name in one step. The
newest few captures stay, and a failed run as `failed` until one succeeds.
"""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from nb2svc.errors import EnvironmentProblem, InternalError
from nb2svc.ir.capture import EXECUTED_PAGE, Capture
from nb2svc.ir.codec import DecodeError, from_json, to_json
from nb2svc.system.clock import now
from nb2svc.system.exchange import exchange
from nb2svc.system.files import disk_errors, sync_folder, write_atomic
from nb2svc.system.lock import locked, try_lock_folder
from nb2svc.system.memo import opened, sealed

MANIFEST = "manifest.json"
RUN_FACTS = "run_facts.json"
FAILED = "failed"
VALIDATION = "validation"
# What a run leaves beside the values: the executed notebook, what was recorded, and what the kernel said.
_OF_THE_RUN = (EXECUTED_PAGE, "executed.ipynb", "run.json", "facts.json", "kernel.log")
_OF_THE_PROBE = ("observation.json", "observed.json", "probe_request.json")
CACHE = ".nb2svc"
RUN = ".run-"
_BUILDING = ".build.lock"
_KEEP = 5
_PATIENCE = 86_400.0


@contextmanager
def exclusive(notebook: Path, *, progress: Callable[[str], None] = lambda _: None, wait: float = _PATIENCE) -> Iterator[None]:
    """Be the only build of a notebook: the second waits for the first, and then finds what it made.

    Raises:
        EnvironmentProblem: another process has been building it for a day.
    """

    def waiting(holder: str) -> None:
        progress(f"waiting for the build of {notebook.name} that process {holder} runs")

    with locked(_home(notebook) / _BUILDING, what=f"{notebook.name} is being built", wait=wait, waiting=waiting):
        yield


@contextmanager
def exclusive_home(home: Path) -> Iterator[None]:
    """Keep builds away from a notebook's place in the cache, without waiting.

    Raises:
        EnvironmentProblem: a build uses it.
    """
    with locked(home / _BUILDING, what=f"{home.name} is being built"):
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
            folder = home / f"{RUN}{secrets.token_hex(4)}"
            folder.mkdir(mode=0o700)
            descriptor = try_lock_folder(folder)
    if descriptor is None:
        raise InternalError("a folder that was just made is locked", where=str(folder))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def commit(folder: Path, capture: Capture, *, facts: Mapping[str, Any] | None = None, made: str = "") -> None:
    """Give a finished run its place: `capture.folder`, which must be beside it. An equal older one is replaced.

    `facts` are what the run depended on, for a later build that wants to know whether it must run again; `made` is when it ran
    (default: now).
    """
    place = Path(capture.folder)
    manifest = (json.dumps(to_json(capture), indent=1) + "\n").encode()
    write_atomic(folder / MANIFEST, manifest, mode=0o600)
    if facts is not None:
        document = {"manifest": hashlib.sha256(manifest).hexdigest(), "made": made or now().isoformat(), "facts": facts}
        write_atomic(folder / RUN_FACTS, sealed(document), mode=0o600)
    with disk_errors("keep the notebook's values", where=place):
        sync_folder(folder)
        _take_place(folder, place)
        shutil.rmtree(place.with_name(FAILED), ignore_errors=True)


def link_values(source: Path, folder: Path, *, observed: bool = False) -> None:
    """Give a new capture's folder the files of a run, on demand those of its probe too: links, so that nothing is kept twice."""
    with disk_errors("keep the notebook's values", where=folder):
        probed = (
            (*source.glob("oracles/*"), *source.glob("learned/*"), *(source / name for name in _OF_THE_PROBE)) if observed else ()
        )
        for path in (*source.glob("kept/*"), *(source / name for name in _OF_THE_RUN), *probed):
            if path.is_file():
                place = folder / path.relative_to(source)
                place.parent.mkdir(mode=0o700, exist_ok=True)
                _link(path, place)


def _link(path: Path, place: Path) -> None:
    try:
        place.hardlink_to(path)
    except OSError:
        shutil.copy2(path, place)


def set_aside(folder: Path) -> Path:
    """Keep what a failed run left for a person to look at, without the values: the path of the folder."""
    place = folder.with_name(FAILED)
    with disk_errors("keep the failed run", where=place):
        shutil.rmtree(folder / "kept", ignore_errors=True)
        _take_place(folder, place)
    return place


def load_facts(folder: Path) -> tuple[Mapping[str, Any], str] | None:
    """What the run of a capture depended on, and when it was; None where that was not written down.

    Raises:
        EnvironmentProblem: it or the manifest is not what was written.
    """
    try:
        content = (folder / RUN_FACTS).read_bytes()
        manifest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EnvironmentProblem("the capture can't be read", where=str(folder), why=error.strerror or str(error)) from error
    document = opened(content)
    if document is None or document.get("manifest") != manifest:
        raise EnvironmentProblem("the capture was changed after it was written", where=str(folder))
    return document["facts"], str(document["made"])


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


def results_of(notebook: Path) -> Path:
    """Where the other results of a notebook's builds lie."""
    return _home_of(notebook) / "results"


def validation_of(notebook: Path) -> Path:
    """Where a notebook's validation runs lie unless a person says; the home above it is made.

    Raises:
        EnvironmentProblem: the notebook's folder can't be written.
    """
    return _home(notebook) / VALIDATION


def validation_at(notebook: Path) -> Path:
    """Where a notebook's validation runs would lie; nothing is made."""
    return _home_of(notebook) / VALIDATION


def captures_of(notebook: Path) -> tuple[Path, ...]:
    """The folders of a notebook's captures, newest first; nothing is made where there are none."""
    return _captures(_home_of(notebook))


def _home_of(notebook: Path) -> Path:
    return notebook.absolute().parent / CACHE / notebook.stem


def _captures(home: Path) -> tuple[Path, ...]:
    found = []
    for manifest in home.glob(f"*/{MANIFEST}"):
        # A build beside us may be tidying.
        with suppress(FileNotFoundError):
            found.append((manifest.stat().st_mtime, manifest.parent))
    return tuple(folder for _, folder in sorted(found, reverse=True) if not folder.name.startswith(RUN))


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
        place.rename(place.with_name(f"{RUN}{secrets.token_hex(4)}"))
    if not place.exists():
        folder.rename(place)
    sync_folder(place.parent)


def _clean(home: Path) -> None:
    """Remove what killed runs left, and all but the newest captures."""
    for leftover in home.glob(f"{RUN}*"):
        with suppress(OSError):
            descriptor = try_lock_folder(leftover)
            if descriptor is not None:
                shutil.rmtree(leftover, ignore_errors=True)
                os.close(descriptor)
    for old in _captures(home)[_KEEP:]:
        shutil.rmtree(old, ignore_errors=True)
