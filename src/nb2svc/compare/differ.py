"""Two builds → BuildDifference: read both, compare what lies in their files, then ask both about the captured rows.

open_target · read_project · request, state, code, model · compare_predictions
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from nb2svc.compare.code import code_changes
from nb2svc.compare.model import fact_changes, item_changes
from nb2svc.compare.reading.project import read_project
from nb2svc.compare.reading.targets import open_target
from nb2svc.compare.replaying import ReplaySettings, Side, compare_predictions
from nb2svc.compare.request import observed_changes, request_changes
from nb2svc.compare.state import state_changes
from nb2svc.ir.difference import BuildDifference, Predictions
from nb2svc.ir.difference import Side as Named
from nb2svc.ir.snapshot import Module, Snapshot

Progress = Callable[[str], None]
# Changes of the request after which a row as callers send it today is another row than the one that the new build asks for.
_OF_FIELDS = frozenset({"field added", "field removed", "kind", "nullable", "shape"})


def differ(
    old: str, new: str, *, settings: ReplaySettings | None, scratch: Path, progress: Progress = lambda _: None
) -> BuildDifference:
    """What differs between two builds; without `settings` no row is replayed.

    Raises:
        UsageError: one of them is no built project.
        EnvironmentProblem: one of them, or the capture, is damaged.
    """
    progress("reading both builds")
    sides = []
    for name, text in (("old", old), ("new", new)):
        private = scratch / name
        private.mkdir(mode=0o700)
        opened = open_target(text, scratch=private)
        sides.append(Side(name=name, snapshot=read_project(opened.folder, label=text), folder=opened.folder, place=opened.place))
    found = compare_snapshots(sides[0].snapshot, sides[1].snapshot)
    if settings is None:
        return found
    changed = any(change.rule in _OF_FIELDS for change in found.request)
    predictions = compare_predictions(sides[0], sides[1], settings, request_changed=changed, scratch=scratch, progress=progress)
    return replace(found, predictions=predictions, request=observed_changes(found.request, predictions))


def compare_snapshots(old: Snapshot, new: Snapshot) -> BuildDifference:
    """What differs in the files of two builds; their answers are not compared here."""
    unknown = {group for group, _ in (*old.missing, *new.missing)}
    state, state_same = state_changes(old.stored, new.stored)
    code, code_same = code_changes(_modules(old, unknown), _modules(new, unknown), old.lines, new.lines)
    forms = old.form, new.form
    problems = [f"{each.label}: {each.form_problem}" for each in (old, new) if each.form_problem]
    return BuildDifference(
        old=_named(old),
        new=_named(new),
        same_files=old.version == new.version,
        request=request_changes(forms[0], forms[1]) if forms[0] and forms[1] else (),
        request_problem="; ".join(problems),
        state=state,
        state_same=state_same,
        code=code,
        code_same=code_same,
        model=tuple(change for change in fact_changes(old.facts, new.facts) if change.group not in unknown),
        readiness=() if "readiness" in unknown else item_changes(old.items, new.items),
        predictions=Predictions(status="not_evaluated", note="it was not asked for (--no-predictions)"),
        unknown=tuple(sorted(unknown)),
        notes=tuple(dict.fromkeys(_notes(old, new))),
    )


def _named(snapshot: Snapshot) -> Named:
    return Named(label=snapshot.label, package=snapshot.package, notebook=snapshot.notebook, version=snapshot.version)


def _modules(snapshot: Snapshot, unknown: Collection[str]) -> list[Module]:
    """The modules of a build, without the tests where one side has none: a bento carries no tests."""
    return [module for module in snapshot.modules if "tests" not in unknown or not module.path.startswith("tests/")]


def _notes(old: Snapshot, new: Snapshot) -> list[str]:
    notes = [f"{each.label} lacks {what}" for each in (old, new) for what in dict.fromkeys(what for _, what in each.missing)]
    if old.form and new.form and not {field.path for field in old.form.fields} & {field.path for field in new.form.fields}:
        notes.insert(0, "the two have no field in common: are they builds of one service?")
    return notes
