"""Fixes of a model cell: what was written in one go as two statements, or two data sets."""

import ast
from collections.abc import Iterator

from nb2svc.analysis.code_edits import edits_of, instead_of, text_of
from nb2svc.analysis.index import Index
from nb2svc.analysis.outline_predictions import Prediction
from nb2svc.ir.fix import Fix
from nb2svc.ir.source import TextEdit

_NAMES = ("model", "estimator", "fitted", "fitted_model")


def fit_by_itself(index: Index, prediction: Prediction) -> tuple[Fix, ...]:
    """`rate = Ridge().fit(X, y).predict(X)` as `model = Ridge().fit(X, y)` and `rate = model.predict(X)`."""
    number, function = prediction.statement, prediction.call.func
    parsed = index.parsed(number)
    if parsed is None or not isinstance(parsed.node, ast.Assign | ast.Expr) or not isinstance(function, ast.Attribute):
        return ()
    chain = function.value
    name = next((one for one in _NAMES if one not in index.definers), None)
    if name is None or not _is_fit(chain) or chain not in _evaluated_first(parsed.node.value):
        return ()
    text = text_of(index, number, chain)
    edits = edits_of(index, number, [TextEdit(0, 0, f"{name} = {text}\n"), instead_of(index, number, chain, text=name)])
    return (Fix(title=f"Fit `{name}` in a statement of its own", edits=edits),) if edits else ()


def data_set_of_its_own(index: Index, prediction: Prediction) -> tuple[Fix, ...]:
    """`booster.predict(data)` as `booster.predict(xgb.DMatrix(X))`, where `data = xgb.DMatrix(X, label=y)` stands above."""
    if prediction.data is None or not prediction.call.args:
        return ()
    made, asked = index.parsed(prediction.rows_at), prediction.call.args[0]
    call = made.node.value if made and isinstance(made.node, ast.Assign) else None
    if not isinstance(call, ast.Call) or not call.args or not isinstance(asked, ast.Name):
        return ()
    rows = f"{text_of(index, prediction.rows_at, call.func)}({text_of(index, prediction.rows_at, call.args[0])})"
    edits = edits_of(index, prediction.statement, [instead_of(index, prediction.statement, asked, text=rows)])
    return (Fix(title=f"Predict on `{rows}`", edits=edits),) if edits else ()


def _is_fit(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fit"


def _evaluated_first(node: ast.expr) -> Iterator[ast.expr]:
    """The chain of calls, attributes and items that an expression begins with: what comes out of a statement first."""
    while True:
        yield node
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        else:
            return
