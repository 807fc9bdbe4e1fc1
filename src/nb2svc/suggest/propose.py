"""Notebook + Dataflow → Proposal: which cells to tag so that a build can work, as few as will do.

Tags that are there stay; only what is missing is proposed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nb2svc.analysis.index import Index, make_index
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook, Role
from nb2svc.ir.proposal import Proposal, ProposedCell
from nb2svc.suggest import words
from nb2svc.suggest.candidates import Candidate, find_candidates
from nb2svc.suggest.check_cell import check_cells
from nb2svc.suggest.feature_cell import feature_cells
from nb2svc.suggest.model_cell import Trial, attempt, model_trial, stands_for
from nb2svc.suggest.naming import check_name, feature_name
from nb2svc.suggest.ranking import confidence, last_use, ranked

MOST = 3
# How many models are tried with the compiler, and how many second choices are shown.
_TRIED, _SHOWN = 4, 2
# What a model loses that the compiler refuses, and what is left of our confidence in it.
_REFUSED, _DOUBT = 2.5, 0.85
# By how much a model is ahead that is the only one.
_ALONE = 3.0
# How many cells are tried for the features before we do without, and how surely a cell is theirs where the model is right.
_FEATURES_TRIED, _FEATURE, _CHECK, _ASSERTS = 4, 0.9, 0.75, 0.9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Choice:
    """A model with the cell that would be tagged for it, or is."""

    candidate: Candidate
    trial: Trial
    points: float

    @property
    def cell(self) -> int:
        return self.trial.cell


def propose(notebook: Notebook, dataflow: Dataflow) -> Proposal:
    """The cells to tag: with those that are tagged already at most three."""
    index = make_index(notebook, dataflow)
    tagged = {cell.number: cell.role for cell in notebook.cells if cell.role}
    candidates = find_candidates(index)
    choices = _tagged_choice(index, candidates, tagged) if "model" in tagged.values() else _choices(index, candidates)
    if not choices:
        why = "" if "model" in tagged.values() else words.no_model(index)
        return Proposal(tagged=tuple(tagged), nothing=why)
    model = () if "model" in tagged.values() else (_model(index, choices, candidates),)
    trial = replace(choices[0].trial, cells=model)
    feature = () if "feature" in tagged.values() else _feature(index, choices[0], trial)
    taken = {*tagged, *(one.cell for one in (*model, *feature))}
    check = () if "check" in tagged.values() or len(taken) >= MOST else _check(index, choices[0], taken=taken)
    cells = tuple(sorted((*model, *feature, *check), key=lambda one: one.cell))
    return Proposal(cells=cells, instead=_instead(index, choices, cells) if model else (), tagged=tuple(tagged))


def _tagged_choice(index: Index, candidates: Sequence[Candidate], tagged: dict[int, Role]) -> list[_Choice]:
    """The model that the tags mean, where the compiler takes them."""
    trial = attempt(index, (), model_cell=next(number for number, role in tagged.items() if role == "model"))
    found = [one for one in candidates if trial.outline is not None and stands_for(trial.outline, one)]
    return [_Choice(candidate=one, trial=trial, points=0) for one in found[:1]]


def _choices(index: Index, candidates: Sequence[Candidate]) -> list[_Choice]:
    """The likeliest models, each tried with the compiler, the best first."""
    order = ranked(index, candidates)
    predicted = {(made.statement, made.bound) for one in candidates for made in one.predictions if made.bound}
    tried = []
    for one in order[:_TRIED]:
        trial = model_trial(index, one.candidate, predicted=predicted)
        tried.append(_Choice(candidate=one.candidate, trial=trial, points=one.points - _REFUSED * (trial.outline is None)))
    return sorted(tried, key=lambda choice: choice.points, reverse=True)


def _model(index: Index, choices: Sequence[_Choice], candidates: Sequence[Candidate]) -> ProposedCell:
    best = choices[0]
    others = [one for one in choices if one.trial.cells != best.trial.cells]
    margin = best.points - others[0].points if others else _ALONE
    sure = confidence(margin) * (_DOUBT if best.trial.outline is None else 1)
    reason = words.of_model(index, best.candidate, best.trial.cells[0], last_of=_last_of(candidates, best.candidate))
    return replace(best.trial.cells[0], confidence=round(sure, 2), reason=reason)


def _last_of(candidates: Sequence[Candidate], best: Candidate) -> int:
    """How many models there are where the best is the last of several, else 0."""
    several = len(candidates) > 1 and best is max(candidates, key=last_use)
    return len(candidates) if several else 0


def _feature(index: Index, best: _Choice, trial: Trial) -> tuple[ProposedCell, ...]:
    """The first cell on the way to the model that changes the data, with which the compiler still makes an outline."""
    found = feature_cells(index, trial.outline, fit=best.candidate.fit, model_cell=best.cell)
    for place, (cell, statement) in enumerate(found):
        if place == _FEATURES_TRIED:
            break
        if index.notebook.cell(cell).role:
            continue
        sure = (trial.cells[0].confidence if trial.cells else 1) * _FEATURE
        name = feature_name(index, trial.outline, cell)
        reason = words.of_feature(index, statement, estimator=best.candidate.estimator)
        one = ProposedCell(cell=cell, role="feature", name=name, confidence=round(sure, 2), reason=reason)
        if trial.outline is None or attempt(index, (*trial.cells, one), model_cell=best.cell).outline is not None:
            return (one,)
    return ()


def _check(index: Index, best: _Choice, *, taken: set[int]) -> tuple[ProposedCell, ...]:
    """The cell that asserts something of the predictions, or else measures them."""
    for found in check_cells(index, best.candidate, taken=taken):
        sure = _ASSERTS if found.asserts else _CHECK
        name = check_name(index, found)
        reason = words.of_check(best.candidate, found)
        return (ProposedCell(cell=found.cell, role="check", name=name, confidence=sure, reason=reason),)
    return ()


def _instead(index: Index, choices: Sequence[_Choice], cells: Sequence[ProposedCell]) -> tuple[ProposedCell, ...]:
    """Other models that could be meant; each in another cell."""
    taken = {one.cell for one in cells}
    found: list[ProposedCell] = []
    for one in choices[1:]:
        if one.cell not in taken and len(found) < _SHOWN:
            taken.add(one.cell)
            sure = max(0.05, 1 - confidence(choices[0].points - one.points)) * (1 if one.trial.outline is not None else _DOUBT)
            reason = words.of_model(index, one.candidate, one.trial.cells[0])
            found.append(replace(one.trial.cells[0], confidence=round(sure, 2), reason=reason))
    return tuple(found)
