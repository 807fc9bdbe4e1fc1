"""One row of a request, statement by statement: what the service's variables hold, and what the notebook's held.

loans["stale"] = loans["days_since"] > 30    cell 3, line 10    features.py line 24
    loans  stale    notebook True    service False    differs
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

import numpy as np

from .compare import LAST_BITS, THROUGH_JSON, columns, entry, length, missing, plain, same, text
from .tables import Tables
from .trace import SCALARS, Checkpoints, LineMap, Watcher

# Of one statement at most so many values are shown, of a table of several rows at most so many rows.
SHOWN = 80
ROWS = 5
# A run keeps so many rows of a variable.
KEPT = 20_000
WIDTH = 400

_NONE = object()
# (variable, place of its row, column) → value
Values = Dict[Tuple[str, int, str], Any]


class Seen(NamedTuple):
    """What a variable held after a statement: how many rows (-1: a single value), and some of its values."""

    rows: int
    values: Values


class StepTrace(Watcher):
    """Follows one call for one row, and keeps what each statement made: {statement: {variable: what it held}}."""

    def __init__(self, checkpoints: Checkpoints, lines: LineMap) -> None:
        super().__init__(checkpoints, lines, rows=[0], whole=False)
        self.steps: Dict[int, Dict[str, Seen]] = {}
        self.raised: Optional[Tuple[int, str]] = None

    def follow(self, call: Callable[[], Any]) -> "StepTrace":
        """Make the call; the trace itself."""
        self.run(call)
        return self

    def _finish(self, statement: int, frame: Any) -> None:
        held = self.steps.setdefault(statement, {})
        for name in self.checkpoints.get(statement, {}):
            if name in frame.f_locals:
                found = _held(name, frame.f_locals[name])
                if found is not None:
                    held[name] = found

    def _look_between(self, before: int, now: int, frame: Any) -> None:
        """A statement that serving skips made nothing here."""

    def _raise(self, statement: Optional[int], argument: Any) -> None:
        if statement is not None and self.raised is None:
            self.raised = (statement, argument[0].__name__ + ": " + str(argument[1])[:200])


def _held(name: str, value: Any) -> Optional[Seen]:
    if isinstance(value, SCALARS):
        return Seen(-1, {(name, 0, ""): value})
    if length(value) < 0:
        return None
    found = {}
    for column, items in _columns(value, name):
        for place in range(min(ROWS, length(items))):
            found[(name, place, column)] = entry(items, place)
    return Seen(length(value), found)


def _columns(value: Any, name: str) -> List[Tuple[str, Any]]:
    """A value's columns, "" for the only one of a series or list; of a very wide one the first few."""
    if hasattr(value, "columns") and hasattr(value, "iloc"):
        return [(str(label), value.iloc[:, place]) for place, label in enumerate(value.columns[:WIDTH])]
    if hasattr(value, "iloc") or not (getattr(value, "ndim", 1) > 1):
        return [("", items) for _, items in columns(value, name)]
    return columns(value, name)[:WIDTH]


