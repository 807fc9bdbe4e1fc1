"""Which values of a notebook have the same rows in the same order, and whose labels name the same rows.

    X_train, X_test, y_train, y_test = train_test_split(X, loans["bad"])
    risk = model.predict_proba(X_test)[:, 1]

→ `X_test`, `y_test` and `risk` have one order; the labels of `X_test` and `y_test` are those of `loans`. What is not known to
keep its rows has rows of its own: two values are never taken for one another's partner without a reason.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nb2svc.analysis import row_knowledge as known
from nb2svc.analysis.index import Index, root_name
from nb2svc.analysis.knowledge import BUILTINS, KNOWN_LIBRARIES, REDUCTIONS
from nb2svc.analysis.locals import called
from nb2svc.analysis.row_values import Choice, Order, Reader, Rows, Value
from nb2svc.analysis.trees import own_nodes
from nb2svc.ir.dataflow import Statement

_SCALAR_BUILTINS = BUILTINS - {"map", "filter", "zip"}
_BLOCKS = (ast.For, ast.While, ast.If, ast.With, ast.Try)


@dataclass(slots=True, kw_only=True, eq=False)
class RowOrder:
    """`after` holds what is known of (statement, name), `choices` where a statement chooses rows; `final` is of the end.
    `asked` are texts `X[names]` that only a run can tell.
    """

    after: dict[tuple[int, str], Value] = field(default_factory=dict)
    before: list[Mapping[str, Value]] = field(default_factory=list)
    versions: list[Mapping[str, int]] = field(default_factory=list)
    choices: dict[int, Sequence[Choice]] = field(default_factory=dict)
    final: dict[str, Value] = field(default_factory=dict)
    final_versions: dict[str, int] = field(default_factory=dict)
    partner: dict[Order, Order] = field(default_factory=dict)
    asked: set[tuple[str, str]] = field(default_factory=set)

    def known_as(self, order: Order) -> Order:
        """One order for all that are paired row by row."""
        while order in self.partner:
            order = self.partner[order]
        return order

    def rows_at(self, index: Index, number: int, node: ast.expr, kinds: Mapping[str, str]) -> Rows | None:
        """The rows of an expression that stands in a statement."""
        return _reader(index, number, self.before[number], self.versions[number], kinds).rows(node)


def row_order(index: Index, kinds: Mapping[str, str]) -> RowOrder:
    """Walk the statements in order; `kinds` is what a run saw of `X[names]`: that it chooses "columns" or "rows"."""
    found = RowOrder()
    values: dict[str, Value] = {}
    versions: dict[str, int] = {}
    for statement in index.dataflow.statements:
        found.before.append(dict(values))
        found.versions.append(dict(versions))
        reader = _reader(index, statement.number, dict(values), dict(versions), kinds)
        parsed = index.parsed(statement.number)
        made = _made(reader, statement, parsed.node) if parsed is not None else {}
        for name in statement.deletes:
            values.pop(name, None)
        for name in dict.fromkeys((*statement.defines, *statement.mutates)):
            values[name] = found.after[statement.number, name] = made.get(name, _unknown(reader, statement, name))
            versions[name] = statement.number
        _pair(found, reader)
        found.choices[statement.number] = tuple(reader.choices)
        found.asked |= reader.asked
    found.final, found.final_versions = values, versions
    return found


def _reader(
    index: Index, number: int, values: Mapping[str, Value], versions: Mapping[str, int], kinds: Mapping[str, str]
) -> Reader:
    return Reader(index=index, statement=number, values=values, versions=versions, kinds=kinds, choices=[], asked=set())


def _unknown(reader: Reader, statement: Statement, name: str) -> Value:
    if statement.kind in ("import", "function", "class"):
        return None
    return reader.fresh(name, sure=False)


def _made(reader: Reader, statement: Statement, node: ast.stmt) -> dict[str, Value]:
    """What a statement leaves under the names that it makes or changes, as far as that is known."""
    match node:
        case ast.Assign(targets=targets, value=value):
            made = _assigned(reader, value)
            return {**_kept(reader, statement, node), **{name: one for each in targets for name, one in _bound(each, made)}}
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            return {name: _assigned(reader, value)}
        case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
            return {name: reader.value(ast.BinOp(left=ast.Name(id=name), op=op, right=value))}
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name))) as call) if _in_place(call):
            plain = ast.Call(func=call.func, args=call.args, keywords=[one for one in call.keywords if one.arg != "inplace"])
            return {name: reader.value(plain)}
    return _kept(reader, statement, node)


def _in_place(call: ast.Call) -> bool:
    return any(one.arg == "inplace" and isinstance(one.value, ast.Constant) and one.value.value is True for one in call.keywords)


def _assigned(reader: Reader, value: ast.expr) -> Value:
    """What an assigned expression is; a number is told from what may have rows."""
    found = reader.value(value)
    if found is not None or isinstance(value, ast.Constant | ast.JoinedStr | ast.Dict | ast.Set | ast.Lambda):
        return found
    if isinstance(value, ast.Call):
        path, name = reader.index.path(value.func), called(value)
        if path.startswith("pandas.read_") or path in ("pandas.merge", "pandas.concat", "pandas.DataFrame"):
            return reader.fresh(ast.unparse(value), sure=True)
        if (
            name in REDUCTIONS
            or path.startswith("sklearn.metrics.")
            or (name in BUILTINS and name not in ("map", "filter", "zip"))
        ):
            return None
    return reader.fresh(ast.unparse(value), sure=isinstance(value, ast.Call) and _is_merge(reader, value))


def _is_merge(reader: Reader, call: ast.Call) -> bool:
    base = reader.rows(call.func.value) if isinstance(call.func, ast.Attribute) else None
    return base is not None and base.sure and called(call) in ("merge", "join", "explode", "melt")


def _bound(target: ast.expr, made: Value) -> Iterator[tuple[str, Value]]:
    match target:
        case ast.Name(id=name):
            yield name, None if isinstance(made, tuple) else made
        case ast.Tuple(elts=names) | ast.List(elts=names):
            if isinstance(made, tuple) and len(made) == len(names):
                for one, value in zip(names, made, strict=True):
                    yield from _bound(one, value)


def _kept(reader: Reader, statement: Statement, node: ast.stmt) -> dict[str, Value]:
    """The names whose object a statement changes without changing its rows: a column more, a value less."""
    changes = [_change(reader, one) for one in _simple(node)]
    told = [one for one in changes if one is not None]
    if not told or any(change == "rows" for change in told) or not set(statement.mutates):
        return {}
    # An alias is changed with the name, the same way; what a function of the notebook is given may be changed in any way.
    stored = {root_name(target) for one in _simple(node) for target in _targets(one)}
    known_calls = all(_is_library(reader, call) for call in reader.index.calls(statement.number))
    return {name: reader.values.get(name) for name in statement.mutates if known_calls or name in stored}


def _is_library(reader: Reader, call: ast.Call) -> bool:
    path = reader.index.path(call.func)
    if path or isinstance(call.func, ast.Attribute):
        return path.partition(".")[0] in KNOWN_LIBRARIES or not path
    return isinstance(call.func, ast.Name) and call.func.id in BUILTINS


def _simple(node: ast.stmt) -> Iterator[ast.stmt]:
    """A statement, or those inside of it that run with it."""
    if not isinstance(node, _BLOCKS):
        yield node
        return
    blocks = [*node.body, *getattr(node, "orelse", []), *getattr(node, "finalbody", [])]
    blocks += [inner for handler in getattr(node, "handlers", []) for inner in handler.body]
    for inner in blocks:
        yield from _simple(inner)


def _change(reader: Reader, node: ast.stmt) -> str | None:
    """What a simple statement does to the rows of what it changes: "values", "rows" (or it can't be known), None for nothing."""
    stores = _targets(node)
    if stores:
        deletes = isinstance(node, ast.Delete)
        return "values" if all(_is_text(one) if deletes else _keeps(one) for one in stores) else "rows"
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        name = node.value.func.attr
        # `df["age"].fillna(0, inplace=True)` changes a column of it.
        column = isinstance(node.value.func.value, ast.Subscript) and _in_place(node.value) and name in known.SAME_ROWS
        if column or (
            name in ("insert", "pop", "update", "fit", "fit_transform") and root_name(node.value.func) in reader.values
        ):
            return "values"
        return "rows"
    return "rows" if any(isinstance(one, ast.Call) and called(one) != "pop" for one in own_nodes(node)) else None


def _targets(node: ast.stmt) -> list[ast.expr]:
    """What a statement stores into: `df["a"]` of `df["a"] = 1`, and of `del df["a"]`."""
    match node:
        case ast.Assign(targets=targets) | ast.Delete(targets=targets):
            return [one for target in targets for one in _stores(target)]
        case ast.AugAssign(target=target):
            return list(_stores(target))
    return []


def _stores(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, ast.Subscript | ast.Attribute):
        yield target
    elif isinstance(target, ast.Tuple | ast.List):
        for one in target.elts:
            yield from _stores(one)


def _is_text(target: ast.expr) -> bool:
    """`del df["a"]` takes a column away, `del rows[0]` a row."""
    return isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant) and isinstance(target.slice.value, str)


