"""What cells below a prediction make of it: a logarithm undone, labels decoded, several predictions combined.

The answer is then the last of these values, and not the prediction: `price = np.expm1(log_price)`, `price = (one + other) / 2`.
"""

import ast
from collections.abc import Collection

from nb2svc.analysis.index import Index
from nb2svc.analysis.locals import called
from nb2svc.analysis.outline_predictions import Prediction, is_measured

_UNDOING = frozenset({"exp", "expm1", "exp2", "inverse_transform", "square", "power", "sinh"})
Predicted = Collection[tuple[int, str]]


def goes_on_as(index: Index, prediction: Prediction, *, predicted: Predicted) -> tuple[int, str] | None:
    """The last statement in another cell that carries a prediction on, and the name that it gives; None where none does.

    `predicted` are all predictions of the notebook, by statement and name.
    """
    if prediction.bound is None:
        return None
    found: tuple[int, str] | None = None
    source, name = prediction.statement, prediction.bound
    while (following := _next(index, source, name, predicted)) is not None:
        source, name = following
        if index.statement(source).span.cell != index.statement(prediction.statement).span.cell:
            found = following
    return found


def _next(index: Index, source: int, name: str, predicted: Predicted) -> tuple[int, str] | None:
    for edge in index.out_of.get(source, ()):
        parsed = index.parsed(edge.target)
        node = parsed.node if parsed else None
        if edge.name != name or edge.target <= source or not isinstance(node, ast.Assign) or is_measured(node.value):
            continue
        target = node.targets[0]
        if isinstance(target, ast.Name) and (_undoes(node.value) or _combines(index, edge.target, node.value, predicted)):
            return edge.target, target.id
    return None


def _undoes(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and called(value) in _UNDOING


def _combines(index: Index, number: int, value: ast.expr, predicted: Predicted) -> bool:
    """Whether arithmetic or a mean is made of at least two predictions; a difference compares them."""
    read = {edge.name for edge in index.into.get(number, ()) if (edge.source, edge.name) in predicted}
    computes = isinstance(value, ast.BinOp) and not isinstance(value.op, ast.Sub)
    return len(read) > 1 and (computes or called(value) in ("mean", "average", "median"))
