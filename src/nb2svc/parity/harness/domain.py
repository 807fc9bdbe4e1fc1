"""Rows that the notebook's own filters dropped: the service must not answer them as if they belonged."""

from __future__ import annotations

import operator as comparisons
from typing import Any, Dict, List

import numpy as np

from .compare import missing, text
from .judge import Outcome
from .modes import Bench, result, unevaluated

COMPARISONS = {
    "<": comparisons.lt,
    "<=": comparisons.le,
    ">": comparisons.gt,
    ">=": comparisons.ge,
    "==": comparisons.eq,
    "!=": comparisons.ne,
}


def dropped(bench: Bench) -> Dict[str, Any]:
    """Every row outside a guard, or dropped by one, is `refer` or `invalid`; none outside one reached the model input."""
    table = bench.tables.values[bench.tables.main["name"]]
    kept = set(bench.rows) | bench.oracle.prepared
    lost = sorted(set(range(bench.tables.size)) - kept)
    guards = [guard for guard in _guards(bench.request) if hasattr(table, "columns") and guard["column"] in table.columns]
    derived = _dropped_by_guards(bench)
    if not guards and not derived:
        reason = "no row was dropped" if not lost else str(len(lost)) + " rows were dropped by statements that give no guard"
        return unevaluated("dropped", reason, total=len(lost))
    outside: Dict[int, Dict[str, Any]] = {}
    for guard in guards:
        for row in np.flatnonzero(~_holds(table[guard["column"]], guard)).tolist():
            outside.setdefault(row, guard)
    for row, guard in derived.items():
        outside.setdefault(row, guard)
    outcome = Outcome()
    for row in sorted(set(outside) & kept):
        expected = "dropped by " + _say(outside[row])
        outcome.fail([row], column=outside[row]["column"], expected=expected, actual="reached the model input")
    _statuses(bench, sorted(set(outside) - kept), outside, outcome)
    return result("dropped", outcome, total=len(lost), reason="no row lies outside the guards")


def _statuses(bench: Bench, rows: List[int], outside: Dict[int, Dict[str, Any]], outcome: Outcome) -> None:
    if not rows:
        return
    replay = bench.service.predict(bench.tables.json_rows(rows))
    if replay.error or len(replay.answers) != len(rows):
        outcome.fail(rows, column="", expected="refer or invalid", actual=replay.error or "another number of results")
        return
    outcome.compared.update(rows)
    for row, entry in zip(rows, replay.answers):
        if entry.get("status") not in ("refer", "invalid"):
            got = str(entry.get("status")) + ", " + text(entry.get("prediction"))
            outcome.fail([row], column=outside[row]["column"], expected="refer: not " + _say(outside[row]), actual=got)


def _guards(request: Dict[str, Any]) -> List[Dict[str, Any]]:
    return [
        condition
        for selection in request.get("selections", [])
        if not selection.get("reads_target")
        for condition in selection.get("conditions", [])
    ]


def _dropped_by_guards(bench: Bench) -> Dict[int, Dict[str, Any]]:
    """The rows that selections dropped which the service evaluates where they stand."""
    found: Dict[int, Dict[str, Any]] = {}
    for selection, rows in zip(bench.request.get("selections", []), bench.dropped):
        if selection.get("guards"):
            where = "the selection in cell {}, line {}".format(selection["span"]["cell"], selection["span"]["line"])
            found.update((row, {"column": "", "operator": "", "where": where}) for row in np.asarray(rows).tolist())
    return found


def _say(guard: Dict[str, Any]) -> str:
    if "where" in guard:
        return str(guard["where"])
    value = "" if guard["operator"] == "not null" else " " + text(guard["value"])
    return "{} {}{}".format(guard["column"], guard["operator"], value)


def _holds(column: Any, guard: Dict[str, Any]) -> Any:
    operator, value = guard["operator"], guard.get("value")
    return np.array([_test(entry, operator, value) for entry in column.tolist()], dtype=bool)


def _test(entry: Any, operator: str, value: Any) -> bool:
    if missing(entry):  # comparisons with a missing value are false in pandas, but for those that negate
        return operator in ("!=", "not in")
    if operator == "not null":
        return True
    if hasattr(entry, "isoformat"):
        entry = entry.isoformat()
    if operator in ("in", "not in"):
        return (entry in value) == (operator == "in")
    return bool(COMPARISONS[operator](entry, value))