class Notebook:
    """What the notebook's variables held for one of its rows; `keys` are the row's own key values."""

    def __init__(self, tables: Tables, checkpoints: Checkpoints) -> None:
        self._tables = tables
        self._checkpoints = checkpoints
        self._places: Dict[Tuple[int, str], Dict[int, List[int]]] = {}
        self._scales: Dict[Tuple[int, str, str], float] = {}

    def held(self, row: int, statement: int, name: str) -> Optional[Seen]:
        """What a variable held after a statement as far as it is about a row; None where that can't be told."""
        ordinals, value, *table = self._checkpoints[statement][name]
        if callable(value):
            return None
        if isinstance(value, SCALARS):
            return _held(name, value)
        if ordinals is None or length(value) < 0:
            return None
        places = self._of(row, statement, name, table[0] if table else "")
        found = {}
        for column, items in _columns(value, name):
            for at, place in enumerate(places[:ROWS]):
                found[(name, at, column)] = entry(items, place)
        return Seen(len(places), found)

    def whole(self, statement: int, name: str) -> Any:
        """A small value that is about no row, such as means by column; None for any other."""
        ordinals, value = self._checkpoints[statement][name][:2]
        return value if ordinals is None and not callable(value) and 0 <= length(value) <= SHOWN else None

    def is_table(self, statement: int, name: str) -> bool:
        """Whether a variable holds rows."""
        return length(self._checkpoints[statement][name][1]) >= 0

    def is_cut(self, statement: int, name: str) -> bool:
        """Whether only the first rows of a long table were kept."""
        return length(self._checkpoints[statement][name][1]) >= KEPT

    def scale(self, statement: int, name: str, column: str) -> float:
        """The largest value of a column: what its last bits are counted from."""
        key = (statement, name, column)
        if key not in self._scales:
            value = self._checkpoints[statement][name][1]
            named = dict(_columns(value, name)) if length(value) > 0 else {}
            self._scales[key] = largest(named.get(column))
        return self._scales[key]

    def _of(self, row: int, statement: int, name: str, table: str) -> List[int]:
        """Where in the value the row's own rows stand."""
        key = (statement, name)
        if key not in self._places:
            self._places[key] = {}
            for place, ordinal in enumerate(np.asarray(self._checkpoints[statement][name][0]).tolist()):
                self._places[key].setdefault(int(ordinal), []).append(place)
        of = self._places[key]
        rows = self._tables.child_rows(table, row) if table else [row]
        return [place for each in rows for place in of.get(each, ())]


def compared(
    trace: StepTrace,
    notebook: Notebook,
    row: Optional[int],
    *,
    lines: LineMap,
    request: Mapping[str, Any],
    foreign: Set[str],
    judged: bool,
) -> List[Dict[str, Any]]:
    """Each statement with the values that it made or changed, the notebook's of `row` beside the service's.

    `judged` says whether both are of the same row: else a difference is a `changed` value, and no fault. `foreign` are columns
    that a request fills otherwise (keys, the target): they are left out.
    """
    # What was said of a column already, of both sides: later statements only carry it on.
    known: Dict[Tuple[str, int, str], Tuple[Any, Any]] = {("", 0, str(name)): (_NONE, value) for name, value in request.items()}
    said = _Said(notebook, row, foreign=foreign, judged=judged)
    found = []
    for statement in sorted(set(trace.steps) | ({trace.raised[0]} if trace.raised else set())):
        record = lines.first(statement)
        if record is None:
            continue
        values: List[Dict[str, Any]] = []
        same_as_before = 0
        for name, held in trace.steps.get(statement, {}).items():
            for value in said.values(statement, name, held):
                key, sides = _key(value), value["sides"]
                if _carried(known.get(key), sides, equal=value["equal"]):
                    same_as_before += 1
                else:
                    values.append(value)
                known[key] = sides
        if len(values) > SHOWN:
            values.sort(key=lambda value: value["equal"] is not False)
        found.append(
            {
                **_place(record),
                "values": [_shown(value) for value in values[:SHOWN]],
                "more": max(0, len(values) - SHOWN),
                "as_before": same_as_before,
                "raised": trace.raised[1] if trace.raised and trace.raised[0] == statement else "",
            }
        )
    return found


def _carried(before: Optional[Tuple[Any, Any]], now: Tuple[Any, Any], *, equal: Optional[bool]) -> bool:
    if before is None or not same(before[1], now[1], 0.0):
        return False
    if before[0] is _NONE or now[0] is _NONE:  # the request itself, or a part of a split that the notebook's row is not in
        return equal is not False
    return same(before[0], now[0], 0.0)


def _key(value: Dict[str, Any]) -> Tuple[str, int, str]:
    """A frame's column is known by its name, in whatever variable it stands; anything else by its variable."""
    column = value["column"]
    named = bool(column) and not column.isdigit() and value["rows"] == 1
    return ("" if named else value["name"], value["place"], column)


