"""One run of the program under the recorder: every evaluation, with its row ids, under (expression, n-th evaluation)."""

from __future__ import annotations

import ast
import sys
import weakref
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Optional, Set, Tuple

import numpy as np
import pandas as pd

from .instrument import Expr, number_of
from .rowids import Keys, Operand, Rows, by_sibling, by_subscript, infer
from .tabular import NOT_DATA, PLAIN, count, is_carrier, is_frame, is_rows, parts_of

CELL_FILE = "<nb2svc statement"
# Questions about a value's type, not about its rows.
TYPE_QUESTIONS = frozenset({"isinstance", "issubclass", "hasattr", "type", "callable", "id", "print", "display"})
COUNTS = frozenset({"len", "shape", "size", "count_nonzero"})


class Evaluation:
    """What was seen of one evaluation, before it is judged or kept.

    `rows` are its row ids; `carries` says that it holds rows without being rows; `operands` are the aligned operands.
    `context` is None in straight code, else what the evaluation is keyed by (`*` in a loop over rows or a callback).
    """

    __slots__ = ("expr", "value", "error", "rows", "carries", "operands", "children", "context", "nth", "keys")

    def __init__(self, expr: Expr, value: Any, error: Optional[BaseException], children: List[Tuple[int, Any]]) -> None:
        self.expr, self.value, self.error, self.children = expr, value, error, children
        self.rows: Optional[Rows] = None
        self.carries = False
        self.operands: List[Operand] = []
        self.context: Any = None
        self.nth = 0
        self.keys: Optional[Callable[[], Tuple[Any, ...]]] = None


class _Known:
    __slots__ = ("reference", "strong", "rows", "index", "size", "held")

    def __init__(self, value: Any, rows: Optional[Rows], held: List[Operand]) -> None:
        try:
            self.reference: Any = weakref.ref(value)
            self.strong: Any = None
        except TypeError:
            self.reference, self.strong = None, value
        self.rows = rows
        self.index = value.index if is_frame(value) else None
        self.size = count(value) if rows is not None else -1
        self.held = held

    def get(self) -> Any:
        return self.reference() if self.reference is not None else self.strong


