"""Both builds are asked about the rows of one capture: each in a fresh process, by its own package and its own interpreter.

old project, new project, capture  →  Predictions
"""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2svc.capture.cache import load_capture
from nb2svc.compare.answers import TOLERANCE, compare_answers
from nb2svc.compare.captures import Rows, find_capture, given_capture, named_capture, read_capture
from nb2svc.errors import EnvironmentProblem, InternalError
from nb2svc.ir.codec import to_json
from nb2svc.ir.difference import Answers, Predictions, RowAnswer
from nb2svc.ir.snapshot import Snapshot
from nb2svc.parity.process import replay
from nb2svc.parity.request import make_request

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One build, `old` or `new`: its snapshot, its folder, and a folder of the user's near which its capture may lie."""

    name: str
    snapshot: Snapshot
    folder: Path
    place: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings:
    """What a person may say: where the rows are, how many at most (None: all), what counts as equal, and what is shown."""

    capture: Path | None = None
    most: int | None = 10_000
    tolerance: float = TOLERANCE
    show_values: bool = False


def compare_predictions(
    old: Side, new: Side, settings: ReplaySettings, *, request_changed: bool, scratch: Path, progress: Progress
) -> Predictions:
    """The answers of both builds; `not_evaluated` where there are no rows, or where one of them can't answer.

    With `request_changed` the new build is also asked with the fields that callers of the old one send. `scratch` is a private
    folder: captured rows are written there, and nowhere else.

    Raises:
        UsageError: the capture that was named is none.
        EnvironmentProblem: a capture is damaged, or an interpreter can't be started.
    """
    folder = _capture_folder(old, new, settings)
    if folder is None:
        why = "no capture of either build was found: name one with --capture or NB2SVC_CAPTURE, or build the notebook here"
        return Predictions(status="not_evaluated", note=why)
    rows = read_capture(folder)
    asked = _Asked(rows=rows, old=old, new=new, settings=settings, scratch=scratch, progress=progress)
    return asked.compared(folder, request_changed=request_changed)


def _capture_folder(old: Side, new: Side, settings: ReplaySettings) -> Path | None:
    digests = [new.snapshot.capture, old.snapshot.capture]
    if settings.capture is not None:
        return named_capture(settings.capture, digests)
    places = [new.place, old.place, Path.cwd()]
    return next((found for digest in digests if (found := find_capture(digest, places, given=given_capture()))), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    rows: Rows
    old: Side
    new: Side
    settings: ReplaySettings
    scratch: Path
    progress: Progress

    def compared(self, folder: Path, *, request_changed: bool) -> Predictions:
        owner = self.old if self.rows.capture.digest == self.old.snapshot.capture else self.new
        other = self.new if owner is self.old else self.old
        # Whose run it was takes the rows, the other gets the same ones.
        found = {owner.name: self._asked(owner, request_changed=request_changed, rows=self._row_request(owner))}
        if "ordinals" not in found[owner.name]:
            note = f"the captured rows can't be read: {found[owner.name]['problem']}"
            return Predictions(status="not_evaluated", note=note, capture=str(folder))
        found[other.name] = self._asked(other, request_changed=request_changed, rows={})
        taken, before = found[owner.name], found["new"].get("before")
        return compare_answers(
            _answers(found["old"]),
            _answers(found["new"]),
            taken["ordinals"],
            capture=str(folder),
            total=taken["total"],
            tolerance=self.settings.tolerance,
            show_values=self.settings.show_values,
            as_before=Answers(rows=_rows(before)) if before else None,
            notes=self._notes(owner, found),
        )

    def _row_request(self, owner: Side) -> dict[str, Any]:
        request = make_request(
            self.rows.capture, self.rows.observation, project=owner.folder, package=owner.snapshot.package, modes=()
        )
        served = {table.name for table in self.rows.observation.tables if table.role in ("main", "child")}
        raws = {name: entry for name, entry in request["raws"].items() if name in served}
        return {"capture": request["capture"], "raws": raws, "tables": to_json(self.rows.observation.tables)}

    def _asked(self, side: Side, *, request_changed: bool, rows: Mapping[str, Any]) -> dict[str, Any]:
        """What one build says of the rows; the new one also of rows with the fields that the old one asks for."""

        def tell(text: str) -> None:
            self.progress(f"the {side.name} build: {text}")

        tell("loading")
        request = {
            **rows,
            "project": str(side.folder),
            "package": side.snapshot.package,
            "rows": str(self.scratch / "rows.json"),
            "fields": _paths(self.old) if request_changed and side is self.new else None,
            "most": self.settings.most,
            "libraries": _libraries(side),
        }
        interpreter = _recorded(side, self.rows) or sys.executable
        try:
            return replay(request, interpreter=interpreter, scratch=self.scratch, name=side.name, progress=tell, module="answers")
        except InternalError as error:
            # The author's libraries may end the process; that is no mistake of ours.
            return {"problem": f"its process ended ({error.why}): {' '.join(error.details.strip().splitlines()[-1:])}"}

    def _notes(self, owner: Side, found: Mapping[str, Mapping[str, Any]]) -> list[str]:
        notes = []
        if self.rows.capture.digest not in (self.old.snapshot.capture, self.new.snapshot.capture):
            notes.append("the rows are of a run that neither build came from")
        elif owner is self.old and self.new.snapshot.capture != self.old.snapshot.capture:
            notes.append("the rows are those of the old build's run: the new one's was not found")
        for side in (self.old, self.new):
            versions = _other_versions(side, found[side.name].get("versions", {}))
            if versions:
                notes.append(f"the {side.name} build was asked under {', '.join(versions)}")
        return notes


def _recorded(side: Side, rows: Rows) -> str:
    """The interpreter of the run that a build came from, where it is here; else that of the rows' run; else ""."""
    folder = find_capture(side.snapshot.capture, [side.place, Path.cwd()], given=given_capture())
    captures = [rows.capture]
    if folder is not None:
        with suppress(EnvironmentProblem):  # its interpreter is only a wish
            captures.insert(0, load_capture(folder))
    return next((each.interpreter for each in captures if os.access(each.interpreter, os.X_OK)), "")


def _libraries(side: Side) -> list[str]:
    return [fact.name for fact in side.snapshot.facts if fact.group == "libraries"]


def _other_versions(side: Side, found: Mapping[str, str]) -> list[str]:
    """Libraries that were not there in the version that a build pins; what serves is not what answers."""
    pinned = {fact.name: fact.value for fact in side.snapshot.facts if fact.group == "libraries" and fact.name != "bentoml"}
    return [
        f"{name} {found[name]} (it pins {version})"
        for name, version in pinned.items()
        if name in found and found[name] != version
    ]


def _paths(side: Side) -> list[list[str]]:
    """The fields that a build asks for: transactions[].amount → ["transactions", "amount"]."""
    return [field.path.split("[].") for field in side.snapshot.form.fields] if side.snapshot.form else []


def _answers(found: Mapping[str, Any]) -> Answers:
    if found["problem"]:
        return Answers(problem=str(found["problem"]))
    inputs = tuple(tuple(row) if row else () for row in found["inputs"])
    return Answers(rows=_rows(found["answers"]), columns=tuple(found["columns"]), inputs=inputs)


def _rows(found: Sequence[Any]) -> tuple[RowAnswer, ...]:
    return tuple(
        RowAnswer(
            status=status,
            prediction=json.dumps(prediction, ensure_ascii=False),
            probability=tuple(probability.items()),
            issues=tuple((field, code) for field, code in issues),
        )
        for status, prediction, probability, issues in found
    )
