"""What leads to the rows of a fit, and what only leads to its target.

X_train, X_test, y_train, y_test = train_test_split(X, loans["late"])      `X_train` comes of `X` only, `y_train` of the second
loans["late"] = loans["days"] > 30                                          makes the target: no request needs it
"""

import ast

from nb2svc.analysis.index import Index, names_in, root_name
from nb2svc.analysis.knowledge import SPLITTING_CALLS
from nb2svc.analysis.locals import called
from nb2svc.analysis.outline_fits import Fit

_FAR = 8


def leading_to_rows(index: Index, fit: Fit) -> set[int]:
    """The statements that the fit's rows are made by, as far as names tell; of a split only the side that they are on."""
    found: set[int] = set()
    seen: set[tuple[int, str]] = set()
    todo = [(fit.statement, name) for name in names_in(fit.input)]
    while todo:
        reader, name = todo.pop()
        if (reader, name) in seen:
            continue
        seen.add((reader, name))
        for maker in {edge.source for edge in index.into.get(reader, ()) if edge.name == name}:
            found.add(maker)
            todo += [(maker, one) for one in _needed(index, maker, name)]
    return found


def makes_target(index: Index, number: int, fit: Fit) -> bool:
    """Whether a statement only fills the column that the model learns to tell."""
    column = _target_column(index, fit)
    parsed = index.parsed(number)
    node = parsed.node if parsed else None
    return column is not None and isinstance(node, ast.Assign) and all(_column(target) == column for target in node.targets)


def _needed(index: Index, number: int, name: str) -> set[str]:
    side = _side(index, number, name)
    return {edge.name for edge in index.into.get(number, ())} if side is None else set(names_in(side))


def _side(index: Index, number: int, name: str) -> ast.expr | None:
    """The argument of a split that a name of its result has its rows from; None where the statement is no split."""
    parsed = index.parsed(number)
    node = parsed.node if parsed else None
    if (
        not isinstance(node, ast.Assign)
        or not isinstance(node.targets[0], ast.Tuple)
        or called(node.value) not in SPLITTING_CALLS
    ):
        return None
    assert isinstance(node.value, ast.Call), "only a call is called"
    names = [target.id if isinstance(target, ast.Name) else "" for target in node.targets[0].elts]
    place = names.index(name) // 2 if name in names else len(node.value.args)
    return node.value.args[place] if place < len(node.value.args) else None


def _target_column(index: Index, fit: Fit) -> str | None:
    """The column that a fit's target was, followed back by name: `y_train` ← `y` ← `loans["late"].astype(int)`."""
    reader, value = fit.statement, fit.target
    for _ in range(_FAR):
        column = _column_in(value)
        name = root_name(value)
        if column is not None or name is None:
            return column
        makers = [edge.source for edge in index.into.get(reader, ()) if edge.name == name]
        parsed = index.parsed(makers[0]) if len(makers) == 1 else None
        if parsed is None or not isinstance(parsed.node, ast.Assign):
            return None
        reader, value = makers[0], _side(index, makers[0], name) or parsed.node.value
    return None


def _column_in(value: ast.expr | None) -> str | None:
    """The column that an expression takes, through the methods that are called on it."""
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        value = value.func.value
    if isinstance(value, ast.Attribute) and value.attr == "values":
        value = value.value
    return _column(value)


def _column(value: ast.expr | None) -> str | None:
    match value:
        case ast.Subscript(slice=ast.Constant(value=str(column))) | ast.Attribute(value=ast.Name(), attr=column):
            return column
    return None
