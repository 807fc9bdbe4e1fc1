"""The checklist of a built project, judged by what is here now: evidence counts only for what it was collected from."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2svc.errors import UsageError
from nb2svc.ir.capture import Capture
from nb2svc.ir.codec import DecodeError, from_json
from nb2svc.ir.readiness import Checklist, ItemResult
from nb2svc.readiness.evidence.digests import file_digest, joined, tree_subjects
from nb2svc.readiness.evidence.validations import beside, beside_capture, read_given, read_last, validation_digest
from nb2svc.readiness.gate import refreshed
from nb2svc.readiness.render.json import read_json
from nb2svc.system.files import read_bytes
from nb2svc.system.tree import edited_files

DigestOf = Callable[[bytes, str], str]
# A project often lies in a folder beside the notebook, or in one below it.
_FOLDERS_ABOVE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rechecked:
    """The checklist as it stands now; `notebook` and `capture` are what was found of them (None: not on this machine).

    `edited` are the generated files that a person changed, before the build or after it. `unchecked` are the items that the build
    had answered and that can't be checked here. `as_built` says whether the notebook says what was built; `places`
    where the files of evidence lie that are here, by the path that the checklist calls them. `idle` says that a validation was
    given and no line is about one: the build had none that counts.
    """

    checklist: Checklist
    notebook: Path | None
    capture: Path | None
    edited: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    as_built: bool = False
    places: tuple[tuple[str, Path], ...] = ()
    idle: bool = False


def recheck(
    project: Path, package: str, *, digest_of: DigestOf, notebook: Path | None = None, validation: Path | None = None
) -> Rechecked:
    """Read readiness.json and compare the digests of all evidence with what lies here; nothing is run.

    `digest_of` gives the digest of what is written in a notebook, from its bytes and name. `notebook` says where it lies; without
    it the folders above the project are looked into. `validation` is the one that the build was given; without it the last one
    beside the notebook is looked at.

    Raises:
        UsageError: readiness.json or the validation is missing, damaged or of another version, or there is no such notebook.
    """
    checklist = read_checklist(project)
    given = read_given(validation) if validation is not None else None
    origin = _origin(project / package)
    found = notebook or _notebook(project, origin, digest_of)
    capture = _capture(project, origin, beside=found)
    subjects: dict[str, str | None] = {**tree_subjects(project, package), "notebook": None, "notebook_file": None, "data": None}
    if found is not None:
        content = read_bytes(found, what="notebook")
        subjects["notebook"] = digest_of(content, found.name)
        subjects["notebook_file"] = file_digest(found)
    if capture is not None:
        subjects["data"] = _data(capture, beside=found)
    last = given or read_last(*([beside(found)] if found else []), *([beside_capture(capture)] if capture else []))
    subjects["validation"] = validation_digest(last) if last else None
    places = {
        path: _place(path, notebook=found, capture=capture)
        for item in checklist.items
        for path, _ in (item.evidence.files if item.evidence else ())
    }
    now = refreshed(checklist, subjects, files={path: file_digest(place) if place else None for path, place in places.items()})
    pairs = zip(checklist.items, now.items, strict=True)
    return Rechecked(
        checklist=now,
        notebook=found,
        capture=capture,
        edited=edited_files(project),
        unchecked=tuple(new.id for old, new in pairs if new.status == "not_evaluated" != old.status),
        as_built=subjects["notebook"] is not None and subjects["notebook"] == origin.get("notebook_digest"),
        places=tuple((path, place) for path, place in places.items() if place is not None),
        idle=given is not None and not any(_is_bound(item) for item in checklist.items),
    )


def read_checklist(project: Path) -> Checklist:
    """The checklist that the build wrote.

    Raises:
        UsageError: it is missing, damaged, or of another version.
    """
    path = project / "readiness.json"
    try:
        return read_json(read_bytes(path, what="checklist").decode("utf-8"))
    except (DecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the checklist of {project.name} can't be read", where=str(path), why=str(error), fix="build the project again"
        ) from error


def _is_bound(item: ItemResult) -> bool:
    return item.evidence is not None and any(name == "validation" for name, _ in item.evidence.subjects)


def _origin(package: Path) -> Mapping[str, Any]:
    """What the project was built from; empty where that can't be read: then nothing of it is found."""
    try:
        document = json.loads((package / "_nb2svc" / "origin.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _notebook(project: Path, origin: Mapping[str, Any], digest_of: DigestOf) -> Path | None:
    """The notebook in a folder above: the one that says what was built where there is one, else the nearest of its name."""
    name = origin.get("notebook")
    folders = project.resolve().parents[:_FOLDERS_ABOVE]
    found = [folder / name for folder in folders if isinstance(name, str) and (folder / name).is_file()]
    same = [path for path in found if digest_of(path.read_bytes(), path.name) == origin.get("notebook_digest")]
    return next(iter((*same, *found)), None)


def _capture(project: Path, origin: Mapping[str, Any], *, beside: Path | None) -> Path | None:
    """The run that the project was built from, by its digest."""
    digest = origin.get("capture_digest")
    if not isinstance(digest, str) or not digest:
        return None
    for folder in _captures(project, digest, beside):
        manifest = _manifest(folder)
        if manifest is not None and manifest.digest == digest:
            return folder
    return None


def _captures(project: Path, digest: str, beside: Path | None) -> Iterator[Path]:
    """Where generated tests look, too."""
    given = os.environ.get("NB2SVC_CAPTURE")
    if given:
        yield Path(given)
    for folder in (*([beside.resolve().parent] if beside else []), *project.resolve().parents):
        yield from sorted((folder / ".nb2svc").glob(f"*/{digest[:12]}"))


def _manifest(folder: Path) -> Capture | None:
    try:
        return from_json(Capture, json.loads((folder / "manifest.json").read_bytes()))
    except (OSError, ValueError, DecodeError):
        return None


def _data(folder: Path, *, beside: Path | None) -> str | None:
    """The digest of the files that the run read, as they are now; None where one is not here."""
    capture = _manifest(folder)
    assert capture is not None, "it was read a moment ago"
    roots = [Path(capture.cwd), *([beside.resolve().parent] if beside else [])]
    digests = {}
    for file in capture.inputs:
        path = next((root / file.path for root in roots if (root / file.path).is_file()), None)
        if path is None:
            return None
        digests[file.path] = file_digest(path)
    return joined(digests)


def _place(path: str, *, notebook: Path | None, capture: Path | None) -> Path | None:
    """Where a file of evidence lies, in the run's folder or as seen from the notebook's; None where it is not here."""
    places = [*([capture / Path(path).name] if capture else []), *([notebook.resolve().parent / path] if notebook else [])]
    return next((place for place in places if place.is_file()), None)
