"""Which expressions have rows, and which are few values made of many: `loans["income"].mean()` is state-kind."""

import ast
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from nb2svc.analysis.index import Index
from nb2svc.analysis.knowledge import DATASET_PREFIXES, PANDAS_NOT_FRAMES, PREDICT_METHODS
from nb2svc.plan.draft.values import (
    AGGREGATED,
    ARRAY,
    FRAME,
    MASKS,
    NUMPY_AGGREGATED,
    OF_ARRAYS,
    OF_EACH_ROW,
    PARTS_OF_GROUPS,
    PLAIN,
    SAME_TYPE,
    SERIES,
    Site,
    Value,
    joined,
)

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# What a table says of itself that is the same for each request.
_FORM = frozenset({"columns", "ndim", "name", "names"})
# What a table of few rows may say otherwise.
_CHOSEN = frozenset({"dtype", "dtypes"})
_COUNTS = frozenset({"shape", "size", "index"})
_FITTING = frozenset({"fit", "partial_fit"})

Call = Callable[[ast.Call, str, list[Value]], Value]


class Kinds:
    """Says what expressions are in one scope; `env` is what names hold there, `call` what a function of the author's gives."""

    def __init__(self, index: Index, main: frozenset[str], call: Call) -> None:
        self.index = index
        self.main = main
        self.call = call
        self.env: dict[str, Value] = {}
        self._known: dict[int, Value] = {}

    def forget(self) -> None:
        """A name holds something else now."""
        self._known.clear()

    def of(self, node: ast.expr | None, site: Site) -> Value:
        """What an expression is; `site` says where it stands."""
        if node is None:
            return PLAIN
        if id(node) not in self._known:
            self._known[id(node)] = self._of(node, site)
        return self._known[id(node)]

    def _of(self, node: ast.expr, site: Site) -> Value:
        match node:
            case ast.Name(id=name):
                return self.env.get(name, PLAIN)
            case ast.Constant() | ast.Lambda() | ast.JoinedStr():
                return PLAIN
            case ast.Attribute(value=inner, attr=attribute):
                return self._state_here(node, self._attribute(self.of(inner, site), attribute), site)
            case ast.Subscript():
                return self._state_here(node, self._subscript(node, site), site)
            case ast.Call():
                return self._state_here(node, self._call(node, site), site)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return self._state_here(node, self._comprehension(node, site), site)
            case ast.NamedExpr(value=inner) | ast.Starred(value=inner) | ast.Await(value=inner):
                return self.of(inner, site)
            case _:
                return self._state_here(node, self._combined(node, site), site)

    def _combined(self, node: ast.expr, site: Site) -> Value:
        parts = [self.of(child, site) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        value = joined(parts)
        compares = isinstance(node, ast.Compare) or (
            isinstance(node, ast.BinOp | ast.UnaryOp | ast.BoolOp) and any(part.mask for part in parts)
        )
        if value.kind == "rows":
            types = {part.type for part in parts if part.kind == "rows"}
            kind = types.pop() if len(types) == 1 else ""
            return Value("rows", kind, value.tables, mask=compares)
        return value

    def _state_here(self, node: ast.expr, value: Value, site: Site) -> Value:
        """A state-kind value that is made here is kept here: the expression is its site."""
        if value.kind != "state":
            return value
        return Value("state", "", value.tables, sites=(Site(site.statement, node, site.keys, site.within),))

    def _attribute(self, inner: Value, attribute: str) -> Value:
        if inner.kind == "rows" and attribute in _FORM:
            return PLAIN
        if inner.kind == "rows" and attribute in _CHOSEN:
            return Value("state", "", inner.tables)
        if inner.kind == "rows" and attribute in _COUNTS:
            return inner.of_type("")
        if attribute in OF_ARRAYS:
            return inner.of_type(ARRAY) if inner.kind == "rows" else inner
        if inner.type == FRAME and inner.kind == "rows" and attribute not in ("loc", "iloc", "T", "str", "dt"):
            return inner.of_type(SERIES)
        return inner

    def _subscript(self, node: ast.Subscript, site: Site) -> Value:
        value, index = self.of(node.value, site), node.slice
        chosen = self.of(index, site) if not isinstance(index, ast.Slice) else PLAIN
        if value.kind != "rows":
            rows = chosen if chosen.kind == "rows" else PLAIN
            return value if rows is PLAIN else Value("rows", "", rows.tables)
        if value.type != FRAME or chosen.mask:
            return value.of_type(value.type)
        last = index.elts[-1] if isinstance(index, ast.Tuple) and index.elts else index
        located = isinstance(node.value, ast.Attribute) and node.value.attr in ("loc", "iloc")
        if located and not isinstance(index, ast.Tuple):
            return value
        if isinstance(last, ast.Constant | ast.JoinedStr) or (isinstance(last, ast.UnaryOp) and located):
            return value.of_type(SERIES)
        return value if isinstance(last, ast.List | ast.ListComp | ast.Slice) else value.of_type("")

    def _comprehension(self, node: ast.expr, site: Site) -> Value:
        assert isinstance(node, _COMPREHENSIONS)
        names: dict[str, Value] = {}
        for each in node.generators:
            value = self.of(each.iter, site)
            for target in ast.walk(each.target):
                if isinstance(target, ast.Name):
                    names[target.id] = Value("rows", "", value.tables) if value.kind in ("rows", "groups") else PLAIN
        with_names = {**self.env, **names}
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        value = joined(self.inside(part, with_names, site) for part in parts)
        tests = [self.inside(test, with_names, site) for each in node.generators for test in each.ifs]
        chosen = [test for test in tests if test.kind in ("rows", "state")]
        # `[c for c in df.columns if df[c].nunique() == 1]`: what the rows chose.
        return Value("state", "", joined(chosen).tables) if value.kind == "plain" and chosen else value

    def inside(self, node: ast.expr, env: Mapping[str, Value], site: Site) -> Value:
        """What an expression is where names hold something else."""
        with self.scope(env):
            return self.of(node, replace(site, within=True))

    @contextmanager
    def scope(self, env: Mapping[str, Value]) -> Iterator[None]:
        """Let names hold something else for a while."""
        kept = self.env, self._known
        self.env, self._known = dict(env), {}
        yield
        self.env, self._known = kept

    def _call(self, node: ast.Call, site: Site) -> Value:
        given = [self.of(each, site) for each in (*node.args, *(each.value for each in node.keywords))]
        if isinstance(node.func, ast.Name):
            return self._function(node, node.func.id, given)
        if not isinstance(node.func, ast.Attribute):
            return joined(given)
        path, name = self.index.path(node.func), node.func.attr
        if path:
            return self._library(node, path, given)
        receiver = self.of(node.func.value, site)
        if name in _FITTING and joined(given).kind == "rows":
            return Value("state", "", joined(given).tables)
        if receiver.kind == "groups":
            return self._of_groups(node, receiver, name)
        if receiver.kind == "rows":
            return self._method(node, receiver, name, given)
        value = joined([receiver, *given])
        if value.kind == "rows" and name in PREDICT_METHODS:
            return Value("rows", "", value.tables)
        return Value("rows", "", value.tables) if value.kind == "rows" else value

    def _of_groups(self, node: ast.Call, receiver: Value, name: str) -> Value:
        """Groups of the main table's rows are of many requests; those of another table may be one request's own."""
        if name not in PARTS_OF_GROUPS:
            return Value("rows", "", receiver.tables)
        if receiver.tables and not receiver.tables & self.main:
            return Value("rows", FRAME if name in ("agg", "aggregate") and node.keywords else "", receiver.tables)
        return Value("state", "", receiver.tables)

    def _method(self, node: ast.Call, receiver: Value, name: str, given: list[Value]) -> Value:
        if name == "groupby":
            return Value("groups", receiver.type, receiver.tables)
        if name in AGGREGATED:
            return receiver.of_type("") if _of_each_row(node) else Value("state", "", receiver.tables)
        if name in PREDICT_METHODS or name in PANDAS_NOT_FRAMES:
            return receiver.of_type(ARRAY if name == "to_numpy" else "")
        rows = joined([receiver, *given])
        kind = receiver.type if name in SAME_TYPE else ""
        return Value("rows", kind, rows.tables, mask=name in MASKS)

    def _library(self, node: ast.Call, path: str, given: list[Value]) -> Value:
        """A library's function of some values."""
        name, value = path.rpartition(".")[2], joined(given)
        first = given[0] if given else PLAIN
        if path.startswith("pandas.read_") or path == "pandas.DataFrame":
            return Value(value.kind if value.kind != "groups" else "rows", FRAME, value.tables, sites=value.sites)
        if value.kind != "rows":
            arrays = path.startswith(DATASET_PREFIXES[0]) and _says(node, "return_X_y") and not _says(node, "as_frame")
            return value.of_type(ARRAY) if arrays else value
        if path.startswith("pandas.api.types."):
            return Value("state", "", value.tables)
        if path.startswith("numpy.") and name in NUMPY_AGGREGATED and first.kind == "rows" and not _of_each_row(node):
            return Value("state", "", value.tables)
        if name == "get_dummies" or (path == "pandas.concat" and any(each.value for each in node.keywords if each.arg == "axis")):
            return Value("rows", FRAME, value.tables)
        if name in MASKS:
            return Value("rows", first.type, value.tables, mask=True)
        kind = (
            first.type if path.startswith("numpy.") or path == "pandas.to_datetime" else FRAME if path == "pandas.merge" else ""
        )
        return Value("rows", kind, value.tables)

    def _function(self, node: ast.Call, name: str, given: list[Value]) -> Value:
        path = self.index.imports.get(name, "")
        if path:
            return self._library(node, path, given)
        first = given[0] if given else PLAIN
        if name in ("max", "min", "sum", "set", "sorted") and first.kind == "rows" and len(given) == 1 and name not in self.env:
            return Value("state", "", first.tables)
        if name == "len":
            return first.of_type("") if first.kind == "rows" else first
        return self.call(node, name, given)


def _says(node: ast.Call, name: str) -> bool:
    return any(each.arg == name and isinstance(each.value, ast.Constant) and bool(each.value.value) for each in node.keywords)


def _of_each_row(node: ast.Call) -> bool:
    """`max(axis=1)` is of each row by itself."""
    axis = next((each.value for each in node.keywords if each.arg == "axis"), None)
    if isinstance(axis, ast.UnaryOp) and isinstance(axis.op, ast.USub) and isinstance(axis.operand, ast.Constant):
        return axis.operand.value == 1
    return isinstance(axis, ast.Constant) and axis.value in OF_EACH_ROW
