"""Which cell says how good the model's predictions are, apart from the cell that makes them."""

import ast
from dataclasses import dataclass

from nb2svc.analysis.index import Index, names_in
from nb2svc.analysis.locals import called
from nb2svc.suggest.candidates import Candidate, held_out, measure_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A cell, the statement in it that measures, what it measures, and whether it asserts something: then it can fail."""

    cell: int
    statement: int
    measure: str
    asserts: bool


def check_cells(index: Index, one: Candidate, *, taken: set[int]) -> tuple[Check, ...]:
    """The cells that measure a model's predictions on held-out rows, the best first: an assertion, a metric, a score."""
    found: dict[int, Check] = {}
    measures = sorted(_measures(index, one).items(), key=lambda item: (item[1] == "score", item[0]))
    for number, what in measures:
        cell = index.statement(number).span.cell
        if cell not in taken and number > one.at and cell not in found:
            found[cell] = Check(cell=cell, statement=number, measure=what, asserts=_asserts(index, cell))
    return tuple(sorted(found.values(), key=lambda check: (not check.asserts, check.measure == "score", check.cell)))


def _measures(index: Index, one: Candidate) -> dict[int, str]:
    """The statements that measure, with the measure's name: of predictions, of what is made of them, or of the model itself."""
    found: dict[int, str] = {}
    for prediction in one.predictions:
        if not held_out(index, one, prediction):
            continue
        if prediction.bound is None:
            if _is_assert(index, prediction.statement):
                found.setdefault(prediction.statement, "assertion")
            continue
        for number, names in _made_of(index, prediction.statement, prediction.bound).items():
            what = measure_of(index, number, names) or ("assertion" if _is_assert(index, number) else "")
            if what:
                found.setdefault(number, what)
    for number, what in one.measured.items():
        if what == "score" and _scores_others(index, one, number):
            found.setdefault(number, what)
    return {**_asserted(index, found), **found}


def _asserted(index: Index, measures: dict[int, str]) -> dict[int, str]:
    """The assertions of numbers that were measured further up, with their measure: `assert auc > 0.7`."""
    found: dict[int, str] = {}
    for number, what in measures.items():
        for edge in index.out_of.get(number, ()):
            if edge.name in index.statement(number).defines and _is_assert(index, edge.target):
                found.setdefault(edge.target, what)
    return found


def _made_of(index: Index, statement: int, name: str) -> dict[int, set[str]]:
    """The statements that read a prediction, or what plain expressions make of it (`churn = risk > 0.5`), with those names."""
    reading: dict[int, set[str]] = {}
    todo = [(statement, name)]
    while todo:
        source, made = todo.pop()
        for edge in index.out_of.get(source, ()):
            if edge.name != made or made in reading.get(edge.target, ()):
                continue
            reading.setdefault(edge.target, set()).add(made)
            parsed = index.parsed(edge.target)
            if parsed is not None and isinstance(parsed.node, ast.Assign) and not measure_of(index, edge.target, {made}):
                todo += [(edge.target, one) for one in index.statement(edge.target).defines]
    return reading


def _scores_others(index: Index, one: Candidate, number: int) -> bool:
    """Whether `model.score(X, y)` is about other rows than those it was fitted with."""
    for call in index.calls(number):
        if called(call) == "score" and call.args:
            return names_in(call.args[0]) != names_in(one.fit.input)
        if called(call) == "score":
            return not any(keyword.arg == "X" and names_in(keyword.value) == names_in(one.fit.input) for keyword in call.keywords)
    return False


def _asserts(index: Index, cell: int) -> bool:
    return any(_is_assert(index, number) for number in index.cells.get(cell, ()))


def _is_assert(index: Index, number: int) -> bool:
    parsed = index.parsed(number)
    return parsed is not None and any(isinstance(node, ast.Assert) for node in ast.walk(parsed.node))