def _place(record: Mapping[str, Any]) -> Dict[str, Any]:
    return {
        "statement": record["statement"],
        "cell": record["cell"],
        "line": record["cell_line"],
        "text": str(record.get("text", "")).strip(),
        "file": str(record["file"]).rpartition("/")[2],
        "at": record["line"],
    }


class _Said:
    def __init__(self, notebook: Notebook, row: Optional[int], *, foreign: Set[str], judged: bool) -> None:
        self._notebook = notebook
        self._row = row
        self._foreign = foreign
        self._judged = judged

    def values(self, statement: int, name: str, held: Seen) -> List[Dict[str, Any]]:
        """Every value of a variable, both sides."""
        if held.values == {(name, 0, ""): None} and self._notebook.is_table(statement, name):
            return []  # only training has it
        own = self._own(statement, name, held)
        found = []
        if own is not None and own.rows not in (-1, held.rows) and not self._notebook.is_cut(statement, name):
            found.append(self._value(name, 0, "rows", rows=0, sides=(own.rows, held.rows), scale=0.0))
        keys = [*held.values, *(key for key in (own.values if own is not None else ()) if key not in held.values)]
        for key in keys:
            if key[2] in self._foreign:
                continue
            sides = [held.values[key]] if key in held.values else []
            mine = own.values[key] if own is not None and key in own.values else _NONE
            found.append(
                self._value(
                    name, key[1], key[2], rows=max(held.rows, 1), sides=(mine, *sides),
                    scale=self._notebook.scale(statement, name, key[2]) if isinstance(mine, (float, np.floating)) else 0.0,
                )
            )  # fmt: skip
        return found

    def _own(self, statement: int, name: str, held: Seen) -> Optional[Seen]:
        if self._row is None:
            return None
        own = self._notebook.held(self._row, statement, name)
        if own is not None:
            return own if own.rows else None  # the notebook had no such row there: it stood in the other part of a split
        whole = self._notebook.whole(statement, name)
        return _held(name, whole) if whole is not None and length(whole) == held.rows else None

    def _value(self, name: str, place: int, column: str, *, rows: int, sides: Sequence[Any], scale: float) -> Dict[str, Any]:
        own, *service = sides
        equal: Optional[bool] = None
        if own is not _NONE:
            equal = bool(service) and alike(own, service[0], scale=scale)
        differs = equal is False
        found = {
            "name": name,
            "place": place,
            "column": column,
            "rows": rows,
            "equal": equal if self._judged else None,
            "changed": differs and not self._judged,
            "sides": (own, service[0] if service else _NONE),
        }
        if own is not _NONE:
            found["notebook"] = json_of(own)
        if service:
            found["service"] = json_of(service[0])
        return found


def largest(column: Any) -> float:
    """The largest finite value of a column of floats; 0 of any other."""
    array = plain(column) if column is not None else np.zeros(0)
    known = np.abs(array[np.isfinite(array)]) if array.dtype.kind == "f" else np.zeros(0)
    return float(known.max()) if len(known) else 0.0


def alike(expected: Any, actual: Any, *, scale: float = 0.0) -> bool:
    """Equal as the proof counts it for what came through JSON: floats by tolerance, or by the last bits of their column."""
    if same(expected, actual, THROUGH_JSON):
        return True
    numbers = (int, float, np.number)
    if not isinstance(expected, (float, np.floating)) or not isinstance(actual, numbers) or missing(actual):
        return False
    return abs(float(expected) - float(actual)) <= LAST_BITS * scale


def _shown(value: Dict[str, Any]) -> Dict[str, Any]:
    name = value["name"] if value["rows"] <= 1 else "{}[{}]".format(value["name"], value["place"])
    return {**{key: item for key, item in value.items() if key not in ("sides", "rows", "place")}, "name": name}


def json_of(value: Any) -> Any:
    """A value as JSON: None for a missing one, text for what JSON has no word for."""
    if isinstance(value, np.generic):
        value = value.item()
    if missing(value):
        return None
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return str(value)
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, (list, tuple, np.ndarray)) and len(value) <= SHOWN:
        return [json_of(each) for each in value]
    return text(value.isoformat() if hasattr(value, "isoformat") else value)
