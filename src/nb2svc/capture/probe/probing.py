"""Trace, training run and probes: from the request to blames, selections and the record they were judged against."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Sequence, Set

import numpy as np

from .columns import reached_rows
from .instrument import number_of
from .lockstep import Blames, Lockstep
from .program import Program, Script, Stopped
from .record import Evaluation, Run
from .rowids import Rows
from .runs import Runner, Watch
from .sample import Tables, child_counts, choose_sample, numbered, portion, single_rows
from .selections import Removal, all_seen, removals, replacements
from .served import needed_statements
from .tabular import PLAIN, estimators_of, is_rows, take
from .training import Record, SeenSelection, Training, find_selection


class Trace:
    """The notebook's own way on all rows: row ids of what fit and predict received, scalars by expression, selections."""

    def __init__(self) -> None:
        self.served: Any = None
        self.fit_rows: Optional[Rows] = None
        self.predict: Any = None
        self.predict_rows: Optional[Rows] = None
        self.output: Any = None
        self.output_rows: Optional[Rows] = None
        self.scalars: Dict[int, Any] = {}
        self.selections: Dict[int, SeenSelection] = {}
        self.checkpoints: Dict[int, Dict[str, Any]] = {}
        self.stopped: Optional[Stopped] = None


class Probing:
    """Everything that the probes found."""

    def __init__(self, training: Training, tables: Tables, rows: np.ndarray) -> None:
        self.training = training
        self.tables = tables
        self.sample = rows
        self.fit_rows: Optional[Rows] = None
        self.predict_rows: Optional[Rows] = None
        self.predict_record: Optional[Record] = None
        self.blames = Blames()
        self.removed: Dict[int, Removal] = {}
        self.seen_selections: Dict[int, Removal] = {}
        # The statements that serving runs; None before the selections are known.
        self.needed: Optional[Set[int]] = None
        self.reached: Set[int] = set()
        self.stops: List[Stopped] = []
        self.counts: Dict[str, int] = {}
        self.served: Any = None


def trace(runner: Runner, tables: Tables, *, checkpoints: Any = None, also: Sequence[str] = ()) -> Trace:
    """Run the notebook's own slice on all rows, with row ids and nothing recorded but scalars and selections.

    `also` are tables of their own whose rows are followed, which only the notebook's way to its prediction rows reads.
    """
    program = runner.program
    found = Trace()
    predict_number = None if program.predict_input is None else number_of(program.predict_input)

    def listen(run: Run, seen: Evaluation) -> Any:
        if seen.error is not None:
            raise seen.error
        if isinstance(seen.value, PLAIN) and not run.twin:
            found.scalars[seen.expr.number] = seen.value
        if seen.expr.number == predict_number:
            found.predict, found.predict_rows = seen.value, seen.rows
        if seen.context is None and not run.twin:
            find_selection(found.selections, run, seen)
        return seen.value

    def prepare(run: Run, watch: Watch) -> None:
        run.listener = listen
        run.changed = in_place(found.selections)
        watch.draws_again = program.request.draw_again
        kept.append(watch)
        if checkpoints is not None:
            watch.left = lambda statement, part, namespace: checkpoints(found, run, statement, part, namespace)

    kept: List[Watch] = []
    try:
        runner.run(Script(program, served=False), tables, prepare, also=also)
    except Stopped as stopped:
        found.stopped = stopped
    watch = kept[0]
    found.scalars.update({number: value for number, value in watch.run.plain.items() if isinstance(value, PLAIN)})
    found.served, found.fit_rows = watch.served, watch.served_rows
    found.output, found.output_rows = watch.output, watch.output_rows
    if program.fit_input is None:
        found.served, found.fit_rows = found.predict, found.predict_rows
    return found


def in_place(found: Dict[int, SeenSelection]) -> Any:
    """Note a call that dropped rows of its receiver in place."""

    def changed(run: Run, seen: Evaluation, number: int, before: Rows, after: Rows) -> None:
        if run.twin:
            return
        selection = SeenSelection(seen.expr.number, in_place=True)
        selection.parts.append((number, before, after))
        selection.add_to(found, run)

    return changed


def probe(
    runner: Runner, tables: Tables, traced: Trace, *, choose: Callable[[Probing, Trace, Tables], None] = lambda *_: None
) -> Probing:
    """Classify on a sample: one training run, then the probes of FROZEN_STATE §2.3 in their order.

    `choose` is told of the removed selections before the probes, and says which of them serving evaluates too.

    Raises:
        Stopped: a statement raises on all rows.
    """
    request = runner.program.request
    survivors = reached_rows([traced.fit_rows, traced.predict_rows], tables.main)
    rows = choose_sample(tables.values[tables.main], request.sample, keep=survivors, seed=request.seed)
    try:
        found = _train(runner, tables, rows)
    except Stopped:
        # The sample lacks what all rows have (a category, enough rows): classify on all of them.
        found = _train(runner, tables, np.arange(tables.rows))
    choose(found, traced, tables)
    _run_probes(runner, found, request.single_rows, request.seed)
    return found