class Run:
    """The state of one run: what is known of each object's rows, and who is told of each evaluation."""

    def __init__(self, exprs: Dict[int, Expr], keys: Keys) -> None:
        self.exprs = exprs
        self.keys = keys
        self.listener: Callable[[Run, Evaluation], Any] = lambda _, seen: seen.value
        self.changed: Callable[[Run, Evaluation, int, Rows, Rows], None] = lambda *_: None
        self.lengths: Dict[int, Rows] = {}
        self.row_loops = 0
        # Whether the notebook's own way to its prediction rows is running, perhaps through functions that training calls too.
        self.twin = False
        self.reached: Set[int] = set()
        self.evaluated: Set[int] = set()
        self.last: Dict[int, int] = {}
        self.plain: Dict[int, Any] = {}
        self._known: Dict[int, _Known] = {}
        self._stack: List[Tuple[int, List[Tuple[int, Any]]]] = []
        self._counts: Dict[Any, int] = {}

    # What is known of objects

    def register(self, value: Any, rows: Rows) -> None:
        """Say which rows an object's rows are (a raw table, a captured value)."""
        self._known[id(value)] = _Known(value, rows, [])
        self.lengths[len(rows.ids)] = rows

    def rows_of(self, value: Any) -> Optional[Rows]:
        """Row ids of an object seen before; follows in-place changes of length by label."""
        known = self._known.get(id(value))
        if known is None or known.get() is not value or known.rows is None:
            return None
        if is_frame(value):
            if value.index is not known.index and not value.index.equals(known.index):
                rows = _after_change(value, known)
                if rows is None:
                    return None
                known.rows, known.index, known.size = rows, value.index, count(value)
        elif count(value) != known.size:
            return None
        return known.rows

    def operands(self, values: List[Any]) -> List[Operand]:
        """The aligned values among some, those that carriers and containers hold included."""
        found: List[Operand] = []
        for value in values:
            self._collect(value, found)
        return found

    def _collect(self, value: Any, found: List[Operand]) -> None:
        if isinstance(value, (PLAIN, NOT_DATA)):
            return
        rows = self.rows_of(value)
        if rows is not None:
            found.append((value, rows))
            return
        known = self._known.get(id(value))
        if known is not None and known.get() is value and known.held:
            found.extend(known.held)
            return
        for part in parts_of(value):
            rows = None if isinstance(part, PLAIN) else self.rows_of(part)
            if rows is not None:
                found.append((part, rows))

    def hold(self, value: Any, operands: List[Operand]) -> None:
        """Remember which rows a carrier holds (`df.groupby("a")` holds df)."""
        self._known[id(value)] = _Known(value, None, list(operands))

    def evaluating(self) -> FrozenSet[int]:
        """The expressions that are being evaluated now, through calls of the slice's functions."""
        return frozenset(number for number, _ in self._stack)

    # The recorder's entry points, called by the instrumented code

    def value(self, number: int, thunk: Callable[[], Any], keys: Optional[Callable[[], Tuple[Any, ...]]] = None) -> Any:
        """Evaluate expression `number`, tell the listener, and go on with what it answers."""
        children: List[Tuple[int, Any]] = []
        self._stack.append((number, children))
        result, error = None, None
        before = self.row_loops
        try:
            result = thunk()
        except Exception as raised:
            error = raised
        finally:
            self._stack.pop()
            self.row_loops = before
        expr = self.exprs[number]
        self.reached.add(expr.statement)
        self.evaluated.add(number)
        if error is None and (isinstance(result, NOT_DATA) or (expr.is_name and isinstance(result, PLAIN))):
            if expr.is_name:
                self.plain[number] = result
            self._hand_up(number, result)
            return result
        seen = Evaluation(expr, result, error, children)
        seen.keys = keys
        result = self._see(seen)
        self._hand_up(number, result)
        return result

    def _hand_up(self, number: int, result: Any) -> None:
        self.last[number] = id(result)
        if self._stack and number in self.exprs[self._stack[-1][0]].children:
            self._stack[-1][1].append((number, result))

    def iterate(self, number: int, iterable: Any) -> Iterator[Any]:
        """Iterate for a `for` or comprehension; knows when the loop goes over rows."""
        over_rows = self._over_rows(self.exprs[number], iterable)
        before = self.row_loops
        iterator = iter(iterable)
        try:
            for item in iterator:
                self.row_loops = before + (1 if over_rows else 0)
                yield item
        finally:
            self.row_loops = before

    def _over_rows(self, expr: Expr, iterable: Any) -> bool:
        if isinstance(iterable, range):
            return (len(iterable) > 1 and len(iterable) in self.lengths) or (len(iterable) == 1 and bool(expr.children))
        if isinstance(iterable, pd.DataFrame):
            return False  # iterates over column names
        if is_rows(iterable) and self.rows_of(iterable) is not None:
            return True
        if expr.method in ("items", "iteritems"):
            return False
        known = self._known.get(id(iterable))
        return known is not None and known.get() is iterable and bool(known.held)

    def _see(self, seen: Evaluation) -> Any:
        self._watch_changes(seen)
        seen.operands = self.operands([value for _, value in seen.children])
        if seen.error is None:
            self.align(seen)
        seen.context = "*" if self.row_loops else _callback(seen.expr)
        counter = (seen.expr.number, seen.context, self.twin)
        seen.nth = self._counts.get(counter, 0)
        self._counts[counter] = seen.nth + 1
        return self.listener(self, seen)

    def align(self, seen: Evaluation) -> None:
        """Find the row ids of an evaluation's value and remember them."""
        value = seen.value
        if isinstance(value, PLAIN):
            return
        seen.rows = self.rows_of(value)
        if seen.rows is None and isinstance(seen.expr.node, ast.Subscript):
            seen.rows = self._by_subscript(seen, seen.expr.node)
        if seen.rows is None and not (seen.expr.is_name and not isinstance(value, list)):
            seen.rows = infer(value, seen.operands, self.keys)
        if seen.rows is None and is_rows(value) and not seen.operands:
            # Made of nothing (`np.zeros(len(df))`, a list filled in a loop): as many entries as a frame has rows.
            labelled = isinstance(value, pd.Index) or (is_frame(value) and not isinstance(value.index, pd.RangeIndex))
            seen.rows = None if labelled else self.lengths.get(count(value))
        if seen.rows is not None:
            self.register(value, seen.rows)
            return
        seen.carries = self._carries(seen)

    def _by_subscript(self, seen: Evaluation, node: ast.Subscript) -> Optional[Rows]:
        base = next((value for number, value in seen.children if number == number_of(node.value)), None)
        if base is None or not is_rows(seen.value):
            return None
        index = subscript_value(node.slice, dict(seen.children))
        rows = self.rows_of(base)
        kind = type(base).__name__
        if rows is None and kind in ("_LocIndexer", "_iLocIndexer"):
            rows = self.rows_of(base.obj)
            if kind == "_LocIndexer" and not _is_mask(index):
                return None
        elif is_frame(base) and not _is_mask(index) and not isinstance(index, slice):
            return None
        return None if rows is None else by_subscript(rows, index, count(seen.value))

    def _carries(self, seen: Evaluation) -> bool:
        value = seen.value
        if is_carrier(value):
            if seen.operands:
                self.hold(value, seen.operands)
            return True
        if isinstance(value, (list, tuple)) and seen.expr.is_call and seen.operands and len(value) <= 20:
            self._elements(value, seen.operands)
        held = self.operands([value])
        if not held and hasattr(value, "__dict__") and not is_rows(value) and seen.expr.is_call:
            held = self.operands(list(vars(value).values()))
        if held:
            self.hold(value, held)
            return True
        return _turned(value, seen.operands)

    def _elements(self, value: Any, operands: List[Operand]) -> None:
        found: List[Optional[Rows]] = []
        for part in value:
            rows = None if isinstance(part, PLAIN) else self.rows_of(part) or infer(part, operands, self.keys)
            found.append(rows)
            if rows is not None:
                self.register(part, rows)
        for part, rows in zip(value, found):
            if rows is None:
                rows = by_sibling(part, found, operands)
                if rows is not None:
                    self.register(part, rows)

    def _watch_changes(self, seen: Evaluation) -> None:
        """A call that changed the number of a child's rows in place (`df.dropna(inplace=True)`) is told of."""
        if not seen.expr.is_call or seen.error is not None:
            return
        for number, value in seen.children:
            known = self._known.get(id(value)) if is_frame(value) else None
            if known is None or known.get() is not value or known.rows is None:
                continue
            before, size = known.rows, known.size
            if count(value) != size:
                after = self.rows_of(value)
                if after is not None:
                    self.lengths[len(after.ids)] = after
                    self.changed(self, seen, number, before, after)


