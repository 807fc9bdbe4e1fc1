"""The first statement and column where the service parts from the notebook: one call under a tracer.

After each of the author's statements the variables that it made or changed are compared with the notebook's own
values after that statement, on the rows that both have.

    line map: features.py line 12 → statement 9, cell 3 line 5     checkpoint 9: {"loans": (row ordinals, frame)}
    → statement 9, column "income", cell 3 line 5
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any, Callable, Collection, Dict, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

import numpy as np

from .compare import IN_PROCESS, Cell, compare, length, same, take, text

# {statement: {name: (row ordinals or None, value)}}; a third item names the child table that the ordinals count.
Checkpoints = Dict[int, Dict[str, Tuple[Any, ...]]]
MAIN_ONLY: Mapping[str, int] = {}
SCALARS = (bool, int, float, str, bytes, dt.date, dt.time, dt.timedelta, np.generic, type(None))


class Parting(NamedTuple):
    """A statement after which a variable's column differs. `kind`: `value`, `lost` (never made), `raised`, `skipped`."""

    statement: int
    column: str
    kind: str
    cell: Cell


class LineMap:
    """Which statement of the notebook a generated line holds."""

    def __init__(self, records: List[Dict[str, Any]], folder: str) -> None:
        self.records = records
        self.files: Dict[str, Dict[int, int]] = {}
        for record in records:
            path = str((Path(folder) / record["file"]).resolve())
            self.files.setdefault(path, {})[record["line"]] = record["statement"]
        self.statements = {record["statement"] for record in records}
        self._known: Dict[str, Optional[Dict[int, int]]] = {}

    @classmethod
    def read(cls, project: str, package: str) -> "LineMap":
        """The project's own line map; empty where it has none. Files may be named from the project's or the package's root."""
        path = Path(project) / package / "_nb2svc" / "line_map.json"
        if not path.exists():
            return cls([], project)
        records = json.loads(path.read_text(encoding="utf-8"))
        inner = any((Path(project) / record["file"]).exists() for record in records)
        return cls(records, project if inner else str(Path(project) / package))

    def of(self, filename: str) -> Optional[Dict[int, int]]:
        """The mapped lines of a code object's file; asked at every call, so remembered."""
        if filename not in self._known:
            self._known[filename] = self.files.get(str(Path(filename).resolve()))
        return self._known[filename]

    def first(self, statement: int) -> Optional[Dict[str, Any]]:
        """The record of a statement's first line."""
        found = [record for record in self.records if record["statement"] == statement]
        return min(found, key=lambda record: (record["cell_line"], record["line"])) if found else None


