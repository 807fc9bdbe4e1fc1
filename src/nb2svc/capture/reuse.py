"""A capture of an earlier run in place of a run, where nothing that the run depends on has changed.

The newest capture that fits is taken as it lies. Where cells moved, or a check reads other values of what was kept, a new capture
is made from it beside it: the same files (linked, not copied), under the digest that a run of the notebook would have, so that
the project and its tests find it. A changed check cell is evaluated with the kept values, for the numbers that it makes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nb2svc.capture import cache, facts
from nb2svc.capture.driver import named, run_notebook, run_place
from nb2svc.capture.observe import check_kept_files
from nb2svc.capture.parameters import resolve_parameters
from nb2svc.capture.recheck import NotEvaluatedError, evaluate_checks
from nb2svc.capture.settings import RunSettings
from nb2svc.errors import EnvironmentProblem, InternalError, RunError
from nb2svc.ir.capture import Capture, KeepPoint, Kept
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.dependence import Dependence
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.outline import Outline
from nb2svc.system.digests import digest_of
from nb2svc.system.memo import Memo


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A capture of a run that was made at `made`; `rechecked` says that its checks were evaluated anew."""

    capture: Capture
    made: str
    rechecked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A capture on the disk, with what is kept at each point that is wanted now."""

    capture: Capture
    facts: Mapping[str, Any]
    made: str
    kept: tuple[Kept, ...]


def capture_run(
    notebook: Notebook,
    dataflow: Dataflow,
    outline: Outline,
    points: Sequence[KeepPoint],
    *,
    dependence: Dependence,
    settings: RunSettings,
    memo: Memo,
) -> Capture:
    """Run the notebook, or take the capture of an earlier run, and tell which.

    Raises:
        UsageError, RunError, EnvironmentProblem: as `run_notebook`.
    """
    why = "asked for with --fresh"
    if not memo.fresh:
        found = earlier_run(notebook, dataflow, outline, points, dependence=dependence, settings=settings, say=memo.say)
        if not isinstance(found, str):
            memo.note("capture", reused=True, made=found.made)
            if found.rechecked:
                memo.note("checks read", reused=False)
            return found.capture
        why = found
    if memo.folder is None:
        why = ""
    capture = run_notebook(notebook, dataflow, outline, points, settings=settings, dependence=dependence)
    memo.note("capture", reused=False, why=why)
    return capture


def service_base(capture: Capture) -> Mapping[str, object] | None:
    """What all results that are made of a capture depend on; None where that can't be told."""
    try:
        loaded = cache.load_facts(Path(capture.folder))
    except EnvironmentProblem:
        return None
    return facts.service_environment(loaded[0]) if loaded is not None else None


def earlier_run(
    notebook: Notebook,
    dataflow: Dataflow,
    outline: Outline,
    points: Sequence[KeepPoint],
    *,
    dependence: Dependence,
    settings: RunSettings,
    say: Callable[[str], None],
) -> Earlier | str:
    """A capture that a run would give again, or why there is none ("data.csv has changed"; "" where nothing ran yet).

    `say` hears of captures that are damaged.

    Raises:
        UsageError: a parameter or the folder to run in is wrong.
        RunError: a check fails.
    """
    path = Path(notebook.path).absolute()
    wanted = facts.settings(
        dependence,
        kernel=settings.kernel or notebook.kernel or "python3",
        cwd=run_place(path, settings.cwd),
        parameters=resolve_parameters(notebook, settings.parameters),
    )
    reasons: list[str] = []
    usable: list[_Found] = []
    for folder in cache.captures_of(path):
        found = _look(folder, wanted, points, dependence=dependence, say=say)
        if isinstance(found, str):
            reasons.append(found)
        elif _is_as_wanted(found, points, dependence):
            return Earlier(capture=replace(found.capture, notebook_digest=notebook.digest), made=found.made, rechecked=False)
        else:
            usable.append(found)
    for found in usable:
        try:
            capture, rechecked = _adapted(found, notebook, dataflow, outline, points, dependence=dependence, settings=settings)
        except NotEvaluatedError as error:
            reasons.insert(0, str(error))
            continue
        return Earlier(capture=capture, made=found.made, rechecked=rechecked)
    return next(filter(None, reasons), "")


def _look(
    folder: Path, wanted: Mapping[str, Any], points: Sequence[KeepPoint], *, dependence: Dependence, say: Callable[[str], None]
) -> _Found | str:
    """What lies in a capture's folder, where it can be used; else why not."""
    try:
        loaded = cache.load_facts(folder)
        if loaded is None:
            return ""
        noted, made = loaded
        reason = facts.difference(noted, wanted)
        if reason:
            return reason
        # The folder may have been moved with the notebook.
        capture = replace(cache.load_capture(folder), folder=str(folder))
        kept = _kept(capture, noted, points, dependence)
        if isinstance(kept, str):
            return kept
        check_kept_files(capture)
    except (EnvironmentProblem, InternalError, KeyError, TypeError, ValueError) as error:
        say(f"the capture {folder.name} is damaged ({error}): it is not used")
        return f"the capture {folder.name} is damaged"
    return _Found(capture=capture, facts=noted, made=made, kept=kept)


def _kept(
    capture: Capture, noted: Mapping[str, Any], points: Sequence[KeepPoint], dependence: Dependence
) -> tuple[Kept, ...] | str:
    """For each point what an earlier run kept there; else what it did not keep."""
    # By the first name only: a check's value may be taken from what the model keeps, never the other way round.
    known = {names[0]: kept for names, kept in zip(noted["points"], capture.kept, strict=True)}
    found = []
    for point, names in zip(points, dependence.points, strict=True):
        kept = next((known[name] for name in names if name in known), None)
        if kept is None:
            return (
                f"a check reads {point.expression}, which the run did not keep"
                if point.kind == "check_value"
                else "other values are needed"
            )
        found.append(replace(kept, kind=point.kind, label=point.label))
    return tuple(found)


def _is_as_wanted(found: _Found, points: Sequence[KeepPoint], dependence: Dependence) -> bool:
    return found.capture.points == tuple(points) and found.facts["checks"] == digest_of(list(dependence.checks))


def _adapted(
    found: _Found,
    notebook: Notebook,
    dataflow: Dataflow,
    outline: Outline,
    points: Sequence[KeepPoint],
    *,
    dependence: Dependence,
    settings: RunSettings,
) -> tuple[Capture, bool]:
    """The capture that a run would give now, made of another one; and whether the checks were evaluated for it."""
    old = found.capture
    rechecked = found.facts["checks"] != digest_of(list(dependence.checks))
    with cache.run_folder(Path(notebook.path).absolute()) as folder:
        cache.link_values(Path(old.folder), folder, observed=True)
        capture = replace(old, folder=str(folder), notebook_digest=notebook.digest, points=tuple(points), kept=found.kept)
        if rechecked:
            try:
                metrics = evaluate_checks(
                    capture, notebook, dataflow, outline, definitions=dependence.definitions, timeout=settings.timeout
                )
            except RunError:
                cache.set_aside(folder)
                raise
            capture = replace(capture, metrics=metrics)
        placed = named(capture, dependence)
        noted = {
            **found.facts,
            "points": [list(names) for names in dependence.points],
            "checks": digest_of(list(dependence.checks)),
        }
        noted["texts"] = [[was[0], text.place] for was, text in zip(noted["texts"], dependence.texts, strict=True)]
        cache.commit(folder, placed, facts=noted, made=found.made)
    return placed, rechecked
