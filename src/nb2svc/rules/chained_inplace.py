"""NB229 (warning): a change in place that does not arrive.

What it finds: `inplace=True` on a column or a selection that was taken out of a frame in the same expression.

Why it matters: since pandas 3 a column taken out is a copy, so the frame keeps its missing values, without any error. Older
versions changed the frame. The same notebook gives different features.

Example:

    # nb2svc: feature loans
    loans["income"].fillna(0, inplace=True)
    X, y = loans[["age", "income"]], loans["rate"]

Fix: assign the result.

    # nb2svc: feature loans
    loans["income"] = loans["income"].fillna(0)
    X, y = loans[["age", "income"]], loans["rate"]
"""

import ast
from collections.abc import Iterator

from nb2svc.ir.dataflow import Statement
from nb2svc.ir.finding import Finding
from nb2svc.rules.context import Context

CODE = "NB229"


def check(context: Context) -> Iterator[Finding]:
    """One finding for each chained change in place, in any slice."""
    for statement in context.statements():
        for node in context.tree(statement):
            if isinstance(node, ast.Call) and _is_chained(context, statement, node):
                assert isinstance(node.func, ast.Attribute)
                taken = ast.unparse(node.func.value)
                yield Finding(
                    code=CODE,
                    severity="warning",
                    message=f"`{taken}` is a copy since pandas 3, so `{node.func.attr}(…, inplace=True)` changes nothing.",
                    remedy=f"Write `{taken} = {taken}.{node.func.attr}(…)` without `inplace=True`.",
                    span=context.span(statement, node),
                )


def _is_chained(context: Context, statement: Statement, call: ast.Call) -> bool:
    in_place = any(k.arg == "inplace" and isinstance(k.value, ast.Constant) and k.value.value is True for k in call.keywords)
    if not in_place or not isinstance(call.func, ast.Attribute):
        return False
    taken = call.func.value
    if isinstance(taken, ast.Subscript):
        return not (isinstance(taken.value, ast.Name) and _is_table_of_frames(context, statement, taken))
    # `loans.income`, but not `self.frame` or `module.frame`.
    return (
        isinstance(taken, ast.Attribute)
        and isinstance(taken.value, ast.Name)
        and taken.value.id not in {"self", *context.index.imports}
    )


def _is_table_of_frames(context: Context, statement: Statement, taken: ast.Subscript) -> bool:
    """`frames["train"].drop(…, inplace=True)`, where `frames` was written as a dictionary or list: that does arrive."""
    assert isinstance(taken.value, ast.Name)
    for number in context.index.definers.get(taken.value.id, ()):
        parsed = context.index.parsed(number)
        if number < statement.number and parsed and isinstance(parsed.node, ast.Assign):
            return isinstance(parsed.node.value, ast.Dict | ast.List | ast.Tuple)
    return False