class Watcher:
    """Follows one call.

    `rows` are the main rows of the call; `whole` says that the tables hold all that the notebook had, and `sizes` how
    many rows the child tables then have. `foreign` are columns that
    a request fills otherwise (keys by ordinal, the target by a fixed value): they differ rightly.
    """

    def __init__(
        self,
        checkpoints: Checkpoints,
        lines: LineMap,
        *,
        rows: Sequence[int],
        whole: bool,
        sizes: Mapping[str, int] = MAIN_ONLY,
        foreign: Collection[str] = (),
    ) -> None:
        self.checkpoints = checkpoints
        self.lines = lines
        self.rows = [int(row) for row in rows]
        self.place = {row: at for at, row in reversed(list(enumerate(self.rows)))}
        self.whole = whole
        self.sizes = sizes
        self.foreign = set(foreign)
        self.found: List[Parting] = []
        self.skipped = sorted(set(checkpoints) - lines.statements)
        self._now: Dict[int, Optional[int]] = {}
        self._last: Dict[int, int] = {}
        self._raised: Set[int] = set()
        self._told = False

    def run(self, call: Callable[[], Any]) -> None:
        """Make the call under the tracer; what it raises is recorded at its statement."""
        before = sys.gettrace()
        sys.settrace(self._enter)
        try:
            with contextlib.suppress(Exception):  # the statement that raised is recorded by the tracer
                call()
        finally:
            sys.settrace(before)

    def _enter(self, frame: Any, _event: str, _argument: Any) -> Any:
        if frame.f_code.co_name.startswith("<"):  # lambdas and comprehensions hold none of the statement's names
            return None
        lines = self.lines.of(frame.f_code.co_filename)
        if lines is None:
            return None
        return lambda inner, happened, value: self._step(inner, happened, value, lines)

    def _step(self, frame: Any, event: str, argument: Any, lines: Dict[int, int]) -> Any:
        key, before = id(frame), self._now.get(id(frame))
        if event == "exception":
            self._raised.add(key)
            self._raise(lines.get(frame.f_lineno), argument)
        elif event == "line":
            self._raised.discard(key)
            now = lines.get(frame.f_lineno)
            if before is not None and before != now:
                self._finish(before, frame)
            if now is not None and before != now:
                self._look_between(self._last.get(key, -1), now, frame)
            self._now[key] = now
        elif event == "return":
            if before is not None and key not in self._raised:
                self._finish(before, frame)
            self._now.pop(key, None)
            self._last.pop(key, None)
        return lambda inner, happened, value: self._step(inner, happened, value, lines)

    def _raise(self, statement: Optional[int], argument: Any) -> None:
        if statement is None or self._told:
            return
        self._told = True  # the innermost of the author's lines; its callers only pass it on
        kind, error = argument[0], argument[1]
        message = kind.__name__ + ": " + str(error)[:200]
        name = _named_in(str(error)) or next(iter(self.checkpoints.get(statement, {})), "")
        self.found.append(Parting(statement, name, "raised", Cell(-1, name, "no error", message)))

    def _finish(self, statement: int, frame: Any) -> None:
        self._last[id(frame)] = statement
        wanted = {name: kept for name, kept in self.checkpoints.get(statement, {}).items() if not callable(kept[1])}
        names = [name for name in wanted if name in frame.f_locals]
        if wanted and not names:
            name = next(iter(wanted))
            self.found.append(Parting(statement, name, "lost", Cell(-1, name, "a value", "never made")))
        for name in names:
            self._compare(statement, name, frame.f_locals[name], "value")

    def _look_between(self, before: int, now: int, frame: Any) -> None:
        for statement in self.skipped:
            if before < statement < now:
                for name in self.checkpoints[statement]:
                    if name in frame.f_locals:
                        self._compare(statement, name, frame.f_locals[name], "skipped")

    def _compare(self, statement: int, name: str, actual: Any, kind: str) -> None:
        ordinals, expected, *table = self.checkpoints[statement][name]
        cells = [cell for cell in self._found(ordinals, expected, actual, name, table=table) if cell.column not in self.foreign]
        for cell in cells[:1]:
            self.found.append(Parting(statement, cell.column or name, kind, cell))

    def _found(self, ordinals: Any, expected: Any, actual: Any, name: str, *, table: List[str]) -> List[Cell]:
        if not table:
            return self._cells(ordinals, expected, actual, name)
        if not self.whole or length(actual) != self.sizes.get(table[0]):
            return []  # rows of a child table can be told apart only where all of them are there
        return compare(expected, take(actual, np.asarray(ordinals)), [-1] * len(ordinals), name=name, shown=1).cells

    def _cells(self, ordinals: Any, expected: Any, actual: Any, name: str) -> List[Cell]:
        if isinstance(expected, SCALARS) or isinstance(actual, SCALARS):
            return self._single(expected, actual, name)
        if isinstance(expected, dict):
            return [] if not self.whole or same(expected, actual, IN_PROCESS) else [Cell(-1, name, text(expected), text(actual))]
        if length(expected) < 0 or length(actual) < 0:
            return []
        if ordinals is None:
            return self._unaligned(expected, actual, name)
        if length(actual) == len(self.rows):
            known = [(at, self.place[int(row)]) for at, row in enumerate(ordinals) if int(row) in self.place]
            left, right = np.array([at for at, _ in known], dtype="int64"), np.array([at for _, at in known], dtype="int64")
            rows = [self.rows[at] for at in right]
            return compare(take(expected, left), take(actual, right), rows, name=name, shown=1).cells
        if self.whole and length(actual) == length(expected):
            return compare(expected, actual, list(ordinals), name=name, shown=1).cells
        return [Cell(-1, name, f"{length(expected)} rows", f"{length(actual)} rows")] if self.whole else []

    def _single(self, expected: Any, actual: Any, name: str) -> List[Cell]:
        counts = (len(self.rows), None)
        if same(expected, actual, IN_PROCESS) or (type(actual) is int and actual in counts):  # a row count follows the request
            return []
        return [Cell(-1, name, text(expected), text(actual))]

    def _unaligned(self, expected: Any, actual: Any, name: str) -> List[Cell]:
        if length(expected) == length(actual):
            if self.whole or not hasattr(expected, "index"):
                return compare(expected, actual, [-1] * length(actual), name=name, shown=1).cells if self.whole else []
        elif self.whole:
            return [Cell(-1, name, f"{length(expected)} rows", f"{length(actual)} rows")]
        common = None if self.foreign else _labels(expected, actual)  # labels are keys, and those are a request's own
        if common is None:
            return []
        return compare(expected.loc[common], actual.loc[common], [-1] * len(common), name=name, shown=1).cells


def _labels(expected: Any, actual: Any) -> Any:
    """The labels of a smaller table, where it is a part of the notebook's by label (`history` for one applicant)."""
    if not (hasattr(expected, "loc") and hasattr(actual, "loc")) or type(actual.index).__name__ == "RangeIndex":
        return None
    if not (expected.index.is_unique and actual.index.is_unique and actual.index.isin(expected.index).all()):
        return None
    return actual.index


def _named_in(message: str) -> str:
    """The name that an error's message quotes: `KeyError: 'income'` → `income`."""
    parts = message.replace('"', "'").split("'")
    return parts[1] if len(parts) > 2 else ""


def earliest(found: List[Parting]) -> Optional[Parting]:
    """The earliest statement in the notebook's order; a skipped one only where something after it really parts."""
    real = [parting for parting in found if parting.kind != "skipped"]
    if not real:
        return None
    last = min(real, key=lambda parting: parting.statement)
    before = [parting for parting in found if parting.statement < last.statement]
    return min(before, key=lambda parting: parting.statement) if before else last
