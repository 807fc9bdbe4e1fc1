"""A built project beside the run that it came from, one captured row at a time: the notebook's values and the service's.

project folder  →  Site  →  a process that answers  →  the documents of `nb2svc rows --format json`
"""

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nb2svc.capture.cache import captures_of
from nb2svc.compare.captures import find_capture, given_capture, read_capture
from nb2svc.errors import EnvironmentProblem, Nb2svcError, UsageError
from nb2svc.ir.capture import Capture
from nb2svc.ir.codec import from_json, to_json
from nb2svc.ir.observation import Observation
from nb2svc.ir.verdict import Verdict
from nb2svc.parity.asking import RowProcess
from nb2svc.parity.refused import newest_refused
from nb2svc.parity.request import make_request
from nb2svc.system.projects import package_of
from nb2svc.system.record import MANIFEST

_OTHER_PYTHON = "the Python that ran the notebook is not here any more: the service is asked with that of nb2svc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A project with the capture that it was built from; `cells` are the titles of the cells that it came from, `ids` their ids.

    `twin` is the cell in which the notebook prepared its prediction rows by code of their own, or None. `verdict` is what the
    proof found where it failed: the project is then the tree that was refused.
    """

    project: Path
    package: str
    notebook: str
    capture: Capture
    observation: Observation
    cells: Mapping[str, str]
    ids: Mapping[str, str]
    twin: int | None
    verdict: Verdict | None = None


class NotBuilt(UsageError):
    """No build of a notebook has come as far as a proof."""


def site_of_notebook(notebook: Path) -> Site:
    """What the last build of a notebook made: its project, or the tree that the proof refused.

    Raises:
        NotBuilt: nothing lies beside it yet.
        EnvironmentProblem: the capture is gone or damaged.
    """
    found, verdict = _last(notebook)
    site = site_of(found)
    return site if verdict is None else replace(site, verdict=from_json(Verdict, json.loads(verdict.read_bytes())))


def last_build(notebook: Path) -> Path:
    """Where what the last build of a notebook made lies.

    Raises:
        NotBuilt: nothing lies beside it yet.
    """
    return _last(notebook)[0].resolve()


def _last(notebook: Path) -> tuple[Path, Path | None]:
    """The project, or the tree that was refused with its verdict's file."""
    refused, projects = newest_refused(captures_of(notebook)), _projects(notebook)
    if refused is not None and (not projects or _made(projects[0]) < refused[1].stat().st_mtime):
        return refused
    if not projects:
        why, fix = "no project that was made from it lies beside it", f"build it: nb2svc build {notebook.name}"
        raise NotBuilt(f"{notebook.name} was not built yet", where=str(notebook), why=why, fix=fix)
    return projects[0], None


def site_of(project: Path) -> Site:
    """The project in a folder with its capture, every file of which has the digest that it was kept with.

    Raises:
        UsageError: nb2svc built nothing there.
        EnvironmentProblem: its capture is gone or damaged.
    """
    project = project.resolve()
    package = package_of(project)
    origin = _origin(project, package)
    folder = find_capture(str(origin.get("capture_digest", "")), [project], given=given_capture())
    if folder is None:
        raise EnvironmentProblem(
            f"the rows that {project.name} was proved with are not here",
            where=str(project),
            why="the run that it was built from lies in no .nb2svc beside or above it",
            fix="build the notebook again, or name the run's folder in NB2SVC_CAPTURE",
        )
    rows = read_capture(folder)
    return Site(
        project=project,
        package=package,
        notebook=str(origin.get("notebook", "the notebook")),
        capture=rows.capture,
        observation=rows.observation,
        cells={number: str(cell.get("title", "")) for number, cell in origin.get("cells", {}).items()},
        ids={number: str(cell["id"]) for number, cell in origin.get("cells", {}).items() if cell.get("id")},
        twin=_twin(folder.parents[2] / str(origin.get("notebook", "")), str(origin.get("notebook_digest", ""))),
    )


