"""What a person may want a comparison to stop for."""

from collections.abc import Sequence
from typing import Literal, get_args

from nb2svc.compare.words import counted
from nb2svc.ir.difference import BuildDifference

Gate = Literal["breaking", "stricter", "predictions", "any"]
GATES: tuple[Gate, ...] = get_args(Gate)


def closed(difference: BuildDifference, gates: Sequence[Gate]) -> tuple[tuple[Gate, str], ...]:
    """The gates that stop, each with its reason.

    What could not be looked at opens no gate: a request that can't be read, or answers that were not compared.
    """
    return tuple((gate, why) for gate in GATES if gate in gates and (why := _REASONS[gate](difference)))


def _breaking(difference: BuildDifference) -> str:
    found = len(difference.of_level("breaking"))
    return f"{counted(found, 'change')} of the request or the answer that breaks callers" if found else _unread(difference)


def _stricter(difference: BuildDifference) -> str:
    found = len(difference.of_level("stricter"))
    return f"{counted(found, 'change')} by which rows are referred that were answered" if found else _unread(difference)


def _unread(difference: BuildDifference) -> str:
    return f"the request was not compared: {difference.request_problem}" if difference.request_problem else ""


def _predictions(difference: BuildDifference) -> str:
    found = difference.predictions
    if found.status == "not_evaluated":
        return "" if difference.same_files else f"the answers were not compared: {found.note}"
    return f"{found.changed:,} of {counted(found.rows, 'answer')} changed" if found.changed else ""


def _any(difference: BuildDifference) -> str:
    kinds = {
        "request": difference.request,
        "state": difference.state,
        "code": [change for change in difference.code if change.status not in ("comments", "moved")],
        "model": difference.model,
        "readiness": difference.readiness,
    }
    found = [f"{counted(len(changes), 'change')} of {kind}" for kind, changes in kinds.items() if changes]
    return "; ".join(filter(None, [*found, _unread(difference), _predictions(difference)]))


_REASONS = {"breaking": _breaking, "stricter": _stricter, "predictions": _predictions, "any": _any}
