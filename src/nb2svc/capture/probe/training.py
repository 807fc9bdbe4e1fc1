"""The training run's record: what every evaluation gave, and what by rule is state."""

from __future__ import annotations

import ast
from typing import Any, Dict, FrozenSet, List, Optional, Set, Tuple

import numpy as np
import pandas as pd

from .compare import equal
from .instrument import descendants, number_of
from .record import TYPE_QUESTIONS, Evaluation, Run
from .rowids import Rows
from .tabular import NOT_DATA, PLAIN, Uncopied, is_carrier, is_rows, parts_of, snapshot, take

Key = Tuple[int, Any, int]


class Record:
    """One evaluation of the training run: a snapshot of its value, its row ids, and what it did.

    `source` is the place among the operands whose rows it has; `elements` the row ids of a tuple's parts;
    `receiver` a snapshot of the object whose method changed it; `counts` says that it is a number of rows.
    """

    __slots__ = ("value", "rows", "carries", "error", "by_rule", "counts", "source", "elements", "receiver", "keys", "operands")

    def __init__(self) -> None:
        self.value: Any = None
        self.rows: Optional[Rows] = None
        self.carries = False
        self.error = False
        self.by_rule = False
        self.counts = False
        self.source: Optional[int] = None
        self.elements: List[Optional[Rows]] = []
        self.receiver: Any = None
        self.keys: Tuple[Any, ...] = ()
        self.operands: List[Tuple[Any, Rows]] = []


class Alone:
    """Evaluations in a loop over rows or a callback: the first value, how many, and whether they differed."""

    __slots__ = ("value", "calls", "varied", "aligned")

    def __init__(self, value: Any, *, aligned: bool) -> None:
        self.value, self.calls, self.varied, self.aligned = value, 1, False, aligned


class SeenSelection:
    """A pure row selection: `value` rows are some of `operand`'s; parts for a split (operand expression, rows) each.

    `entered` and `dropped` are the rows of all its evaluations (a loop over columns); `around` the expressions that each
    evaluation stood in.
    """

    __slots__ = ("number", "parts", "in_place", "entered", "dropped", "around", "operand")

    def __init__(self, number: int, *, in_place: bool) -> None:
        self.number, self.in_place = number, in_place
        self.parts: List[Tuple[int, Rows, Rows]] = []
        self.entered = self.dropped = np.empty(0, dtype=np.int64)
        self.around: Set[FrozenSet[int]] = set()
        self.operand: Any = None

    def add_to(self, found: Dict[int, "SeenSelection"], run: Run) -> None:
        """Keep this evaluation as the latest one, with what the earlier ones dropped."""
        earlier = found.get(self.number)
        _, before, after = self.parts[0]
        self.entered, self.dropped = before.ids, np.setdiff1d(before.ids, after.ids)
        self.around = {run.evaluating()}
        if earlier is not None:
            self.entered = np.union1d(self.entered, earlier.entered)
            self.dropped = np.union1d(self.dropped, earlier.dropped)
            self.around |= earlier.around
        found[self.number] = self


