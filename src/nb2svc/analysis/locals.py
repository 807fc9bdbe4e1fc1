"""What the names inside one statement stand for: loop targets, comprehension targets, names that a loop's body binds.

for fold, (rows, rest) in enumerate(kf.split(X)):      `m` is an element of `models` where the statement says
    X_tr = X.iloc[rows]                                `for m in models`; `X_tr` is some rows of `X`
"""

import ast
from collections.abc import Iterable, Iterator

from nb2svc.analysis.index import root_name

# Calls that give the elements (or a copy) of what they are given, and methods that do so of their receiver.
_PASSING = frozenset(
    {"list", "tuple", "sorted", "reversed", "enumerate", "zip", "iter", "clone", "deepcopy", "copy", "tqdm", "dict"}
)
_PASSING_METHODS = frozenset({"items", "values", "copy", "get", "fit", "partial_fit", "set_params"})
# What takes rows out of a table.
_ROW_ATTRIBUTES = frozenset({"iloc", "loc"})
_ROW_METHODS = frozenset({"sample", "take", "head", "tail", "query", "copy"})
_ROW_DROPPING = frozenset(
    {"sample", "take", "head", "tail", "query", "drop", "dropna", "drop_duplicates", "nlargest", "nsmallest"}
)
_SPLITS = frozenset({"train_test_split", "resample", "shuffle"})


