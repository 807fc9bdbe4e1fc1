"""Names that hold the target in the notebook: in a service that column is a stand-in, put back so that the author's lines run.

X, y = loans[["age"]], loans["rate"]     target "rate"  →  y
"""

import ast
from collections.abc import Iterable, Iterator

from nb2svc.ir.dataflow import Statement


def target_names(statements: Iterable[Statement], target: str | None) -> frozenset[str]:
    """The names that are assigned the target's column, or something made of it."""
    if target is None:
        return frozenset()
    return frozenset(
        name
        for statement in statements
        for node in ast.walk(_tree(statement))
        if isinstance(node, ast.Assign)
        for name, value in _pairs(node)
        if takes_column(value, target)
    )


def takes_column(node: ast.AST, column: str) -> bool:
    """Whether a column is taken out of a table there: `loans["rate"]`, `loans.rate`, `loans.pop("rate")`."""
    return any(_takes(each, column) for each in ast.walk(node))


def _takes(node: ast.AST, column: str) -> bool:
    match node:
        case (
            ast.Subscript(slice=ast.Constant(value=value))
            | ast.Call(func=ast.Attribute(attr="pop"), args=[ast.Constant(value=value), *_])
        ):
            return bool(value == column)
        case ast.Attribute(attr=name):
            return name == column
    return False


def _pairs(node: ast.Assign) -> Iterator[tuple[str, ast.expr]]:
    for target in node.targets:
        if isinstance(target, ast.Name):
            yield target.id, node.value
        elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple) and len(target.elts) == len(node.value.elts):
            for each, value in zip(target.elts, node.value.elts, strict=True):
                if isinstance(each, ast.Name):
                    yield each.id, value


def _tree(statement: Statement) -> ast.AST:
    try:
        return ast.parse(statement.source)
    except SyntaxError:  # a statement of a masked cell: nothing is known of it
        return ast.Module(body=[], type_ignores=[])