class Training:
    """Listens to the training run. `untouched` (the captured estimator) is not recorded."""

    def __init__(self, untouched: List[Any]) -> None:
        self.untouched = untouched
        self.records: Dict[Key, Record] = {}
        self.alone: Dict[int, Alone] = {}
        self.selections: Dict[int, SeenSelection] = {}
        self.idle: Dict[int, SeenSelection] = {}
        self._latest: Dict[Tuple[int, Any], Record] = {}

    def listen(self, run: Run, seen: Evaluation) -> Any:
        """Record one evaluation; the run goes on with its own value."""
        if run.twin:
            return own(seen)
        if seen.error is not None:
            record = Record()
            record.error = True
            self.records[(seen.expr.number, seen.context, seen.nth)] = record
            raise seen.error
        if self._is_untouched(seen.value):
            return seen.value
        if seen.context == "*":
            self._alone(seen)
            return seen.value
        record = self._record(run, seen)
        self.records[(seen.expr.number, seen.context, seen.nth)] = record
        self._latest[(seen.expr.number, seen.context)] = record
        find_selection(self.selections, run, seen, idle=self.idle)
        return seen.value

    def _is_untouched(self, value: Any) -> bool:
        """What training left, and a list of nothing else: `(m1, m2)`."""
        if type(value) in (list, tuple) and value:
            return all(map(self._is_untouched, value))
        return any(value is one for one in self.untouched)

    def _alone(self, seen: Evaluation) -> None:
        known = self.alone.get(seen.expr.number)
        if known is None:
            self.alone[seen.expr.number] = Alone(snapshot(seen.value), aligned=seen.rows is not None or seen.carries)
            return
        known.calls += 1
        known.aligned = known.aligned or seen.rows is not None or seen.carries
        if not known.varied and not equal(known.value, seen.value):
            known.varied = True

    def _record(self, run: Run, seen: Evaluation) -> Record:
        record = Record()
        record.rows, record.carries = seen.rows, seen.carries
        if seen.carries and isinstance(seen.value, (tuple, list)) and seen.expr.is_call:
            record.elements = [None if isinstance(part, PLAIN) else run.rows_of(part) for part in seen.value]
        if record.elements:
            record.value = [snapshot(part) for part in seen.value]
        elif not seen.carries:
            record.value = snapshot(seen.value)
        record.counts = is_row_count(run, seen)
        record.keys = key_values(seen)
        record.source = next((i for i, (_, rows) in enumerate(seen.operands) if rows.same(seen.rows)), None)
        _, receiver = receiver_of(seen)
        if seen.operands and (seen.rows is not None or (seen.value is receiver and receiver is not None)):
            record.receiver = self._changed_receiver(seen)
        record.by_rule = record.receiver is None and self._by_rule(seen, record)
        record.operands = [
            (value.index if hasattr(value, "index") and not isinstance(value, list) else None, rows)
            for value, rows in seen.operands
        ]
        return record

    def _changed_receiver(self, seen: Evaluation) -> Any:
        number, receiver = receiver_of(seen)
        if number is None or not is_object(receiver) or any(receiver is value for value in self.untouched):
            return None
        before = self._latest.get((number, seen.context))
        if before is None or before.value is Uncopied or equal(before.value, receiver):
            return None
        return snapshot(receiver)

    def _by_rule(self, seen: Evaluation, record: Record) -> bool:
        """A call on rows whose result is none is state, changed or not: `df["rare"].median()` is 0 in nearly every sample."""
        if not seen.expr.is_call or seen.rows is not None or seen.carries or record.counts or seen.value is None:
            return False
        if not seen.operands or seen.expr.method in TYPE_QUESTIONS or isinstance(seen.value, NOT_DATA):
            return False
        return not _is_schema(seen)


def own(seen: Evaluation) -> Any:
    """What the evaluation gave, or raised."""
    if seen.error is not None:
        raise seen.error
    return seen.value


def is_object(value: Any) -> bool:
    """A mutable object that fitting could change: an estimator, a counter, a dictionary."""
    if isinstance(value, (PLAIN, NOT_DATA)) or is_rows(value) or is_carrier(value):
        return False
    if isinstance(value, dict):
        return not any(is_rows(part) for part in parts_of(value))
    return hasattr(value, "__dict__") and not isinstance(value, (pd.api.extensions.ExtensionDtype, tuple, np.dtype))


def receiver_of(seen: Evaluation) -> Tuple[Optional[int], Any]:
    """The expression and value on which a method is called."""
    node = seen.expr.node
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None, None
    number = number_of(node.func.value)
    for child, value in seen.children:
        if child == number:
            return number, value
    return None, None


def _is_schema(seen: Evaluation) -> bool:
    """`list(df)`, `df.keys()`: the names of columns, which no row changes."""
    if not isinstance(seen.value, (list, tuple, pd.Index)):
        return False
    return any(isinstance(value, pd.DataFrame) and list(seen.value) == list(value.columns) for value, _ in seen.operands)


def is_row_count(run: Run, seen: Evaluation) -> bool:
    """Whether the value is the number of main rows (or a shape that starts with it)."""
    value = seen.value
    if isinstance(value, tuple) and value and isinstance(seen.expr.node, ast.Attribute):
        value = value[0]
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        return False
    if isinstance(seen.expr.node, (ast.BinOp, ast.BoolOp, ast.Name)):
        return False
    rows = run.lengths.get(int(value))
    if rows is None or rows.domain != run.keys.main:
        return False
    own = [operand.ids for _, operand in seen.operands]
    return not own or any(len(ids) == int(value) for ids in own)


def key_values(seen: Evaluation) -> Tuple[Any, ...]:
    """The values of the loop variables and parameters around an evaluation, where they are plain; else None."""
    thunk = seen.keys
    if thunk is None:
        return ()
    try:
        return tuple(_plain_key(value) for value in thunk())
    except NameError:
        return ()


class SeriesName(Tuple[Any, ...]):
    """The plain name of a Series that a function was given: evaluations are told apart by `column.name`."""

    __slots__ = ()


def _plain_key(value: Any) -> Any:
    if isinstance(value, pd.Series):
        name = _plain_key(value.name)
        return None if name is None else SeriesName((name,))
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (str, int, float)):
        return value
    if isinstance(value, tuple) and value and all(isinstance(part, (str, int, float)) for part in value):
        return value
    return None


