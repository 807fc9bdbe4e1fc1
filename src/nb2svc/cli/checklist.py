"""A built project's checklist as it stands now: one document for the command line, the notebook and the panel."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nb2svc.cli.failures import VERSION, error_document

if TYPE_CHECKING:
    from nb2svc.readiness.gate import Gate
    from nb2svc.readiness.recheck import Rechecked
    from nb2svc.readiness.render.places import Links

_EXECUTED = "executed.html"


def checklist_document(checked: "Rechecked", folder: Path, *, gate: "Gate | None" = None) -> dict[str, Any]:
    """What `nb2svc ready --format json` says of the project in a folder.

    `cells` are the ids of the code cells by number, where the notebook is as it was built: only then is what the evidence says of
    a cell about the cell of that number here. `files` is the evidence that can be opened.
    """
    from nb2svc.readiness.gate import blocking
    from nb2svc.readiness.render.json import document

    stops = [item.id for item in blocking(checked.checklist, gate)] if gate else []
    return {
        "version": VERSION,
        "findings": [],
        "error": None,
        "project": str(folder),
        "gate": {"name": gate, "open": not stops, "blocking": stops} if gate else None,
        "notebook": str(checked.notebook) if checked.notebook else None,
        "as_built": checked.as_built,
        "capture": str(checked.capture) if checked.capture else None,
        "cells": _cells(checked),
        "files": [{"path": path, "place": str(place)} for path, place in checked.places],
        "edited": list(checked.edited),
        "unchecked": list(checked.unchecked),
        "notes": notes_of(checked),
        "readiness": document(checked.checklist),
    }


def checklists_document(notebook: Path, name: str) -> dict[str, Any]:
    """The checklists of all projects that were built from a notebook, the newest first; `name` is what its caller calls it.

    Each is what `nb2svc ready --format json` says, with paths as seen from the notebook's folder; nothing is run or repaired.
    """
    from nb2svc.errors import Nb2svcError
    from nb2svc.system.projects import projects_of

    projects, damaged = [], []
    for folder in projects_of(notebook):
        try:
            projects.append(_seen_from(notebook, folder))
        except Nb2svcError as error:
            problem = error_document(error, exit_code=error.exit_code)
            damaged.append({"project": os.path.relpath(folder, notebook.resolve().parent), "error": problem})
    head = {"version": VERSION, "findings": [], "error": None, "notebook": name}
    return {**head, "projects": projects, "damaged": damaged}


def _seen_from(notebook: Path, folder: Path) -> dict[str, Any]:
    from nb2svc.read.notebook import written_digest
    from nb2svc.readiness.recheck import recheck
    from nb2svc.system.projects import package_of

    def path_of(place: Path) -> str | None:
        # A path of this machine is nobody's business but its owner's: what lies elsewhere can't be opened from there either.
        path = os.path.relpath(place.resolve(), notebook.resolve().parent)
        return None if path.startswith("..") else path

    checked = recheck(folder, package_of(folder), digest_of=written_digest, notebook=notebook)
    files = [{"path": path, "place": path_of(place)} for path, place in checked.places]
    return {
        **checklist_document(checked, folder),
        "project": path_of(folder),
        "notebook": notebook.name,
        "capture": path_of(checked.capture) if checked.capture else None,
        "files": [file for file in files if file["place"] is not None],
    }


def notes_of(checked: "Rechecked") -> list[str]:
    """What has to be said beside the items."""
    notes = [f"files that you edited: {', '.join(checked.edited)}"] if checked.edited else []
    if checked.unchecked:
        # A gate that is open because nothing could be looked at must say so.
        notes.append(f"answered by the build, and can't be checked here: {', '.join(checked.unchecked)}")
    if checked.idle:
        notes.append("no line is about a validation, so the one that was given tells nothing: give it to nb2svc build, too")
    return notes


def links_from(checked: "Rechecked", folder: Path) -> "Links":
    """The addresses in a page that lies in a folder: the files of evidence, and the cells as they ran."""
    from nb2svc.readiness.render.places import Links

    def address(path: Path) -> str:
        return quote(Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix())

    executed = next((place for _, place in checked.places if place.name == _EXECUTED), None)
    cells = {}
    if executed is not None:
        # The page of the executed notebook numbers its cells itself.
        cells = {number: f"{address(executed)}#cell-id=cell-{number}" for number in range(1, _most_cells(executed) + 1)}
    return Links(cells=cells, files={path: address(place) for path, place in checked.places})


def _most_cells(executed: Path) -> int:
    from nb2svc.system.files import read_bytes

    return read_bytes(executed, what="executed notebook").count(b'id="cell-id=cell-')


def _cells(checked: "Rechecked") -> dict[str, str]:
    from nb2svc.errors import Nb2svcError
    from nb2svc.read.notebook import parse_notebook
    from nb2svc.system.files import read_bytes

    if checked.notebook is None or not checked.as_built:
        return {}
    try:
        notebook, _ = parse_notebook(read_bytes(checked.notebook, what="notebook"), path=str(checked.notebook))
    except Nb2svcError:
        # The checklist stands without it; only its links are missing.
        return {}
    return notebook.ids
