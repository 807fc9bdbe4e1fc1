"""A model cell whose prediction stands in a function that builds the model's row from its arguments by hand.

def predict_price(location, area):        Served is `model.predict` of what the features make of a row; the function's way
    x = np.zeros(len(X.columns))          to its row is no part of that. What it does to the prediction would be lost,
    x[0] = area                           so it may only unpack it.
    return model.predict([x])[0]
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from nb2svc.analysis.index import Index
from nb2svc.analysis.knowledge import PREDICT_METHODS
from nb2svc.analysis.locals import Locals
from nb2svc.analysis.scopes import body_of, own_nodes_of, parameters
from nb2svc.analysis.trees import all_nodes
from nb2svc.ir.finding import Finding

# What takes a prediction out of its array without changing it.
_UNPACKING = frozenset({"float", "int", "item", "tolist", "list", "ravel", "flatten"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ByHand:
    """A function of the model cell that predicts with a model of the notebook, and whether it returns just that."""

    statement: int
    name: str
    estimator: str
    method: str
    bare: bool


def functions_by_hand(index: Index, cell: int) -> Iterator[ByHand]:
    """The functions of a cell that predict on a row which they build themselves."""
    for number in index.cells.get(cell, ()):
        parsed = index.parsed(number)
        if parsed is None or not isinstance(parsed.node, ast.FunctionDef):
            continue
        given = {argument.arg for argument in parameters(parsed.node)}
        own = Locals(all_nodes(body_of(parsed.node)), inside=True)
        for call in (node for node in all_nodes(body_of(parsed.node)) if isinstance(node, ast.Call)):
            if not isinstance(call.func, ast.Attribute) or call.func.attr not in PREDICT_METHODS:
                continue
            for name in own.origins(call.func.value):
                if name not in given and name not in index.imports and name in index.definers:
                    yield ByHand(
                        statement=number,
                        name=parsed.node.name,
                        estimator=name,
                        method=call.func.attr,
                        bare=_returns_just(parsed.node, call, own),
                    )


def _returns_just(function: ast.FunctionDef, call: ast.Call, own: Locals) -> bool:
    returned = [node.value for node in own_nodes_of(body_of(function)) if isinstance(node, ast.Return)]
    return bool(returned) and all(_unpacked(value, own) is call for value in returned)


def _unpacked(node: ast.expr | None, own: Locals) -> ast.expr | None:
    """What is left of a returned value without what only unpacks it: `model.predict([x])` of `float(model.predict([x])[0])`."""
    while True:
        match node:
            case ast.Subscript(value=inner):
                node = inner
            case ast.Call(func=ast.Name(id=name), args=[inner]) if name in _UNPACKING:
                node = inner
            case ast.Call(func=ast.Attribute(value=inner, attr=name)) if name in _UNPACKING:
                node = inner
            case ast.Name(id=name) if len(own.sources.get(name, ())) == 1 and own.sources[name][0][1] is None:
                node = own.sources[name][0][0]
            case _:
                return node


def said_of(index: Index, by_hand: ByHand) -> Finding:
    """What the build says of such a function: that it is not served, or why nothing is."""
    span = index.statement(by_hand.statement).span
    if by_hand.bare:
        return Finding(
            code="NB233",
            severity="warning",
            message=f"`{by_hand.name}` builds the model's row by hand and is not served: the answer is "
            f"`{by_hand.estimator}.{by_hand.method}(…)` of what the feature cells make of a row. Nothing compares the two.",
            remedy=f"See that `{by_hand.name}` fills in every column as the features do, or predict in the model cell: "
            f"`answer = {by_hand.estimator}.{by_hand.method}(X_test)`.",
            span=span,
        )
    return Finding(
        code="NB239",
        severity="refusal",
        message=f"`{by_hand.name}` builds the model's row by hand and changes what is predicted, so a service that answers "
        f"`{by_hand.estimator}.{by_hand.method}(…)` would answer something else.",
        remedy="Write in the model cell what it does, for the rows that the features make: "
        f"`answer = np.round({by_hand.estimator}.{by_hand.method}(X_test), 2)`.",
        span=span,
    )