def _projects(notebook: Path) -> list[Path]:
    """The projects beside a notebook that were made from it, the newest first."""
    found = []
    for origin in notebook.absolute().parent.glob("[!.]*/*/_nb2svc/origin.json"):
        with suppress(OSError, ValueError):
            if json.loads(origin.read_bytes()).get("notebook") == notebook.name:
                found.append(origin.parents[2])
    return sorted(found, key=_made, reverse=True)


def _made(project: Path) -> float:
    with suppress(OSError):
        return (project / MANIFEST).stat().st_mtime
    return 0.0


def start(site: Site) -> RowProcess:
    """A process that has loaded the project and its capture.

    Raises:
        EnvironmentProblem: it can't be started, or they not be loaded.
    """
    request = make_request(
        site.capture, site.observation, project=site.project, package=site.package, modes=(), twin=site.twin is not None
    )
    return RowProcess({**request, "columns": list(site.observation.answer.columns)}, interpreter=_interpreter(site))


def _interpreter(site: Site) -> str:
    """The run's, or ours where that is not here any more."""
    own = site.capture.interpreter
    return own if os.access(own, os.X_OK) else sys.executable


def document(site: Site, found: Mapping[str, Any]) -> dict[str, Any]:
    """What a process answered, with whose rows and whose cells they are."""
    return {
        "notebook": site.notebook,
        "project": site.project.name,
        "capture": site.capture.digest,
        "cells": dict(site.cells),
        "cell_ids": dict(site.ids),
        "prepared_cell": site.twin,
        "proof": _proof(site.verdict),
        "note": "" if _interpreter(site) != sys.executable or site.capture.interpreter == sys.executable else _OTHER_PYTHON,
        **found,
    }


def _proof(verdict: Verdict | None) -> dict[str, Any] | None:
    """Where a proof failed, and a row in which it can be seen (None: in none alone)."""
    if verdict is None:
        return None
    differences = [each for mode in verdict.modes if mode.status == "fail" for each in mode.differences]
    column = verdict.divergence.column if verdict.divergence is not None else ""
    differences.sort(key=lambda each: each.column != column)
    return {
        "divergence": to_json(verdict.divergence) if verdict.divergence is not None else None,
        "row": next((each.row for each in differences if each.row >= 0), None),
        "differences": [to_json(each) for each in differences[:20]],
    }


def mark(site: Site) -> str:
    """A digest that changes when the project or its capture does: what was loaded is then out of date."""
    places = [site.project / site.package, Path(site.capture.folder)]
    stats = [(str(path), stat.st_mtime_ns, stat.st_size) for place in places for path, stat in _files(place)]
    return hashlib.sha256(repr(stats).encode()).hexdigest()


def _files(place: Path) -> list[tuple[Path, Any]]:
    try:
        found = sorted(path for path in place.rglob("*") if path.is_file() and path.suffix != ".pyc")
        return [(path, path.stat()) for path in found]
    except OSError:  # a build beside us swaps the tree
        return []


def _origin(project: Path, package: str) -> Mapping[str, Any]:
    try:
        found = json.loads((project / package / "_nb2svc" / "origin.json").read_bytes())
    except (OSError, ValueError):
        found = None
    if not package or not isinstance(found, dict):
        why, fix = "it holds no package that nb2svc made", "name the folder that nb2svc build wrote"
        raise UsageError(f"{project.name} is no built project", where=str(project), why=why, fix=fix)
    return found


def _twin(notebook: Path, digest: str) -> int | None:
    """Whether the notebook has a second way to its prediction rows; not asked of one that was changed since."""
    # The whole compiler, which a Jupyter server that starts need not wait for.
    from nb2svc.pipeline import analyze

    try:
        source = analyze(notebook)
    except (Nb2svcError, ValueError):
        return None
    if source.outline is None or source.notebook.digest != digest:
        return None
    return source.outline.twin_cell(source.dataflow)
