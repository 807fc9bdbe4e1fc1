"""The edited program replayed as the service runs it: all rows, and rows alone, against what the notebook had."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional

import numpy as np

from . import findings as say
from .compare import equal, first_difference
from .joined_rows import Joined
from .probing import Trace
from .program import Stopped
from .request import Request
from .rowids import Rows
from .sample import Tables, child_counts, portion, single_rows
from .served import Outcome, positions_of
from .tabular import count, is_rows, take

ALONE = 12


def check_served(
    replay: Callable[[Tables], Outcome], tables: Tables, traced: Trace, request: Request, *, joined: Optional[Joined] = None
) -> List[say.Finding]:
    """At most one finding: the first way of sending rows in which the served model input is another one."""
    fit = traced.fit_rows
    if fit is None or traced.served is None:
        return []
    known = np.unique(fit.ids[fit.ids >= 0])
    counts = child_counts(tables)
    alone = single_rows(tables.values[tables.main], known, limit=ALONE, children=counts, seed=request.seed + 5)[: 2 * ALONE]
    shuffled = np.random.RandomState(request.seed + 6).permutation(known)
    ways = [("training's rows together", known), ("training's rows in another order", shuffled)]
    ways += [("a row alone", np.array([row])) for row in alone]
    for name, rows in ways:
        found = _one(replay, tables, rows, name, traced, request)
        if found is not None:
            return [found]
    if joined is not None:
        tables = tables.with_values({tables.main: joined.table})
    return _twin(replay, tables, traced, request, predict=traced.predict_rows if joined is None else joined.rows)


def _one(
    replay: Callable[[Tables], Outcome], tables: Tables, rows: np.ndarray, name: str, traced: Trace, request: Request
) -> Optional[say.Finding]:
    part = portion(tables, rows)[0]
    assert traced.fit_rows is not None
    try:
        outcome = replay(part)
    except Stopped as stopped:
        return say.differs_served(say.short(repr(stopped.error)), name, request.statement(stopped.statement).spot.json())
    expected = take(traced.served, positions_of(traced.fit_rows.ids, rows))
    if outcome.served is None or not is_rows(outcome.served) or count(outcome.served) != len(rows):
        return say.other_rows(name, request.statements, _span(request))
    if not equal(expected, outcome.served, labels=False):
        if tables.main_key is not None and _key_is_read(replay, tables, part, outcome):
            return say.key_is_read(str(tables.main_key))
        return say.differs_served(first_difference(expected, outcome.served), name, _span(request))
    return None


def _key_is_read(replay: Callable[[Tables], Outcome], tables: Tables, part: Tables, outcome: Outcome) -> bool:
    """Whether other key values alone change the model input."""
    values = dict(part.values)
    for name, key in [(tables.main, str(tables.main_key)), *list(tables.children.items())]:
        column = values[name][key]
        other = column + 7 if column.dtype.kind in "iu" else column.astype(str) + "_"
        values[name] = values[name].assign(**{key: other})
    try:
        again = replay(tables.with_values(values))
    except Stopped:
        return False
    return not equal(again.served, outcome.served, labels=False)


def _twin(
    replay: Callable[[Tables], Outcome], tables: Tables, traced: Trace, request: Request, *, predict: Optional[Rows]
) -> List[say.Finding]:
    """The rows that the notebook predicted: prepared as the served code does, and answered alike?"""
    if predict is None or predict.domain != tables.main or not is_rows(traced.predict) or (predict.ids < 0).any():
        return []
    try:
        outcome = replay(portion(tables, predict.ids)[0])
    except Stopped as stopped:
        return [
            say.differs_served(
                say.short(repr(stopped.error)), "the predicted rows", request.statement(stopped.statement).spot.json()
            )
        ]
    if outcome.served is None or count(outcome.served) != len(predict.ids):
        return [say.other_rows("the predicted rows", request.statements, _span(request))]
    if not equal(traced.predict, outcome.served, labels=False):
        different = _different_rows(traced.predict, outcome.served)
        return [say.prepared_otherwise(different, request.predict_input.json() if request.predict_input is not None else None)]
    rows = traced.output_rows
    if rows is not None and outcome.output is not None and rows.domain == tables.main and len(rows.ids) == count(outcome.output):
        if np.array_equal(rows.ids, predict.ids) and not equal(traced.output, outcome.output, labels=False, rtol=1e-5):
            span = request.statement(request.output_statement).spot.json() if request.output_statement is not None else None
            return [say.differs_served("the answer", "the predicted rows", span)]
    return []


def _different_rows(left: Any, right: Any) -> int:
    if getattr(left, "shape", None) != getattr(right, "shape", None):
        return count(left)
    return sum(
        1 for row in range(count(left)) if not equal(take(left, np.array([row])), take(right, np.array([row])), labels=False)
    )


def _span(request: Request) -> Optional[Dict[str, int]]:
    return None if request.fit_input is None else request.fit_input.json()
