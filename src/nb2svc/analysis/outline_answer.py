"""Which value of the model cell is the answer: the last prediction, and what is made of it there."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from nb2svc.analysis.index import Index, names_in
from nb2svc.analysis.locals import called
from nb2svc.analysis.outline_predictions import Prediction, is_measured, is_metric, predictions_of
from nb2svc.analysis.outline_tags import Tags
from nb2svc.analysis.prelude import is_constant

# Calls and methods that make a row's answer of a row's prediction.
_FINISHING = frozenset("exp expm1 exp2 power square where round rint around clip maximum minimum float int".split())
# Calls that put predictions side by side.
_LISTING = frozenset("array asarray column_stack vstack stack hstack list tuple DataFrame".split())
_FINISHING_METHODS = frozenset("inverse_transform round clip astype map replace".split())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """The prediction that makes the answer, and the variable that holds the answer after a statement."""

    prediction: Prediction
    name: str
    statement: int


def output_statement(index: Index, tags: Tags) -> int | None:
    """The statement after which `output=NAME` is the answer: the last in the model cell that makes it, else the last of all."""
    if not tags.output:
        return None
    makers = index.definers.get(tags.output, [])
    in_cell = [number for number in makers if index.statement(number).span.cell == tags.model.number]
    found = in_cell or makers
    return found[-1] if found else None


def answer_in_cell(index: Index, tags: Tags) -> Answer | None:
    """The answer of a cell without `output=`; None where its predictions are only shown, measured or not there.

    The last prediction that gets a name; then the value that combines several (`(p1 + p2) / 2`), what finishes it
    (`np.expm1(pred)`), and what goes on under the same name.
    """
    predictions = [p for number in index.cells.get(tags.model.number, ()) for p in predictions_of(index, number)]
    if tags.estimator:
        predictions = [p for p in predictions if tags.estimator in p.estimators]
    bound = [p for p in predictions if p.bound and p.argument is not None]
    if not bound:
        return None
    chosen = bound[-1]
    assert chosen.bound is not None
    name, statement = _combined(index, tags, bound) or (chosen.bound, chosen.statement)
    statement = _followed_up(index, statement, name)
    for number in _later(index, statement):
        made = _finished(index, number, name, statement)
        if made is not None:
            name, statement = made, _followed_up(index, number, made)
    return Answer(prediction=chosen, name=name, statement=statement)


def _later(index: Index, statement: int) -> Iterator[int]:
    return (number for number in index.cells[index.statement(statement).span.cell] if number > statement)


def _combined(index: Index, tags: Tags, bound: list[Prediction]) -> tuple[str, int] | None:
    """The last value of the cell that is computed from several predictions, not compared or listed side by side."""
    # A list of what several models predict is several already: `[m.predict(X) for m in models]`.
    made_by = {p.statement: {p.bound, f"{p.bound}[1]"} if _is_list(index, p) else {p.bound} for p in bound}
    labels = _labels(index)
    found: tuple[str, int] | None = None
    for number in index.cells.get(tags.model.number, ()):
        statement, parsed = index.statement(number), index.parsed(number)
        sources = [edge for edge in index.into.get(number, ()) if edge.source in made_by and edge.source != number]
        names = {name for edge in sources for name in made_by[edge.source]}
        if number in made_by or not names or parsed is None or not isinstance(parsed.node, ast.Assign):
            continue
        if is_measured(parsed.node) or len(statement.defines) != 1 or labels & set(statement.reads) - {p.bound for p in bound}:
            continue
        made_by[number] = names
        if len(names) > 1 and _computes(parsed.node.value):
            found = (statement.defines[0], number)
            made_by[number] = {statement.defines[0]}
    return found


def _is_list(index: Index, prediction: Prediction) -> bool:
    """Whether a prediction is one of several that stand side by side in its variable."""
    parsed = index.parsed(prediction.statement)
    value: ast.AST | None = parsed.node.value if parsed and isinstance(parsed.node, ast.Assign) else None
    while isinstance(value, ast.Call) and called(value) in _LISTING and value.args:
        value = value.args[0]
    return isinstance(value, ast.ListComp | ast.List | ast.Tuple | ast.DictComp | ast.GeneratorExp)


def _labels(index: Index) -> set[str]:
    """The names that fits and metrics are given as what is true."""
    found: set[str] = set()
    for statement in index.dataflow.statements:
        for call in index.calls(statement.number):
            name = called(call)
            if name in ("fit", "score"):
                found |= names_in(call.args[1] if len(call.args) > 1 else None)
            elif is_metric(name):
                found |= names_in(call.args[0] if call.args else None)
    return found


def _computes(value: ast.expr) -> bool:
    """Arithmetic or a numpy or scipy function; a difference of two predictions compares them."""
    if isinstance(value, ast.BinOp):
        return not isinstance(value.op, ast.Sub)
    return any(isinstance(node, ast.BinOp) for node in ast.walk(value)) or (
        isinstance(value, ast.Call | ast.Subscript | ast.Attribute)
        and not any(isinstance(node, ast.Dict) for node in ast.walk(value))
    )


def _finished(index: Index, number: int, name: str, made: int) -> str | None:
    """The new name of an answer that this statement finishes: `price = np.expm1(log_price)`."""
    parsed = index.parsed(number)
    if parsed is None or not isinstance(parsed.node, ast.Assign) or len(parsed.node.targets) != 1:
        return None
    target, value = parsed.node.targets[0], parsed.node.value
    if not isinstance(target, ast.Name) or not any(e.source == made and e.name == name for e in index.into.get(number, ())):
        return None
    if not _finishes(value, name) or is_measured(value):
        return None
    others = names_in(value) - {name} - set(index.imports)
    return target.id if all(_is_aside(index, number, other, value) for other in others) else None


def _finishes(value: ast.expr, name: str) -> bool:
    """Whether the outermost calls, down to the answer, are known to finish an answer row by row."""
    while True:
        match value:
            case ast.Name():
                return value.id == name
            case ast.Call(func=ast.Attribute(value=inner, attr=attribute), args=arguments):
                if attribute == "inverse_transform" and arguments:
                    value = arguments[0]
                elif attribute in _FINISHING_METHODS and name in names_in(inner):
                    value = inner
                elif attribute in _FINISHING and arguments:
                    value = next((one for one in arguments if name in names_in(one)), arguments[0])
                else:
                    return False
            case ast.Call(func=ast.Attribute(attr="reshape", value=inner)) | ast.Compare(left=inner):
                value = inner
            case ast.BinOp(left=left, right=right):
                value = left if name in names_in(left) else right
            case _:
                return False


def _is_aside(index: Index, number: int, name: str, value: ast.expr) -> bool:
    """Whether a name is no row's value: a constant, or an encoder whose `inverse_transform` is called."""
    receivers = {
        node.func.value.id
        for node in ast.walk(value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
        if node.func.attr == "inverse_transform"
    }
    if name in receivers:
        return True
    sources = {edge.source for edge in index.into.get(number, ()) if edge.name == name}
    return bool(sources) and all(_is_plain(index, one) for one in index.closure(sources))


def _is_plain(index: Index, number: int) -> bool:
    statement = index.statement(number)
    return statement.kind in ("import", "function") or (is_constant(index, number) and not statement.effects)


def _followed_up(index: Index, statement: int, name: str) -> int:
    """The last statement of the cell that carries a value on under its name: `pred = np.exp(pred)`, `pred[pred < 0] = 0`."""
    last = statement
    for number in index.cells[index.statement(statement).span.cell]:
        one = index.statement(number)
        if number > last and (name in one.defines or name in one.mutates):
            if not any(edge.source == last and edge.name == name for edge in index.into.get(number, ())):
                break
            last = number
    return last
