"""Selections that a request evaluates too (derived guards): which ones can, and whether they drop what training dropped.

A mask on raw columns becomes a line of the schema; any other is evaluated where it stands, with its bounds frozen:

    loans = loans[loans["ratio"] < loans["ratio"].quantile(0.95)]
    →   loans = state.guard(lambda: loans[loans["ratio"] < state.ratio_quantile(…)], loans, …)
"""

from __future__ import annotations

import ast
from typing import Any, Callable, Dict, Iterable, List, Optional, Set, Tuple

import numpy as np

from .close import Frontiers, close, records_by_expr
from .compare import equal
from .conditions import Masks
from .decide import Decision, decide
from .edits import Edit
from .probing import Probing, Trace
from .program import Program, Stopped
from .runs import Runner
from .sample import Tables, portion
from .selections import Removal, in_place_argument
from .served import Outcome
from .target_rows import with_other_target

# Methods that also work in place, and do the same without it.
IN_PLACE = frozenset({"drop", "dropna", "query"})
ALONE = 8


def choose_guards(program: Program, removed: Dict[int, Removal], traced: Trace, masks: Masks, by_target: Dict[int, bool]) -> None:
    """Let the selections guard that say more of a row than comparisons of raw columns, and nothing of the target."""
    for number, removal in removed.items():
        if number not in traced.selections or by_target.get(number, False) or splits_rows(traced, number):
            continue
        _, derived = masks.of(removal)
        removal.guards = derived and _can_be_written(program, removal)


def splits_rows(traced: Trace, number: int) -> bool:
    """Whether rows that a selection dropped were predicted or fitted with all the same: it parts the rows, and keeps none out."""
    return bool(np.isin(traced.selections[number].dropped, kept_rows(traced)).any())


def kept_rows(traced: Trace) -> np.ndarray:
    """The main rows that reached the model."""
    ids = [rows.ids for rows in (traced.fit_rows, traced.predict_rows) if rows is not None and rows.domain == _domain(traced)]
    return np.unique(np.concatenate(ids)) if ids else np.empty(0, dtype=np.int64)


def _domain(traced: Trace) -> str:
    return "" if traced.fit_rows is None else traced.fit_rows.domain


def _can_be_written(program: Program, removal: Removal) -> bool:
    expr = program.exprs[removal.number]
    operand = removal.operands[0] if len(removal.operands) == 1 else None
    if expr.in_comprehension or operand is None or program.exprs[operand].statement != expr.statement:
        return False
    if not removal.in_place:
        return True
    node: Any = expr.node
    plain = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    return plain and expr.method in IN_PLACE and not expr.called and in_place_argument(node) is not None


def settle(runner: Runner, found: Probing) -> Decision:
    """The edits, with as many guards as can be served: what nothing serves, and only a guard needs, costs the guard alone."""
    while True:
        frontiers = close(runner.program, found)
        decision = decide(runner, found, frontiers)
        troubled = set(decision.refused) | set(unkeyed(found, decision.edits))
        given_up = [
            removal for removal in _guarding(found) if troubled & (_numbers(frontiers) - _without(runner.program, found, removal))
        ]
        if not given_up:
            return decision
        for removal in given_up:
            removal.guards = False


def _guarding(found: Probing) -> List[Removal]:
    return [removal for removal in found.removed.values() if removal.guards]


def _numbers(frontiers: Frontiers) -> Set[int]:
    return {*frontiers.frozen, *frontiers.names, *frontiers.batch}


def _without(program: Program, found: Probing, removal: Removal) -> Set[int]:
    removal.guards = False
    numbers = _numbers(close(program, found))
    removal.guards = True
    return numbers


def unkeyed(found: Probing, edits: Dict[int, Edit]) -> List[int]:
    """Expressions that are learned several times with different values under one name."""
    records = records_by_expr(found)
    several = []
    for number, edit in edits.items():
        values = [record.value for record in records.get(number, []) if not record.error]
        keyed = any(part.get("key") for part in edit.parts + [part for line in edit.before for part in line])
        if edit.rule == "state" and not keyed and any(not equal(values[0], value) for value in values[1:]):
            several.append(number)
    return several


Replay = Callable[[Tables], Outcome]


def wrong_guards(
    replay: Replay, tables: Tables, traced: Trace, removed: Iterable[Removal], *, target: Optional[str], seed: int
) -> List[Removal]:
    """The guards that do not drop exactly what training dropped, all rows together or each alone, whatever the target is."""
    guards = {removal.number: removal for removal in removed if removal.guards}
    if not guards:
        return []
    kept = kept_rows(traced)
    together = _marks(replay, tables, np.arange(tables.rows))
    blinded = _marks(replay, with_other_target(tables, target), np.arange(tables.rows)) if target is not None else together
    wrong: Set[int] = set()
    for number in guards:
        seen, marked, again = traced.selections[number], together.get(number), blinded.get(number)
        right = marked is None or (
            np.array_equal(np.intersect1d(seen.entered, marked), seen.dropped)
            and again is not None
            and np.array_equal(marked, again)
            and not np.isin(kept, marked).any()
        )
        if not right or not _right_alone(replay, tables, number, dropped=seen.dropped, kept=kept, seed=seed):
            wrong.add(number)
    return [guards[number] for number in sorted(wrong)]


def _right_alone(replay: Replay, tables: Tables, number: int, *, dropped: np.ndarray, kept: np.ndarray, seed: int) -> bool:
    random = np.random.RandomState(seed + 7)
    some = [(row, outside) for rows, outside in ((dropped, True), (kept, False)) for row in random.permutation(rows)[:ALONE]]
    for row, outside in some:
        marks = _marks(replay, tables, np.array([row]))
        # Where the row can't be computed at all, it is not answered either.
        if marks and bool(len(marks.get(number, ()))) != outside:
            return False
    return True


def _marks(replay: Callable[[Tables], Outcome], tables: Tables, rows: np.ndarray) -> Dict[int, np.ndarray]:
    """The rows that each guard marks when some are sent together; a guard that can't tell them apart, or none, is left out."""
    try:
        outside: List[Tuple[str, Any]] = [(each.text, each.places) for each in replay(portion(tables, rows)[0]).outside]
    except Stopped:
        return {}
    found: Dict[int, np.ndarray] = {}
    for text, places in outside:
        if places is not None:
            found[int(text)] = np.union1d(found.get(int(text), []), rows[places]).astype(np.int64)
    return found
