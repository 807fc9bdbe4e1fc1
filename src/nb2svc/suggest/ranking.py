"""Which of a notebook's models its author means, and how surely: points for what is done with each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from nb2svc.analysis.index import Index
from nb2svc.suggest.candidates import Candidate, held_out

# What speaks for a model. A model that is handed in or kept is the one that is meant, wherever it stands.
_SUBMITTED, _SAVED, _NAMED, _HELD_OUT, _PREDICTS, _MEASURED, _SEARCHED = 4.0, 4.0, 1.5, 1.5, 0.5, 1.0, 0.5
# What stands later is usually meant, and still more the model that is asked about one row by hand when all others are done.
_LAST, _ASKED_AT_LAST = 2.0, 3.5
_LOOPED = -3.0
_FINAL = re.compile(r"(?:^|_)(?:final|best|ideal|chosen|production|optimal|tuned)(?:_|\d|$)")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranked:
    """A candidate with its points."""

    candidate: Candidate
    points: float


def ranked(index: Index, candidates: Sequence[Candidate]) -> tuple[Ranked, ...]:
    """The candidates, the best first; of equals the later one."""
    order = sorted(candidates, key=last_use)
    found = [
        Ranked(
            candidate=one,
            points=_points(index, one, place=place / max(len(order) - 1, 1))
            + _ASKED_AT_LAST * (bool(one.by_hand) and len(order) > 1 and max(one.by_hand) > last_use(order[-1])),
        )
        for place, one in enumerate(order)
    ]
    return tuple(sorted(found, key=lambda one: (one.points, last_use(one.candidate)), reverse=True))


def confidence(margin: float) -> float:
    """How surely the best is meant, by the points that it is ahead."""
    return 0.55 + 0.4 * (1 - exp(-margin / 1.5))


def last_use(one: Candidate) -> int:
    """The last statement that fits a model or asks it about rows of data."""
    return max([one.at, *(prediction.statement for prediction in one.predictions)])


def is_called_final(one: Candidate) -> bool:
    """Whether a name of it says that it is the model in the end."""
    return any(_FINAL.search(name.lower()) for name in one.names)


def _points(index: Index, one: Candidate, *, place: float) -> float:
    points = _LAST * place
    points += _SUBMITTED * bool(one.submitted) + _SAVED * bool(one.saved) + _NAMED * is_called_final(one)
    points += _PREDICTS * bool(one.predictions)
    points += _HELD_OUT * any(held_out(index, one, prediction) for prediction in one.predictions)
    points += _MEASURED * bool(one.measured) + _SEARCHED * one.searched
    return points + _LOOPED * one.looped
