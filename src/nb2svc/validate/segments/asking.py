"""Segments that were asked for: refused before any run where the source tells why, else after the first run and not the last."""

from collections.abc import Callable, Sequence

from nb2svc.errors import UsageError
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import RunResult
from nb2svc.validate.segments.plan import plan_segments
from nb2svc.validate.segments.values import Refused
from nb2svc.validate.watched import watched


def check_columns(notebook: Notebook, dataflow: Dataflow, columns: Sequence[str]) -> None:
    """Refuse segments that can't be evaluated whatever the runs will show, before any starts.

    Raises:
        UsageError: which rows are held out can't be known, or what checks and metrics need can't be computed of a part of them.
    """
    if not columns:
        return
    planned = plan_segments(notebook, dataflow, watched(notebook, dataflow), {})
    # What `X[names]` chooses, only a run can tell: it may be all that is missing.
    if planned.plan is None and not planned.asked:
        raise refusal(notebook, planned.refused)


class First:
    """Hears of runs as they end. Where the first can't be divided, a slip of the pen must not cost the others."""

    def __init__(self, ended: Callable[[RunResult], None], *, known: bool) -> None:
        self._ended = ended
        self._divided = known

    def ended(self, result: RunResult) -> None:
        """A run ended.

        Raises:
            UsageError: it is the first, and it can't be divided into the segments that were asked for.
        """
        self._ended(result)
        problem = result.segments.problem if result.segments is not None else None
        if problem is not None and not self._divided:
            raise UsageError(problem.what, where=problem.where or "--segments", why=problem.why, fix=problem.fix)
        self._divided = self._divided or result.segments is not None


def refusal(notebook: Notebook, refused: tuple[Refused, ...]) -> UsageError:
    """The first reason, with its place, and the others below."""
    first, *others = refused
    more = [f"{_place(notebook, one)}: {one.what}\n    do this: {one.fix}" for one in others]
    return UsageError(
        first.what.rstrip("."),
        where=_place(notebook, first) or "--segments",
        why=first.why,
        fix=first.fix,
        details="\n".join(["and so", *more]) if more else "",
        span=first.span,
    )


def _place(notebook: Notebook, one: Refused) -> str:
    return notebook.place(one.span) if one.span else ""
