"""Which cell is to be tagged for a model: where it predicts the rows that matter, else where it is fitted."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from nb2svc.analysis.index import Index
from nb2svc.analysis.knowledge import REDUCTIONS
from nb2svc.analysis.locals import called
from nb2svc.analysis.outline import build_outline
from nb2svc.analysis.outline_predictions import is_measured
from nb2svc.ir.outline import Outline
from nb2svc.ir.proposal import ProposedCell
from nb2svc.suggest.candidates import Candidate, held_out
from nb2svc.suggest.going_on import Predicted, goes_on_as
from nb2svc.suggest.tagging import tagged

Options = tuple[tuple[str, str], ...]

# How many cells are tried for one model.
_TRIED = 5
# Calls that say in words what follows from a number.
_DECIDING = frozenset({"where", "select", "map", "cut", "choose"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What the compiler makes of some tags: an outline, or None where it refuses; `cell` is the model's."""

    cells: tuple[ProposedCell, ...]
    cell: int
    outline: Outline | None


def attempt(index: Index, cells: tuple[ProposedCell, ...], *, model_cell: int) -> Trial:
    """Tag these cells, in memory, and ask the compiler."""
    outline, _ = build_outline(tagged(index.notebook, cells), index.dataflow)
    return Trial(cells=cells, cell=model_cell, outline=outline)


def model_trial(index: Index, one: Candidate, *, predicted: Predicted) -> Trial:
    """The first cell with which the compiler takes this very model; where it takes none, the likeliest one.

    `predicted` are the predictions of all models, by statement and name.
    """
    trials = []
    for cell, options in _places(index, one, predicted):
        proposed = ProposedCell(cell=cell, role="model", options=options, confidence=0, reason="")
        trial = attempt(index, (proposed,), model_cell=cell)
        if trial.outline is not None and stands_for(trial.outline, one):
            return trial if "output" in dict(options) else _with_answer(index, trial)
        trials.append(Trial(cells=trial.cells, cell=cell, outline=None))
    return trials[0]


def stands_for(outline: Outline, one: Candidate) -> bool:
    """Whether the compiler's model is this one, and not another that is in the cell, too."""
    use = outline.model
    fitted = {use.fit, *(value.statement for value in use.fitted if value.name == use.estimator)}
    return use.estimator in one.names and bool(fitted & {one.at, one.fit.statement})


def _with_answer(index: Index, trial: Trial) -> Trial:
    """The trial with `output=` where the cell goes on to an answer in words: `decision = np.where(risk > 0.5, "yes", "no")`."""
    assert trial.outline is not None, "only what the compiler takes has an answer"
    use, (proposed,) = trial.outline.model, trial.cells
    made = {use.output_statement}
    for number in index.cells[trial.cell]:
        if number <= use.output_statement or not made & index.sources(number) or not _decides(index, number):
            continue
        made.add(number)
        options = (*proposed.options, ("output", index.statement(number).defines[0]))
        wordy = attempt(index, (replace(proposed, options=options),), model_cell=trial.cell)
        if wordy.outline is not None and wordy.outline.model.estimator == use.estimator:
            trial = wordy
    return trial


def _decides(index: Index, number: int) -> bool:
    """Whether a statement gives a name to what is decided for each row: a comparison, a choice, a mapping; no metric of it."""
    parsed = index.parsed(number)
    node = parsed.node if parsed else None
    if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
        return False
    if is_measured(node.value) or any(called(one) in REDUCTIONS for one in ast.walk(node.value)):
        return False
    return isinstance(node.value, ast.Compare) or any(called(one) in _DECIDING for one in ast.walk(node.value))


def _places(index: Index, one: Candidate, predicted: Predicted) -> Iterator[tuple[int, Options]]:
    """The cells that speak of a model, the best first; last with the option that says which one is meant."""
    bound = [prediction for prediction in one.predictions if prediction.bound]
    apart = [prediction.statement for prediction in bound if held_out(index, one, prediction)]
    order = [
        *sorted({prediction.statement for prediction, _ in one.submitted}, reverse=True),
        *sorted((number for number in apart if _is_measured(index, one, number)), reverse=True),
        *sorted(apart, reverse=True),
        *sorted((prediction.statement for prediction in bound), reverse=True),
        one.at,
    ]
    made = {prediction.statement: prediction for prediction in bound}
    for number in dict.fromkeys(number for number in order if number in made):
        following = goes_on_as(index, made[number], predicted=predicted)
        if following is not None:
            yield index.statement(following[0]).span.cell, (("output", following[1]),)
            break
    cells = list(dict.fromkeys(index.statement(number).span.cell for number in order if not _is_taken(index, number)))
    cells = cells[:_TRIED] or [index.statement(one.at).span.cell]
    yield from ((cell, ()) for cell in cells)
    yield from ((cell, (("estimator", one.estimator),)) for cell in cells)


def _is_measured(index: Index, one: Candidate, number: int) -> bool:
    """Whether a prediction, or what reads it next, is measured."""
    return bool({number, *(edge.target for edge in index.out_of.get(number, ()))} & set(one.measured))


def _is_taken(index: Index, number: int) -> bool:
    return index.role(number) not in (None, "model")
