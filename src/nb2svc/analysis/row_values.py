"""The rows of an expression: which table they are of and in what order, as far as that is known.

X_test["age"] / 10          the rows of X_test, in its order, under its labels
X_test.to_numpy()           the same rows in the same order, without labels
y[test]                     the rows of y that `test` chooses: those of X[test] where X has the rows of y
"""

import ast
import itertools
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nb2svc.analysis import row_knowledge as known
from nb2svc.analysis.index import Index
from nb2svc.analysis.locals import called

Order = tuple[Hashable, ...]
"""What tells one sequence of rows from others: ("made", 3, "loans"), ("part", 7, 1, whole), ("chosen", whole, …)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A value with rows. Of two values with the same `order` row i is the same row; with the same `labels` a label is.

    `sure` is False where it may as well be a number: nothing is known of the call that made it. `index`: it holds labels.
    """

    order: Order
    labels: Hashable = None
    sure: bool = True
    index: bool = False


class Columns:
    """Names of columns: what is taken by them has all rows."""


COLUMNS = Columns()
Value = Rows | Columns | tuple["Rows | Columns | None", ...] | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """Where an expression chooses rows of a value: `base` before, `chosen` after; `by_labels` of rows that are known."""

    node: ast.expr
    base: Rows
    chosen: Rows
    by_labels: bool = False


@dataclass(slots=True, kw_only=True)
class Reader:
    """Evaluates expressions of one statement: `values` and `versions` are of the names as it finds them.

    `kinds` says what a run saw of `X[names]`, by its text: "columns" or "rows" are chosen. `choices` gathers what was chosen, and
    `asked` such texts of which nothing was seen.
    """

    index: Index
    statement: int
    values: Mapping[str, Value]
    versions: Mapping[str, int]
    kinds: Mapping[str, str]
    choices: list[Choice]
    asked: set[tuple[str, str]]
    count: Iterator[int] = field(default_factory=itertools.count)

    def rows(self, node: ast.AST | None) -> Rows | None:
        """The rows of an expression, or None where it has none that are known."""
        value = self.value(node)
        return value if isinstance(value, Rows) else None

    def value(self, node: ast.AST | None) -> Value:
        """What is known of an expression."""
        reading = _READING.get(type(node))
        return reading(self, node) if reading is not None else None

    def fresh(self, name: str, *, sure: bool) -> Rows:
        """Rows of which nothing is known but that this statement made them."""
        # Two draws in one statement read alike.
        made = ("made", self.statement, name, next(self.count))
        return Rows(order=made, labels=made, sure=sure)

    def chosen(self, node: ast.expr, base: Rows, by: ast.AST, how: str, *, labels: Hashable = None) -> Rows:
        """The rows of `base` that an expression chooses: the same for equal expressions of the same values."""
        if not _repeatable(self, by, whole=how == "call"):
            return replace(self.fresh(ast.unparse(node), sure=True), labels=labels or base.labels)
        names = sorted({one.id for one in ast.walk(by) if isinstance(one, ast.Name)})
        versions = tuple((name, self.versions.get(name, -1)) for name in names)
        rows = Rows(order=("chosen", base.order, how, ast.unparse(by), versions), labels=labels or base.labels)
        self.choices.append(Choice(node=node, base=base, chosen=rows))
        return rows


