"""NB226 (refusal or warning): a function that remembers.

What it finds: on the way to the answer, a function that assigns to a `global` (a refusal) or `nonlocal` name (a warning).

Why it matters: in a service the function is called for one request after another, so what it remembers of the first changes
the answer to the second.

Example:

    # nb2svc: feature loans
    seen = 0

    def scaled(column):
        global seen
        seen += 1
        return column / seen

    X, y = loans[["age"]].assign(score=scaled(loans["score"])), loans["rate"]

Fix: give the value as an argument, and return the new one.

    # nb2svc: feature loans
    def scaled(column, by):
        return column / by

    X, y = loans[["age"]].assign(score=scaled(loans["score"], 1)), loans["rate"]
"""

import ast
from collections.abc import Iterator

from nb2svc.analysis.scopes import bound_names
from nb2svc.ir.finding import Finding, Severity
from nb2svc.rules.context import SERVED, Context

CODE = "NB226"


def check(context: Context) -> Iterator[Finding]:
    """One finding for each name that a served function assigns outside of itself."""
    for statement in context.statements(*SERVED):
        for function in context.tree(statement):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for node, name in _assigned_outside(function):
                    kind, severity = _kind(node)
                    yield Finding(
                        code=CODE,
                        severity=severity,
                        message=f"`{function.name}` assigns to the {kind} name `{name}`: what one request leaves there "
                        "changes the answer to the next.",
                        remedy=f"Give `{name}` to `{function.name}` as an argument, and return its new value.",
                        span=context.span(statement, node),
                    )


def _kind(node: ast.Global | ast.Nonlocal) -> tuple[str, Severity]:
    return ("global", "refusal") if isinstance(node, ast.Global) else ("nonlocal", "warning")


def _assigned_outside(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[ast.Global | ast.Nonlocal, str]]:
    bound = set(bound_names(function.body))
    for node in function.body:
        if isinstance(node, ast.Global | ast.Nonlocal):
            yield from ((node, name) for name in node.names if name in bound)
