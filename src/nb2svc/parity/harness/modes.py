"""The ways of replaying in tables: all at once, alone, shuffled, repeated, with another target."""

from __future__ import annotations

import random
from typing import Any, Callable, Dict, List, Optional, Sequence

import numpy as np

from .compare import Cell, compare, length, missing, take
from .judge import Outcome, against, judge, own_inputs
from .oracle import Oracle, Source
from .sample import stratified
from .service import Replay, Service
from .tables import Tables

EDGES_ALLOWED = 0.05


class Bench:
    """What every mode replays with: the tables, the oracles, the service and the rows to take one by one."""

    def __init__(self, tables: Tables, oracle: Oracle, service: Service, *, request: Dict[str, Any]) -> None:
        self.tables = tables
        self.oracle = oracle
        self.service = service
        self.request = request
        self.dropped: List[Any] = []  # for each selection the rows that it dropped
        self.sample: List[int] = []
        self.base: Optional[Replay] = None
        self.base_rows: List[int] = []

    @property
    def rows(self) -> List[int]:
        """The main rows that some oracle knows."""
        return self.oracle.survivors

    @property
    def batch(self) -> List[int]:
        """The rows of a request in JSON: all, or a stratified part where the proof is to be quick."""
        size = self.request.get("batch")
        return self.rows if size is None else stratified(self.tables, self.rows, size=int(size))

    def replay(self, ordinals: Sequence[int], *, change: Optional[Callable[[Dict[str, Any]], None]] = None) -> Outcome:
        """Call the service with these rows' tables (changed by `change`) and judge it."""

        def call(substitute: Any = None) -> Replay:
            tables = self.tables.select(ordinals)
            if change is not None:
                change(tables)
            return self.service.answer(tables, substitute=substitute)

        return judge(self.oracle, ordinals, call(), rerun=call)


def prepare(bench: Bench) -> None:
    """Replay all rows at once, set rows apart that were prepared otherwise, and make the references of the others."""
    bench.base_rows = bench.oracle.survivors
    bench.base = bench.service.answer(bench.tables.select(bench.base_rows))
    predict = bench.oracle.predict
    if bench.request.get("twin") and predict is not None and bench.base.inputs is not None:
        rows = np.asarray(bench.base_rows, dtype="int64")
        bench.oracle.set_apart(against([predict], rows, bench.base.inputs).bad)
    _refer(bench)


def _refer(bench: Bench) -> None:
    predicted = bench.oracle.predictions
    known = set(predicted.ordinals.tolist()) if predicted is not None else set()
    rows = sorted(set(bench.rows) - known)
    if not rows:
        return
    replay = bench.service.answer(bench.tables.select(rows), substitute=own_inputs(bench.oracle, rows))
    if not replay.error and replay.inputs is not None and length(replay.answers) == len(rows):
        bench.oracle.references.append(Source("answer", replay.answers, rows, size=bench.tables.size))


def predictions(bench: Bench) -> Dict[str, Any]:
    """The notebook's own predictions; of rows prepared otherwise, what its own inputs for them give."""
    oracle = bench.oracle
    if bench.base is None or oracle.predictions is None:
        return unevaluated("predictions", oracle.problem or "no row was replayed")
    rows = sorted(set(oracle.predictions.ordinals.tolist()))
    if not rows:
        why = "was prepared otherwise" if oracle.prepared else "stands for no row of the main table"
        return unevaluated("predictions", "every row that the notebook predicted " + why, total=len(oracle.prepared))
    outcome = _part_of_base(bench, rows)
    return result("predictions", outcome, total=len(rows))


def inputs(bench: Bench) -> Dict[str, Any]:
    """The notebook's own model inputs, for the rows it fitted with and those it predicted."""
    if bench.base is None or not bench.rows:
        return unevaluated("inputs", "no row reached the model input")
    outcome, rows = Outcome(), np.asarray(bench.base_rows, dtype="int64")
    if bench.base.error:
        outcome.fail(bench.base_rows, column="", expected="a model input", actual=bench.base.error)
    elif bench.base.inputs is None:
        return unevaluated("inputs", "the answer never called the model's predict method", total=len(rows))
    else:
        outcome = against(bench.oracle.judged, rows, bench.oracle.without_passed(bench.base.inputs))
    return result("inputs", outcome, total=len(bench.rows))


def _part_of_base(bench: Bench, rows: List[int]) -> Outcome:
    assert bench.base is not None

    def rerun(substitute: Any) -> Replay:
        return bench.service.answer(bench.tables.select(bench.base_rows), substitute=substitute)

    everything = judge(bench.oracle, bench.base_rows, bench.base, rerun=rerun)
    if bench.base.error:
        everything.compared = everything.bad = set(rows)
        return everything
    wanted, part = set(rows), Outcome()
    answers = against(bench.oracle.answers[:1], np.asarray(bench.base_rows, dtype="int64"), bench.base.answers)
    part.edges = [edge for edge in everything.edges if edge.row in wanted]
    part.bad = answers.bad - {edge.row for edge in part.edges}
    part.cells = [cell for cell in answers.cells if cell.row in part.bad or cell.row < 0]
    part.compared = answers.compared & wanted
    return part