def _keeps(target: ast.expr) -> bool:
    """`df["a"] = …` keeps the rows; `df.loc[label] = …` may add one, and `df.index = …` gives them other labels."""
    if isinstance(target, ast.Attribute):
        return target.attr != "index"
    assert isinstance(target, ast.Subscript)
    if isinstance(target.value, ast.Attribute) and target.value.attr in ("loc", "at"):
        by = target.slice.elts[0] if isinstance(target.slice, ast.Tuple) and target.slice.elts else target.slice
        return isinstance(by, ast.Slice | ast.Compare | ast.BinOp | ast.UnaryOp | ast.BoolOp)
    return True


def _pair(found: RowOrder, reader: Reader) -> None:
    """What a fit or a metric takes as the two sides of one row is paired by position: its author says so."""
    for node in reader.index.calls(reader.statement):
        path = reader.index.path(node.func)
        measures = path.startswith("sklearn.metrics.") and path.endswith(known.PAIRING_ENDINGS)
        if not (measures or (not path and called(node) in known.PAIRING_METHODS)) or len(node.args) < 2:
            continue
        first, second = reader.rows(node.args[0]), reader.rows(node.args[1])
        if first is None or second is None:
            continue
        one, other = found.known_as(first.order), found.known_as(second.order)
        if one != other:
            found.partner[one] = other


__all__ = ["Choice", "Order", "RowOrder", "Rows", "row_order"]
