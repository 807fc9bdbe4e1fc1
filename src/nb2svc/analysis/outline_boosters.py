"""Boosters that are trained by a function, on a data set made from the rows.

dtrain = xgb.DMatrix(X_train, label=y_train)
bst = xgb.train(params, dtrain)              fitted on X_train, y_train
dtest = xgb.DMatrix(X_test, label=y_test)
bst.predict(dtest)                           asked about X_test; a request has no label
"""

import ast
from dataclasses import dataclass

from nb2svc.analysis.index import Index
from nb2svc.analysis.knowledge import BOOSTER_DATA, BOOSTER_LABELS, BOOSTER_TRAINERS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DataSet:
    """What a booster's data set is made from, and in which statement.

    `spare` are arguments that only training has; `asked` says that the booster's predict method takes such a set, too.
    """

    statement: int
    rows: ast.expr
    label: ast.expr | None
    spare: tuple[ast.expr, ...]
    asked: bool


def training_set(index: Index, number: int, value: ast.expr | None) -> DataSet | None:
    """The data set that a booster is trained on by `value`, an expression of a statement; None where it trains none."""
    if not isinstance(value, ast.Call) or index.path(value.func) not in BOOSTER_TRAINERS:
        return None
    place, keyword = BOOSTER_TRAINERS[index.path(value.func)]
    positional = value.args[place] if len(value.args) > place else None
    given = positional or next((each.value for each in value.keywords if each.arg == keyword), None)
    return data_set(index, number, given)


def data_set(index: Index, number: int, given: ast.expr | None) -> DataSet | None:
    """The data set that an expression is: made there, or held by a variable that one statement made."""
    if isinstance(given, ast.Name):
        makers = {edge.source for edge in index.into.get(number, ()) if edge.name == given.id}
        return _made_by(index, makers.pop(), given.id) if len(makers) == 1 else None
    if not isinstance(given, ast.Call) or index.path(given.func) not in BOOSTER_DATA:
        return None
    arguments = {keyword.arg: keyword.value for keyword in given.keywords}
    rows = given.args[0] if given.args else arguments.get("data")
    label = given.args[1] if len(given.args) > 1 else arguments.get("label")
    if rows is None or isinstance(rows, ast.Starred):
        return None
    spare = [value for name, value in arguments.items() if name in BOOSTER_LABELS]
    if len(given.args) > 1:
        spare.append(given.args[1])
    return DataSet(
        statement=number,
        rows=rows,
        label=label,
        spare=tuple(each for each in spare if not isinstance(each, ast.Constant)),
        asked=BOOSTER_DATA[index.path(given.func)],
    )


def _made_by(index: Index, number: int, name: str) -> DataSet | None:
    parsed = index.parsed(number)
    node = parsed.node if parsed else None
    if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == name for target in node.targets):
        return data_set(index, number, node.value)
    return None