def _train(runner: Runner, tables: Tables, rows: np.ndarray) -> Probing:
    program = runner.program
    sample = portion(tables, rows, fresh=False)[0] if len(rows) < tables.rows else numbered(tables)
    sample = numbered(sample)
    training = Training([part for kept in program.request.fitted for part in estimators_of(kept.value)])
    found = Probing(training, sample, rows)
    watches: List[Watch] = []

    def prepare(run: Run, watch: Watch) -> None:
        run.listener = training.listen
        run.changed = in_place(training.selections)
        watch.draws_again = program.request.draw_again
        watches.append(watch)

    runner.run(Script(program, served=False), sample, prepare)
    found.served, found.fit_rows = watches[0].served, watches[0].served_rows
    number = None if program.predict_input is None else number_of(program.predict_input)
    found.predict_record = None if number is None else training.records.get((number, None, 0))
    found.predict_rows = None if found.predict_record is None else found.predict_record.rows
    if program.fit_input is None:
        found.fit_rows = found.predict_rows
    if found.fit_rows is None:
        return found
    found.removed = removals(program, training.selections, fit=found.fit_rows, predict=found.predict_rows)
    found.seen_selections = all_seen(program, training.selections, found.removed)
    return found


def _run_probes(runner: Runner, found: Probing, singles: int, seed: int) -> None:
    if found.fit_rows is None:
        _probe_rows(runner, found, "identity", np.arange(found.tables.rows), served=False)
        return
    random = np.random.RandomState(seed + 1)
    _probe_rows(runner, found, "identity", np.arange(found.tables.rows), served=False)
    ids = found.fit_rows.ids
    fit = np.unique(ids[ids >= 0])
    predicted = (
        found.predict_rows.ids if found.predict_rows is not None and found.predict_rows.domain == found.tables.main else fit
    )
    predicted = np.unique(predicted[predicted >= 0])
    evaluated: Set[int] = set()
    again = len(predicted) > 0 and not np.array_equal(fit, predicted)  # rows of another table have no ordinals
    groups = [("fit", fit)] + ([("predict", predicted)] if again else [])
    for _, pool in groups:
        shuffled = random.permutation(pool)
        some = random.permutation(pool)[:20]
        evaluated |= _probe_rows(runner, found, "permuted", shuffled)
        _probe_rows(runner, found, "half", np.sort(shuffled[: max(1, len(pool) // 2)]))
        _probe_rows(runner, found, "repeated", np.concatenate([some, some[:10]]))
        limit = singles if len(groups) == 1 else max(2, singles // 2)
        counts = child_counts(found.tables)
        for row in single_rows(found.tables.values[found.tables.main], pool, limit=limit, children=counts, seed=seed):
            _probe_rows(runner, found, "single", np.array([row]))
    _remove_idle(found)
    # Inside a call that is itself removed nothing is left to remove.
    found.removed = {
        number: removal for number, removal in found.removed.items() if number in evaluated or number in found.training.idle
    }


def _remove_idle(found: Probing) -> None:
    """A selection that dropped nothing in training, but does where a row is sent twice (`drop_duplicates()`)."""
    for number in found.blames.having("batch"):
        seen = found.training.idle.get(number)
        if seen is None or found.blames[number].probes != {"repeated"}:
            continue
        _, before, after = seen.parts[0]
        found.removed[number] = Removal(number, [seen.parts[0][0]], in_place=False, before=len(before.ids), after=len(after.ids))
        found.seen_selections[number] = found.removed[number]
        del found.blames[number]
        found.__dict__["_scripts"] = {}


def _probe_rows(runner: Runner, found: Probing, kind: str, rows: np.ndarray, *, served: bool = True) -> Set[int]:
    """One probe; its blames go to `found.blames`."""
    program = runner.program
    tables, origin = portion(found.tables, rows, fresh=served)
    script = _script(program, found, served=served)
    selections = set(found.training.selections)
    judge = Lockstep(found.training, found.blames, probe=kind, origin=origin, selections=selections)
    runs: List[Run] = []

    def at_fit(value: Any, own: Optional[Rows]) -> Any:
        return _twin_input(found, origin, value, own)

    def prepare(run: Run, watch: Watch) -> None:
        run.listener = judge.listen
        watch.entered = lambda namespace: setattr(judge, "namespace", namespace)
        if served:
            watch.at_fit = lambda value, own: _registered(run, at_fit(value, own), own)
        runs.append(run)

    found.counts[kind] = found.counts.get(kind, 0) + 1
    try:
        runner.run(script, tables, prepare)
    except Stopped as stopped:
        found.stops.append(stopped)
    found.reached |= runs[0].reached
    return runs[0].evaluated


def _script(program: Program, found: Probing, *, served: bool) -> Script:
    cache: Dict[bool, Script] = found.__dict__.setdefault("_scripts", {})
    if served not in cache:
        if served:
            found.needed = needed_statements(program, found.removed)
        cache[served] = Script(
            program,
            replacements=replacements(program, found.removed) if served else None,
            served=served,
            needed=found.needed if served else None,
        )
    return cache[served]


def _registered(run: Run, value: Any, rows: Optional[Rows]) -> Any:
    if rows is not None and is_rows(value):
        run.register(value, rows)
    return value


def _twin_input(found: Probing, origin: Dict[str, np.ndarray], value: Any, own: Optional[Rows]) -> Any:
    """What predict received in training for these rows, where it is known: the answer is judged from there."""
    predict, record = found.predict_rows, found.predict_record
    if (
        predict is None
        or own is None
        or record is None
        or record.value is None
        or predict.domain not in origin
        or own.domain != predict.domain
    ):
        return value
    kept = record.value
    wanted = origin[own.domain][own.ids]
    place = {row: position for position, row in enumerate(predict.ids.tolist())}
    if kept is None or not all(row in place for row in wanted.tolist()):
        return value
    again = take(kept, np.array([place[row] for row in wanted.tolist()], dtype=np.int64))
    return again.set_axis(value.index) if hasattr(again, "set_axis") and hasattr(value, "index") else again
