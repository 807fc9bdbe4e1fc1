"""Calls of predict methods: which estimators make them, on what, and the variable that their result ends up in."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from nb2svc.analysis.index import Index, root_name
from nb2svc.analysis.knowledge import PREDICT_METHODS, REDUCTIONS
from nb2svc.analysis.locals import Locals, main_root
from nb2svc.analysis.outline_boosters import DataSet, data_set
from nb2svc.analysis.scopes import body_of, parameters
from nb2svc.analysis.trees import all_nodes, children

_METRIC = re.compile(
    r"(_score|_error|_loss|_report|_matrix|_curve|_auc|_deviance|^score|^auc|^accuracy|^evaluate|^rmse|^mae|^mse)$|^print$|^display$"
)
_BLOCKS = (ast.For, ast.While, ast.If, ast.With, ast.Try)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prediction:
    """A call of a predict method, or of a function of the notebook that makes one.

    `estimators` are the variables that hold what predicts (`models` of `m.predict(X) for m in models`), `argument` is what is
    predicted on, `bound` the name that the statement gives the result (None: none, or a metric). `chained` says that no variable
    holds the estimator: `Ridge().fit(X, y).predict(X)`. `data` is the data set that a booster is asked with; the argument is
    then the rows that it is made from.
    `inside` is the method of an inner object that the argument goes through first: `transform` of
    `m.predict(scaler.transform(X)) for m, scaler in …`; the argument is then `X`.
    """

    statement: int
    call: ast.Call
    method: str
    estimators: tuple[str, ...]
    argument: ast.expr | None
    bound: str | None
    chained: bool
    inside: str = ""
    data: DataSet | None = None

    @property
    def rows_at(self) -> int:
        """The statement that the argument stands in."""
        return self.data.statement if self.data else self.statement

    @property
    def place(self) -> tuple[int, int, int]:
        """Where it stands, to order predictions by."""
        return (self.statement, self.call.lineno, self.call.col_offset)


def predictions_of(index: Index, number: int) -> Iterator[Prediction]:
    """The predictions that a statement makes when it runs, in source order."""
    parsed = index.parsed(number)
    if parsed is None or isinstance(parsed.node, ast.FunctionDef | ast.ClassDef):
        return
    calls = index.calls(number)
    if not any(_is_predict(call) or _called_function(index, call, number) for call in calls):
        return
    inner = inner_names(index, number)
    parents = {child: node for node in parsed.nodes for child in children(node)}
    for call in calls:
        yield from _direct(index, number, call, inner, parents)
        yield from _by_function(index, number, call, inner, parents)


def inner_names(index: Index, number: int) -> Locals:
    """The names that a statement binds for itself: of comprehensions, and of a loop or block."""
    parsed = index.parsed(number)
    assert parsed is not None
    return Locals(all_nodes([parsed.node]), inside=isinstance(parsed.node, _BLOCKS))


def first_argument(call: ast.Call, keywords: tuple[str, ...] = ("X", "x", "data")) -> ast.expr | None:
    """The first argument of a call, positional or by one of these keywords."""
    if call.args:
        return None if isinstance(call.args[0], ast.Starred) else call.args[0]
    return next((keyword.value for keyword in call.keywords if keyword.arg in keywords), None)


def _is_predict(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in PREDICT_METHODS


def _direct(index: Index, number: int, call: ast.Call, inner: Locals, parents: dict[ast.AST, ast.AST]) -> Iterator[Prediction]:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in PREDICT_METHODS:
        return
    receiver = call.func.value
    if root_name(receiver) in index.imports:
        return
    given = first_argument(call)
    data = data_set(index, number, given)
    argument, inside = (data.rows, "") if data else inner.through(given)
    yield Prediction(
        statement=number,
        call=call,
        method=call.func.attr,
        estimators=tuple(name for name in inner.origins(receiver) if name not in index.imports),
        argument=given if argument is None else argument,
        bound=bound_by(call, parents),
        chained=isinstance(receiver, ast.Call),
        inside=inside,
        data=data,
    )


def _by_function(
    index: Index, number: int, call: ast.Call, inner: Locals, parents: dict[ast.AST, ast.AST]
) -> Iterator[Prediction]:
    """`predict_price(X_test)`, where the notebook's function predicts on the rows that it is given."""
    function = _called_function(index, call, number)
    if function is None:
        return
    names = [argument.arg for argument in parameters(function)]
    given = dict(zip(names, call.args, strict=False)) | {k.arg: k.value for k in call.keywords if k.arg}
    own = Locals(all_nodes(body_of(function)), inside=True)
    for made in (node for node in all_nodes(body_of(function)) if isinstance(node, ast.Call) and _is_predict(node)):
        assert isinstance(made.func, ast.Attribute)
        rows = own.origins(_rows(first_argument(made)))
        argument = next((given[name] for name in rows if name in given), None)
        if argument is None:
            continue
        holders = [inner.origins(given[name]) if name in given else (name,) for name in own.origins(made.func.value)]
        yield Prediction(
            statement=number,
            call=call,
            method=made.func.attr,
            estimators=tuple(name for held in holders for name in held if name not in index.imports),
            argument=argument,
            bound=bound_by(call, parents),
            chained=False,
        )


def _rows(argument: ast.expr | None) -> ast.expr | None:
    root = main_root(argument)
    return ast.Name(root, ast.Load()) if root else None


def _called_function(index: Index, call: ast.Call, number: int) -> ast.FunctionDef | None:
    if not isinstance(call.func, ast.Name):
        return None
    made = [one for one in index.definers.get(call.func.id, ()) if one < number]
    parsed = index.parsed(made[-1]) if made else None
    return parsed.node if parsed is not None and isinstance(parsed.node, ast.FunctionDef) else None


def bound_by(call: ast.Call, parents: dict[ast.AST, ast.AST]) -> str | None:
    """The variable that a prediction ends up in, following the expression outwards; None for a metric of it."""
    node: ast.AST = call
    compared = False
    while node in parents:
        child, node = node, parents[node]
        if isinstance(node, ast.Compare):
            compared = True
        if isinstance(node, ast.Call) and node.func is not child:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if _METRIC.search(name) or (compared and name in REDUCTIONS):
                return None
        if compared and isinstance(node, ast.Attribute) and node.attr in REDUCTIONS:
            return None
        if isinstance(node, ast.Assign):
            return _target_of(node.targets[0], node.value, child, call)
        if isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            return root_name(node.target)
        if isinstance(node, ast.stmt):
            return None
    return None


def _target_of(target: ast.expr, value: ast.expr, child: ast.AST, call: ast.Call) -> str | None:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and value is child:
        for one, part in zip(target.elts, value.elts, strict=False):
            if any(node is call for node in ast.walk(part)):
                return root_name(one)
    return root_name(target.elts[0] if isinstance(target, ast.Tuple) else target)


def is_metric(name: str) -> bool:
    """Whether a function of that name measures predictions."""
    return bool(_METRIC.search(name)) and name not in ("print", "display")


def is_measured(node: ast.AST) -> bool:
    """Whether an expression is a metric, or something counted: no answer of a row."""
    names = [one.func.attr if isinstance(one.func, ast.Attribute) else getattr(one.func, "id", "")
             for one in ast.walk(node) if isinstance(one, ast.Call)]  # fmt: skip
    return any(_METRIC.search(name) for name in names)
