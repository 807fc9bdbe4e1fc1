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

Quick fix: the result assigned, where the call is a statement by itself and keeps all rows.
"""

import ast
from collections.abc import Iterator

from nb2svc.analysis.code_edits import edits_of, text_of, without_keyword
from nb2svc.ir.dataflow import Statement
from nb2svc.ir.finding import Finding
from nb2svc.ir.fix import Fix
from nb2svc.ir.source import TextEdit
from nb2svc.rules.context import Context

CODE = "NB229"
# What gives back as many rows as it gets, so that its result fits where the column was.
_SAME_ROWS = frozenset("fillna replace clip ffill bfill mask where interpolate".split())


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
                    fixes=_assigned(context, statement, node),
                )


def _assigned(context: Context, statement: Statement, call: ast.Call) -> tuple[Fix, ...]:
    """`loans["a"].fillna(0, inplace=True)` as `loans["a"] = loans["a"].fillna(0)`, where the call is a statement of its own."""
    parsed = context.index.parsed(statement.number)
    assert isinstance(call.func, ast.Attribute)
    taken = call.func.value
    alone = parsed is not None and isinstance(parsed.node, ast.Expr) and parsed.node.value is call
    if not alone or call.func.attr not in _SAME_ROWS or not _is_column(taken):
        return ()
    keyword = next(one for one in call.keywords if one.arg == "inplace")
    name = text_of(context.index, statement.number, taken)
    edits = edits_of(
        context.index, statement.number, [TextEdit(0, 0, f"{name} = "), without_keyword(context.index, statement.number, keyword)]
    )
    return (Fix(title=f"Assign the result to `{name}`", edits=edits),) if edits else ()


def _is_column(taken: ast.expr) -> bool:
    """`loans["a"]`, `loans[column]`, `loans[["a", "b"]]` or `loans.a`: what can be assigned to as it is read."""
    if isinstance(taken, ast.Attribute):
        return isinstance(taken.value, ast.Name)
    return (
        isinstance(taken, ast.Subscript)
        and isinstance(taken.value, ast.Name)
        and (isinstance(taken.slice, ast.Constant | ast.Name) or _is_texts(taken.slice))
    )


def _is_texts(node: ast.expr) -> bool:
    return isinstance(node, ast.List) and all(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in node.elts)


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