class Locals:
    """The names that are bound inside some nodes, each with the expressions that it takes its object from."""

    def __init__(self, nodes: Iterable[ast.AST], *, inside: bool) -> None:
        """`inside` says that assignments count too (a loop's body, a function's)."""
        self.sources: dict[str, list[tuple[ast.expr, int | None]]] = {}
        for node in nodes:
            if isinstance(node, ast.For | ast.comprehension):
                self._bind(node.target)
                self._pair(node.target, node.iter)
            elif inside and isinstance(node, ast.Assign):
                for target in node.targets:
                    self._bind(target)
                    self._assign(target, node.value)

    def _bind(self, target: ast.expr) -> None:
        """A name that takes its object from nowhere (`fold` of `enumerate`) is an inner one all the same."""
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.sources.setdefault(node.id, [])

    def _add(self, target: ast.expr, source: ast.expr, position: int | None = None) -> None:
        if isinstance(target, ast.Name):
            self.sources.setdefault(target.id, []).append((source, position))

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if not isinstance(target, ast.Tuple):
            self._add(target, value)
            return
        several = value.elts if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts) else None
        for place, one in enumerate(target.elts):
            self._add(one, several[place] if several else value, None if several else place)

    def _pair(self, target: ast.expr, iterated: ast.expr) -> None:
        """A loop's target takes elements of what is iterated: of `zip(a, b)` and `d.items()` each place its own."""
        if not isinstance(target, ast.Tuple):
            self._add(target, iterated)
            return
        name = called(iterated)
        arguments = iterated.args if isinstance(iterated, ast.Call) else []
        if name == "enumerate" and len(target.elts) == 2 and arguments:
            self._pair(target.elts[1], arguments[0])
        elif name == "zip" and len(arguments) == len(target.elts):
            for one, argument in zip(target.elts, arguments, strict=True):
                self._pair(one, argument)
        elif name == "items" and len(target.elts) == 2:
            self._pair(target.elts[1], iterated)
        else:
            for one in target.elts:
                for inner in ast.walk(one):
                    if isinstance(inner, ast.Name):
                        self._add(inner, iterated)

    def origins(self, node: ast.expr | None) -> tuple[str, ...]:
        """The variables outside that an object comes from: `m` → models where the loop is `for m in models.values()`."""
        return tuple(dict.fromkeys(self._origins(node, set())))

    def _origins(self, node: ast.expr | None, seen: set[str]) -> Iterator[str]:
        match node:
            case ast.Name(id=name) if name in self.sources:
                if name not in seen:
                    for source, _ in self.sources[name]:
                        yield from self._origins(source, {*seen, name})
            case ast.Name(id=name):
                yield name
            case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Starred(value=inner):
                yield from self._origins(inner, seen)
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Dict(values=parts):
                for part in parts:
                    yield from self._origins(part, seen)
            case ast.IfExp(body=one, orelse=other):
                yield from (*self._origins(one, seen), *self._origins(other, seen))
            case ast.Call(func=ast.Attribute(value=inner, attr=name)) if name in _PASSING_METHODS:
                yield from self._origins(inner, seen)
            case ast.Call(args=arguments) if called(node) in _PASSING:
                for argument in arguments:
                    yield from self._origins(argument, seen)
            case ast.ListComp(elt=inner) | ast.GeneratorExp(elt=inner) | ast.DictComp(value=inner):
                yield from self._origins(inner, seen)

    def rows_from(self, node: ast.expr | None, seen: frozenset[str] = frozenset()) -> ast.expr | None:
        """What some rows are rows of, as an expression without inner names: `X` of `X.iloc[rows]`; None where nothing says.

        An expression that has no inner names is that itself.
        """
        if node is None or not any(isinstance(one, ast.Name) and one.id in self.sources for one in ast.walk(node)):
            return node
        match node:
            case ast.Name(id=name) if name not in seen:
                found = [self._source_rows(*source, seen | {name}) for source in self.sources[name]]
                return found[-1] if found and len({ast.dump(one) if one else "" for one in found}) == 1 else None
            case ast.Subscript(value=ast.Attribute(value=base, attr=attribute)) if attribute in _ROW_ATTRIBUTES:
                return self.rows_from(base, seen)
            case ast.Subscript(value=base):
                return self.rows_from(base, seen)
            case ast.Call(func=ast.Attribute(value=base, attr=method)) if method in _ROW_METHODS:
                return self.rows_from(base, seen)
        return None

    def through(self, node: ast.expr | None) -> tuple[ast.expr | None, str]:
        """As `rows_from`, also through a method of an inner object: `X` and "transform" of `scaler.transform(X.iloc[rows])`."""
        found = self.rows_from(node)
        if found is not None or node is None:
            return found, ""
        if isinstance(node, ast.Name) and len(self.sources.get(node.id, ())) == 1:
            source, position = self.sources[node.id][0]
            return self.through(source) if position is None else (None, "")
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method), args=[first, *_]) if name in self.sources:
                return self.rows_from(first), method
        return None, ""

    def _source_rows(self, source: ast.expr, position: int | None, seen: frozenset[str]) -> ast.expr | None:
        if position is None:
            return self.rows_from(source, seen)
        if isinstance(source, ast.Call) and called(source) in _SPLITS and source.args:
            step = 2 if called(source) == "train_test_split" else 1
            place = position // step
            return self.rows_from(source.args[place], seen) if place < len(source.args) else None
        return None


def called(node: ast.AST) -> str:
    """The last name of what a call calls: `sklearn.base.clone(m)` → clone; "" for anything else."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def keeps_rows(value: ast.expr) -> bool:
    """Whether a call gives a value for each row that it is given, as far as its name tells."""
    return isinstance(value, ast.Call) and called(value) not in _SPLITS | _ROW_DROPPING


def main_root(node: ast.AST | None) -> str | None:
    """The variable whose rows an argument has: `X_test` of `scaler.transform(X_test[columns])` and of `X_test.drop(…)`."""
    match node:
        case ast.Call(args=[first, *_]) if (found := main_root(first)) is not None:
            return found
        case ast.Call(func=ast.Attribute(value=inner)):
            return main_root(inner)
        case ast.List(elts=[first, *_]) | ast.Tuple(elts=[first, *_]):
            return main_root(first)
        case ast.BinOp(left=left, right=right):
            return main_root(left) or main_root(right)
        case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Starred(value=inner):
            return main_root(inner)
    return root_name(node)
