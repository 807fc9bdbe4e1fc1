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
    use, fit = model.use, model.fit
    predict = frozenset[int]()
    if model.prediction is not None:
        predict = frozenset(_uses_of(index, model.prediction.statement, model.prediction.argument))
    fitted = frozenset(_uses_of(index, fit.statement, fit.input)) if fit.input is not None else predict
    answer = frozenset[int]()
    if use.output is not None:
        answer = frozenset(definitions(index.dataflow, use.output_statement, use.output))
    training = frozenset({fit.statement})
    # An estimator that was loaded has no fit path of its own: what is predicted on is prepared for it.
    return Starts(fit=fitted, predict=predict if fit.input is not None else frozenset(), answer=answer, training=training)


def _uses_of(index: Index, number: int, expression: ast.expr | None) -> set[int]:
    names = names_in(expression)
    calls = any(isinstance(node, ast.Call) for node in ast.walk(expression)) if expression else False
    return {edge.source for edge in index.into.get(number, ()) if edge.name in names or (edge.kind == "deferred" and calls)}


def answer_statements(index: Index, model: ModelFound, starts: Starts, *, stops: set[int]) -> set[int]:
    """The way back from the answer, not through what is predicted on and not through the fit."""
    use, prediction = model.use, model.prediction
    if prediction is None:
        return set()
    cut = _names_only_predicted_on(index, model)
    seen: set[int] = set()
    todo = [one for one in starts.answer if one not in stops and one != use.fit]
    while todo:
        number = todo.pop()
        if number in seen:
            continue
        seen.add(number)
        for edge in index.into.get(number, ()):
            if edge.source in stops or edge.source == use.fit or (number == use.predict and edge.name in cut):
                continue
            todo.append(edge.source)
    return seen


def _names_only_predicted_on(index: Index, model: ModelFound) -> set[str]:
    """The names that the predicting statement reads for the argument of the prediction alone."""
    prediction = model.prediction
    parsed = index.parsed(prediction.statement) if prediction else None
    if prediction is None or parsed is None or prediction.argument is None:
        return set()
    argument = prediction.argument
    inside = {id(node) for node in ast.walk(argument)}
    elsewhere = {
        n.id for n in ast.walk(parsed.node) if isinstance(n, ast.Name) and id(n) not in inside and isinstance(n.ctx, ast.Load)
    }
    return set(names_in(argument)) - elsewhere