def _after_change(value: Any, known: _Known) -> Optional[Rows]:
    assert known.rows is not None
    if count(value) == known.size:
        return known.rows
    if known.index is None or not known.index.is_unique:
        return None
    places = known.index.get_indexer(value.index)
    if (places < 0).any():
        return None
    return Rows(known.rows.domain, known.rows.ids[places])


def _is_mask(index: Any) -> bool:
    if isinstance(index, tuple):
        index = index[0] if index else None
    if isinstance(index, list):
        return bool(index) and isinstance(index[0], (bool, np.bool_))
    return isinstance(index, (np.ndarray, pd.Series)) and index.dtype == bool


def subscript_value(node: ast.AST, children: Dict[int, Any]) -> Any:
    """What stood between the brackets, from the values of its parts; Ellipsis where it is not known."""
    number = number_of(node)
    if number is not None and number in children:
        return children[number]
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Slice):
        parts = [None if part is None else subscript_value(part, children) for part in (node.lower, node.upper, node.step)]
        return slice(*parts) if Ellipsis not in [part for part in parts if not is_rows(part)] else Ellipsis
    if isinstance(node, ast.Tuple):
        return tuple(subscript_value(part, children) for part in node.elts)
    inner = getattr(node, "value", None)  # ast.Index of Python 3.8
    return subscript_value(inner, children) if isinstance(inner, ast.AST) and type(node).__name__ == "Index" else Ellipsis


def _turned(value: Any, operands: List[Operand]) -> bool:
    """Whether the rows run along the columns: `df.T`."""
    shape = getattr(value, "shape", None)
    if shape is None or len(shape) != 2 or shape[0] == shape[1]:
        return False
    return any(getattr(operand, "shape", None) == shape[::-1] for operand, _ in operands)


def _callback(expr: Expr) -> Any:
    """`*` or a Series' name where a library stands between the expression and the slice (`apply`, `transform`)."""
    if not expr.called:
        return None
    frame: Any = sys._getframe(1)
    here = frame.f_code.co_filename
    inner: Any = None
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(CELL_FILE):
            if frame.f_code.co_name == "<module>":
                return None
            inner = frame
        elif file != here:
            return _series_name(inner)
        frame = frame.f_back
    return None


def _series_name(frame: Any) -> Any:
    """The name of the Series that a callback received: a group or a column; `*` for anything else, rows included."""
    code = frame.f_code
    if code.co_argcount < 1:
        return "*"
    first = frame.f_locals.get(code.co_varnames[0])
    if not isinstance(first, pd.Series) or first.name is None or not isinstance(first.name, (str, tuple)):
        return "*"
    return ("named", first.name)
