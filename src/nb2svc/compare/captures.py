"""The capture whose rows both builds are asked about: named by a person, or found by the digest that a project remembers."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nb2svc.capture.cache import load_capture
from nb2svc.capture.observe import check_kept_files, read_observation
from nb2svc.errors import EnvironmentProblem, InternalError, UsageError
from nb2svc.ir.capture import Capture
from nb2svc.ir.observation import Observation

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A capture with its observation."""

    capture: Capture
    observation: Observation


def find_capture(digest: str, places: Sequence[Path], *, given: Path | None = None) -> Path | None:
    """The folder of the capture with a digest: below `given`, or in a `.nb2svc` beside or above `places`; or None."""
    for folder in _candidates(places, given):
        if digest and _digest(folder) == digest:
            return folder
    return None


def given_capture() -> Path | None:
    """Where `NB2SVC_CAPTURE` says that captures lie."""
    named = os.environ.get("NB2SVC_CAPTURE")
    return Path(named).expanduser() if named else None


def read_capture(folder: Path) -> Rows:
    """A capture whose files are whole.

    Raises:
        EnvironmentProblem: one of its files is missing or damaged.
    """
    try:
        # The folder may have been moved since the run.
        capture = replace(load_capture(folder), folder=str(folder))
        check_kept_files(capture)
        return Rows(capture=capture, observation=read_observation(folder))
    except InternalError as error:
        raise EnvironmentProblem(
            "the capture can't be read", where=str(folder), why=error.what, fix="build again: the notebook runs anew"
        ) from error


def named_capture(folder: Path, digests: Sequence[str]) -> Path:
    """The capture that a person named: a capture's own folder, or the one of `digests` below it.

    Raises:
        UsageError: there is none.
    """
    if (folder / MANIFEST).is_file():
        return folder.resolve()
    found = next((each for digest in digests if (each := find_capture(digest, (), given=folder))), None)
    if found is None:
        why = "no capture of either build lies there" if folder.is_dir() else "no folder lies at that path"
        fix = "name a folder below .nb2svc beside the notebook, or leave --capture out"
        raise UsageError(f"there is no capture {folder.name}", where=str(folder), why=why, fix=fix)
    return found


def _candidates(places: Sequence[Path], given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given
        for pattern in ("*", "*/*", "*/*/*"):
            yield from sorted(given.glob(f"{pattern}/"))
    seen: set[Path] = set()
    for place in places:
        for folder in (place, *place.parents):
            if folder not in seen:
                seen.add(folder)
                yield from sorted((folder / ".nb2svc").glob("*/*/"))


def _digest(folder: Path) -> str:
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return ""
    return str(found.get("digest")) if isinstance(found, dict) else ""