def _repeatable(reader: Reader, by: ast.AST, *, whole: bool) -> bool:
    """Whether an expression chooses the same rows each time: it draws nothing, and all that it reads is seen."""
    for node in ast.walk(by):
        if not isinstance(node, ast.Call) or (whole and node is by):
            continue
        path, name = reader.index.path(node.func), called(node)
        if not (path in known.ROW_FUNCTIONS or (not path and name in known.SAME_ROWS | known.REPEATABLE)):
            return False
    texts = [node.value for node in ast.walk(by) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    # `query("age > @limit")` reads a name that is not seen.
    return not any("@" in text for text in texts)


def _name(reader: Reader, node: ast.Name) -> Value:
    return reader.values.get(node.id)


def _attribute(reader: Reader, node: ast.Attribute) -> Value:
    base = reader.rows(node.value)
    if base is None:
        return None
    match node.attr:
        case "values" | "array":
            return replace(base, labels=None)
        case "index":
            return replace(base, index=True)
        case "columns":
            return COLUMNS
    return None if node.attr in known.TABLE_ATTRIBUTES else base


def _subscript(reader: Reader, node: ast.Subscript) -> Value:
    if isinstance(node.value, ast.Attribute) and node.value.attr in ("loc", "iloc"):
        base = reader.rows(node.value.value)
        return _located(reader, node, base, node.value.attr) if base is not None else None
    base = reader.rows(node.value)
    if base is None or base.index:
        return None
    by: ast.expr = node.slice
    if isinstance(by, ast.Tuple) and by.elts:
        # An array's: rows first.
        by = by.elts[0]
        return base if _is_all(by) else _by(reader, node, base, by)
    return base if _is_all(by) else _by(reader, node, base, by)


def _is_all(node: ast.expr) -> bool:
    return isinstance(node, ast.Slice) and node.lower is None and node.upper is None and node.step is None


def _by(reader: Reader, node: ast.Subscript, base: Rows, by: ast.expr) -> Value:
    """`base[by]`: columns, or rows."""
    if isinstance(by, ast.Constant | ast.JoinedStr):
        return base if not isinstance(getattr(by, "value", ""), int) else None
    if isinstance(by, ast.List):
        texts = all(isinstance(one, ast.Constant | ast.JoinedStr | ast.Starred | ast.Name) for one in by.elts)
        return base if texts and not any(isinstance(getattr(one, "value", ""), int) for one in by.elts) else None
    value = reader.value(by)
    if isinstance(value, Columns):
        return base
    if isinstance(by, ast.Slice) or (isinstance(value, Rows) and value.sure):
        return reader.chosen(node, base, by, "positions")
    if not isinstance(by, ast.Name) or not isinstance(node.value, ast.Name):
        return None
    match reader.kinds.get(ast.unparse(node)):
        case "columns":
            return base
        case "rows":
            return reader.chosen(node, base, by, "positions")
        case None:
            reader.asked.add((node.value.id, by.id))
    return None


def _located(reader: Reader, node: ast.Subscript, base: Rows, how: str) -> Value:
    by: ast.expr = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
    if _is_all(by):
        return base
    if isinstance(by, ast.Constant):
        return None
    value = reader.value(by)
    if how == "loc" and isinstance(value, Rows) and value.index and value.labels is not None and value.labels == base.labels:
        rows = Rows(order=value.order, labels=base.labels)
        reader.choices.append(Choice(node=node, base=base, chosen=rows, by_labels=True))
        return rows
    mask = isinstance(by, ast.Compare | ast.BinOp | ast.UnaryOp | ast.BoolOp | ast.Call)
    return reader.chosen(node, base, by, "positions" if how == "iloc" or mask else "labels")


def _operation(reader: Reader, node: ast.AST) -> Value:
    """An operation of values with the same rows, or with numbers."""
    match node:
        case ast.BinOp(left=left, right=right):
            parts: Sequence[ast.expr] = (left, right)
        case ast.Compare(left=left, comparators=others):
            parts = (left, *others)
        case ast.BoolOp(values=values):
            parts = values
        case ast.UnaryOp(operand=operand):
            parts = (operand,)
        case ast.IfExp(body=body, orelse=other):
            first, second = reader.value(body), reader.value(other)
            return first if first == second else None
        case _:
            return None
    return _together([reader.rows(part) for part in parts])


def _together(found: Sequence[Rows | None]) -> Rows | None:
    """The rows that values share. What may be a number goes along with rows that are known."""
    rows = [one for one in found if one is not None and one.sure] or [one for one in found if one is not None]
    if not rows or any(one.order != rows[0].order for one in rows):
        return None
    labels = next((one.labels for one in rows if one.labels is not None), None)
    return Rows(order=rows[0].order, labels=labels, sure=rows[0].sure)


def _list(reader: Reader, node: ast.List | ast.Tuple) -> Value:
    if isinstance(node, ast.Tuple):
        values = [reader.value(one) for one in node.elts]
        return tuple(None if isinstance(one, tuple) else one for one in values)
    texts = node.elts and all(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in node.elts)
    return COLUMNS if texts else None


def _comprehension(reader: Reader, node: ast.ListComp) -> Value:
    """`[label(p) for p in risk]`: a value for each row."""
    if len(node.generators) == 1 and not node.generators[0].ifs:
        source = reader.value(node.generators[0].iter)
        if isinstance(source, Rows):
            return replace(source, labels=None, index=False)
    return COLUMNS if isinstance(node.elt, ast.JoinedStr) else None


def _call(reader: Reader, node: ast.Call) -> Value:
    path = reader.index.path(node.func)
    if not path and isinstance(node.func, ast.Name) and node.func.id in ("list", "tuple"):
        path = f"builtins.{node.func.id}"
    if path:
        return _function(reader, node, path)
    if isinstance(node.func, ast.Attribute):
        return _method(reader, node, node.func)
    return None


def _function(reader: Reader, node: ast.Call, path: str) -> Value:
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    if path.endswith(".train_test_split"):
        return _split(reader, node)
    if path in known.BUILDING:
        return _built(reader, node)
    found = [rows for one in given if (rows := reader.rows(one)) is not None]
    first = next((rows for rows in found if rows.sure), found[0] if found else None)
    over = path.startswith("numpy.") and path.rpartition(".")[2] in known.OVER_COLUMNS and _over_columns(node, at=1)
    if path == "numpy.where" and len(node.args) < 3:
        # The places, not a value for each row.
        return None
    if path in known.ROW_FUNCTIONS or over:
        value = reader.value(node.args[0]) if node.args and path == "builtins.list" else None
        if isinstance(value, Columns):
            return COLUMNS
        lost = over or path in known.LABELS_LOST
        return replace(first, labels=None if lost else first.labels, index=False) if first is not None else None
    if path == "pandas.concat":
        return _beside(reader, node)
    return None


def _split(reader: Reader, node: ast.Call) -> Value:
    """Two parts of each argument; part k of one has the rows of part k of another."""
    if not node.args or any(isinstance(one, ast.Starred) for one in node.args):
        return None
    first = reader.rows(node.args[0])
    whole = first.order if first is not None else None
    parts: list[Rows] = []
    for one in node.args:
        base = reader.rows(one)
        for place in (0, 1):
            order = ("part", reader.statement, node.lineno, node.col_offset, place, whole)
            parts.append(Rows(order=order, labels=base.labels if base is not None else None))
    return tuple(parts)


def _built(reader: Reader, node: ast.Call) -> Value:
    """`pd.DataFrame({"y": y_test, "p": risk})`, `pd.Series(risk, index=X_test.index)`."""
    data = node.args[0] if node.args else next((one.value for one in node.keywords if one.arg == "data"), None)
    index = next((one.value for one in node.keywords if one.arg == "index"), None)
    rows = _together([reader.rows(one) for one in data.values]) if isinstance(data, ast.Dict) else reader.rows(data)
    if rows is None:
        return None
    if index is None:
        return replace(rows, index=False)
    under = reader.rows(index)
    return replace(rows, labels=under.labels if under is not None and under.order == rows.order else None, index=False)


def _beside(reader: Reader, node: ast.Call) -> Value:
    across = any(one.arg == "axis" and _is_columns(one.value) for one in node.keywords)
    parts = node.args[0] if node.args else None
    if not across or not isinstance(parts, ast.List | ast.Tuple):
        return None
    return _together([reader.rows(one) for one in parts.elts])


def _is_columns(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in (1, "columns") and node.value is not True


def _over_columns(node: ast.Call, *, at: int) -> bool:
    place = node.args[at] if len(node.args) > at else None
    return any(one.arg == "axis" and _is_columns(one.value) for one in node.keywords) or (
        place is not None and _is_columns(place)
    )


def _method(reader: Reader, node: ast.Call, function: ast.Attribute) -> Value:
    name = function.attr
    base_value = reader.value(_owner(function.value))
    if isinstance(base_value, Columns):
        return COLUMNS
    if name in known.MODEL_METHODS and not (isinstance(base_value, Rows) and base_value.sure):
        given = reader.rows(node.args[0] if node.args else next((one.value for one in node.keywords if one.arg == "X"), None))
        return replace(given, labels=None, index=False) if given is not None else None
    if not isinstance(base_value, Rows):
        return None
    if any(one.arg == "ignore_index" for one in node.keywords):
        return reader.fresh(ast.unparse(node), sure=True)
    return _of_rows(reader, node, name, base_value)


def _owner(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Attribute) and node.attr in known.ACCESSORS else node


def _of_rows(reader: Reader, node: ast.Call, name: str, base: Rows) -> Value:
    """A method of a value that has rows."""
    if name in known.BARE_ROWS:
        return replace(base, labels=None, index=False)
    if name in known.SELECTING or (name == "drop" and not _drops_columns(node)):
        call = ast.Call(func=ast.Name(id=name), args=node.args, keywords=node.keywords)
        return reader.chosen(node, base, call, "call")
    if name in known.SAMPLING:
        return replace(reader.fresh(ast.unparse(node), sure=True), labels=base.labels)
    if name in known.RELABELLING or (name == "rename" and any(one.arg == "index" for one in node.keywords)):
        return Rows(order=base.order, labels=("made", reader.statement, ast.unparse(node)))
    if name == "reindex" and node.args:
        return _located(reader, ast.Subscript(value=node.func, slice=node.args[0]), base, "loc")
    over = name in known.OVER_COLUMNS and _over_columns(node, at=0)
    of_each = name == "apply" and (_over_columns(node, at=1) or _is_column(node.func))
    if name in known.SAME_ROWS or name == "drop" or over or of_each:
        return replace(base, index=False)
    return reader.fresh(ast.unparse(node), sure=False)


def _drops_columns(node: ast.Call) -> bool:
    return any(one.arg == "columns" for one in node.keywords) or _over_columns(node, at=1)


def _is_column(function: ast.expr) -> bool:
    owner = function.value if isinstance(function, ast.Attribute) else None
    return isinstance(owner, ast.Subscript) and isinstance(owner.slice, ast.Constant | ast.JoinedStr)


_READING: dict[type | None, Callable[..., Value]] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.BinOp: _operation,
    ast.Compare: _operation,
    ast.BoolOp: _operation,
    ast.UnaryOp: _operation,
    ast.IfExp: _operation,
    ast.List: _list,
    ast.Tuple: _list,
    ast.ListComp: _comprehension,
    ast.Call: _call,
}