def find_selection(
    found: Dict[int, SeenSelection], run: Run, seen: Evaluation, *, idle: Optional[Dict[int, SeenSelection]] = None
) -> None:
    """Note a selection: a value whose rows are some of an operand's, or in another order, with the same content.

    A call that gave all rows as they were goes to `idle`: it may be a selection that had nothing to drop.
    """
    if seen.expr.is_name or (seen.expr.number in found and not found[seen.expr.number].parts):
        return
    values = list(seen.value) if seen.carries and isinstance(seen.value, (tuple, list)) and seen.expr.is_call else [seen.value]
    selection = SeenSelection(seen.expr.number, in_place=False)
    for value in values:
        rows = None if isinstance(value, PLAIN) else run.rows_of(value)
        part = None if rows is None else _selected_from(run, seen, value, rows) or _put_together(found, run, seen, value, rows)
        if part is None:
            return
        selection.parts.append(part)
    if any(not after.same(before) for _, before, after in selection.parts):
        number = selection.parts[0][0]
        selection.operand = next((operand for child, _, operand in _operand_children(run, seen) if child == number), None)
        selection.add_to(found, run)
    elif idle is not None and seen.expr.is_call and len(selection.parts) == 1:
        idle[seen.expr.number] = selection


def _selected_from(run: Run, seen: Evaluation, value: Any, rows: Rows) -> Optional[Tuple[int, Rows, Rows]]:
    fallback = None
    for number, _child, operand in _operand_children(run, seen):
        whole = run.rows_of(operand)
        if whole is None or whole.domain != rows.domain or type(operand) is not type(value):
            continue
        if whole.same(rows) and len(seen.value if isinstance(seen.value, (list, tuple)) else [0]) == 1:
            # Made of rows already selected: no selection, unless it had nothing to drop.
            return (number, whole, rows) if seen.expr.is_call and _pure(value, rows, operand, whole) else None
        if fallback is None and (_pure(value, rows, operand, whole) or _extended(value, rows, operand, whole)):
            fallback = (number, whole, rows)
    return fallback


def _put_together(
    found: Dict[int, SeenSelection], run: Run, seen: Evaluation, value: Any, rows: Rows
) -> Optional[Tuple[int, Rows, Rows]]:
    """Parts that earlier statements selected from one table, end to end, some rows perhaps twice: balanced classes."""
    if seen.expr.method not in ("concat", "append", "sample", "resample") or not isinstance(value, pd.DataFrame):
        return None
    for selection in found.values():
        number, whole, _ = selection.parts[0]
        if selection.operand is None or not run.exprs[number].is_name or whole.domain != rows.domain:
            continue
        if len(selection.operand) == len(whole.ids) and _pure(value, rows, selection.operand, whole):
            return number, whole, rows
    return None


def _operand_children(run: Run, seen: Evaluation) -> List[Tuple[int, Any, Any]]:
    """Expressions whose value is an operand: the child itself, or the one a carrier was made from (`df` of `df.loc`)."""
    found = []
    for number, value in seen.children:
        for operand, _ in run.operands([value]):
            holder = number if operand is value else holder_of(run, number, operand)
            if holder is not None:
                found.append((holder, value, operand))
    return found


def holder_of(run: Run, number: int, operand: Any) -> Optional[int]:
    """The innermost part of a chain whose value the operand was: `df` of `df.groupby("a").loc`."""
    found = [part for part in descendants(run.exprs, number) if run.last.get(part) == id(operand)]
    return found[-1] if found else None


def _extended(value: Any, rows: Rows, operand: Any, whole: Rows) -> bool:
    """The operand's rows as they were, with rows of no raw row (another table's, made ones) among or behind them."""
    own = np.nonzero(rows.ids >= 0)[0]
    if len(own) == len(rows.ids) or not np.array_equal(rows.ids[own], whole.ids):
        return False
    return _pure(take(value, own), whole, operand, whole)


def _pure(value: Any, rows: Rows, operand: Any, whole: Rows) -> bool:
    """Only a selection: the same columns (or some) with equal content at the rows."""
    if (rows.ids < 0).any() or len(np.unique(whole.ids)) != len(whole.ids):
        return False
    places = pd.Index(whole.ids).get_indexer(pd.Index(rows.ids))
    if (places < 0).any():
        return False
    if isinstance(value, pd.DataFrame):
        if not set(value.columns) <= set(operand.columns) or not value.columns.is_unique:
            return False
        return equal(value, operand[list(value.columns)].iloc[places], labels=False)
    if isinstance(value, list):
        return bool(equal(value, [operand[int(place)] for place in places]))
    if isinstance(value, np.ndarray):
        return value.shape[1:] == operand.shape[1:] and equal(value, operand[places])
    if isinstance(value, pd.Series):
        return equal(value, operand.iloc[places], labels=False)
    return False
