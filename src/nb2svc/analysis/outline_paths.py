"""The ways through the notebook: to what `fit` received, to what was predicted on, and from there to the answer."""

import ast
from dataclasses import dataclass

from nb2svc.analysis.index import Index, names_in
from nb2svc.analysis.outline_model import ModelFound
from nb2svc.analysis.slicing import definitions


@dataclass(frozen=True, slots=True, kw_only=True)
class Starts:
    """Where the ways back begin: the statements whose values each end uses directly."""

    fit: frozenset[int]
    predict: frozenset[int]
    answer: frozenset[int]
    training: frozenset[int]


def find_starts(index: Index, model: ModelFound) -> Starts:
    """The first step back from each end of the ways."""
    use = model.use
    fitted, predict = set[int](), set[int]()
    for one in model.fed:
        fitted |= _uses_of(index, one.fit.statement, one.fit.input)
        predict |= _uses_of(index, one.prediction.rows_at, one.prediction.argument)
    if not model.served:
        fitted |= _uses_of(index, model.fit.statement, model.fit.input)
    # An estimator that was loaded has no fit path of its own: what is predicted on is prepared for it.
    for prediction in model.based:
        fitted |= _uses_of(index, prediction.rows_at, prediction.argument)
    answer = frozenset[int]()
    if use.output is not None:
        answer = frozenset(definitions(index.dataflow, use.output_statement, use.output))
    training = {use.fit, *(one.fit.statement for one in model.fed), *(one.statement for one in use.fitted)}
    return Starts(fit=frozenset(fitted), predict=frozenset(predict), answer=answer, training=frozenset(training))


def _uses_of(index: Index, number: int, expression: ast.expr | None) -> set[int]:
    names = names_in(expression)
    calls = any(isinstance(node, ast.Call) for node in ast.walk(expression)) if expression else False
    return {edge.source for edge in index.into.get(number, ()) if edge.name in names or (edge.kind == "deferred" and calls)}


def answer_statements(index: Index, model: ModelFound, starts: Starts, *, stops: set[int]) -> set[int]:
    """The way back from the answer, not through what is predicted on and not through what training leaves."""
    if not model.served:
        return set()
    given = {one.name: one.statement for one in model.use.fitted}
    asked = {p.rows_at for p in (*(one.prediction for one in model.fed), *model.based)}
    cut = {number: _names_only_predicted_on(index, model, number) for number in model.served | asked}
    seen: set[int] = set()
    todo = [one for one in starts.answer if one not in stops]
    while todo:
        number = todo.pop()
        if number in seen:
            continue
        seen.add(number)
        for edge in index.into.get(number, ()):
            if edge.source in stops or edge.name in cut.get(number, ()) or edge.source <= given.get(edge.name, -1):
                continue
            todo.append(edge.source)
    return seen


def _names_only_predicted_on(index: Index, model: ModelFound, number: int) -> set[str]:
    """The names that a predicting statement reads for the arguments of its predictions alone."""
    parsed = index.parsed(number)
    asked = [p for p in (*(one.prediction for one in model.fed), *model.based) if p.rows_at == number]
    arguments = [p.argument for p in asked] + [node for p in asked if p.data for node in p.data.spare]
    if parsed is None:
        return set()
    inside = {id(node) for argument in arguments if argument is not None for node in ast.walk(argument)}
    elsewhere = {
        n.id for n in ast.walk(parsed.node) if isinstance(n, ast.Name) and id(n) not in inside and isinstance(n.ctx, ast.Load)
    }
    return {name for argument in arguments for name in names_in(argument)} - elsewhere