def alone(bench: Bench) -> Dict[str, Any]:
    """Each row of the sample as a request of its own."""
    outcome = Outcome()
    for row in bench.sample:
        outcome.add(bench.replay([row]))
    return result("alone", outcome, total=len(bench.rows))


def shuffled(bench: Bench) -> Dict[str, Any]:
    """All rows in another order."""
    order = list(bench.rows)
    random.Random(1).shuffle(order)  # noqa: S311 - the same order at every build
    return result(
        "shuffled", bench.replay(order) if len(order) > 1 else Outcome(), total=len(order), reason="one row has one order"
    )


def repeat(bench: Bench) -> Dict[str, Any]:
    """The same call twice, and every row three times in one batch."""
    rows = bench.sample[:50]
    outcome = bench.replay(rows)
    outcome.add(bench.replay(rows))
    outcome.add(bench.replay([row for row in rows for _ in range(3)]))
    return result("repeat", outcome, total=len(bench.rows))


def target(bench: Bench) -> Dict[str, Any]:
    """Another training value of the target in every row."""
    name, main = bench.request.get("target"), bench.tables.main["name"]
    table = bench.tables.values[main]
    if not name or not hasattr(table, "columns") or name not in table.columns:
        return unevaluated("target", "the target is no column of the request's table", total=len(bench.rows))
    known = [value for value in table[name].drop_duplicates().tolist() if not missing(value)]
    if len(known) < 2:
        return unevaluated("target", "the target has one value only", total=len(bench.rows))
    following = dict(zip(known, known[1:] + known[:1]))

    def change(tables: Dict[str, Any]) -> None:
        column = tables[main][name]
        tables[main][name] = column.map(lambda value: following.get(value, known[0])).astype(column.dtype)

    return result("target", bench.replay(bench.rows, change=change), total=len(bench.rows))


def unmutated(bench: Bench) -> Dict[str, Any]:
    """The tables that are handed in are the same afterwards."""
    given, before = bench.tables.select(bench.rows), bench.tables.select(bench.rows)
    outcome = judge(bench.oracle, bench.rows, bench.service.answer(given), rerun=None)
    frozen = {name: value for name, value in bench.service.frozen.items() if length(value) >= 0}
    lookups = {name: value for name, value in before.items() if name in frozen}
    for name, value in {**{key: part for key, part in given.items() if key not in frozen}, **frozen}.items():
        was = lookups.get(name, before.get(name))
        if was is None or length(value) < 0:
            continue
        found = compare(was, value, list(range(length(was))))
        if found.rows:
            cells = [Cell(cell.row, name + "." + cell.column, cell.expected, cell.actual) for cell in found.cells]
            outcome.cells = cells + outcome.cells
            outcome.bad |= found.rows if name == bench.tables.main["name"] else set(bench.rows)
    return result("unmutated", outcome, total=len(bench.rows))


def otherwise(bench: Bench, apart: Optional[Source], output: Optional[Source]) -> Outcome:
    """Rows prepared otherwise: what follows `predict` must still give the notebook's answer from the notebook's inputs."""
    outcome = Outcome()
    if apart is None or output is None or not bench.oracle.prepared:
        return outcome
    rows = sorted(bench.oracle.prepared)
    places = apart.where[np.asarray(rows, dtype="int64")]

    def substitute(given: Any) -> Any:
        return take(apart.value, places) if length(given) == len(rows) else given

    replay = bench.service.answer(bench.tables.select(rows), substitute=substitute)
    if replay.error:
        outcome.fail(rows, column="", expected="an answer", actual=replay.error)
        return outcome
    return against([output], np.asarray(rows, dtype="int64"), replay.answers)


def result(name: str, outcome: Outcome, *, total: int, reason: str = "no row could be compared") -> Dict[str, Any]:
    """A mode's result as JSON: not evaluated where nothing was compared; a warning for knife edges up to 5 % of the rows."""
    compared, notes = len(outcome.compared), list(outcome.notes)
    if not compared and not outcome.bad:
        return unevaluated(name, notes[0] if notes else reason, total=total)
    edges = {edge.row: edge for edge in outcome.edges if edge.row not in outcome.bad}
    status = "fail" if outcome.bad else "warn" if edges else "pass"
    if edges:
        notes.append(str(len(edges)) + " rows on a knife edge")
        status = "fail" if len(edges) > EDGES_ALLOWED * max(1, compared) else status
    return {
        "name": name,
        "status": status,
        "compared": compared,
        "total": max(total, compared),
        "different": len(outcome.bad) + len(edges),
        "differences": [cell._asdict() for cell in outcome.cells],
        "note": "; ".join(notes),
        "edges": [edge._asdict() for edge in edges.values()],
        "rows": sorted(outcome.bad)[:20],
    }


def unevaluated(name: str, reason: str, *, total: int = 0) -> Dict[str, Any]:
    """A mode that compared nothing, and why."""
    empty: Dict[str, Any] = {"differences": [], "edges": [], "rows": []}
    return {"name": name, "status": "not_evaluated", "compared": 0, "total": total, "different": 0, "note": reason, **empty}
