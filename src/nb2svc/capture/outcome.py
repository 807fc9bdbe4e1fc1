"""Whether a run came to its end. papermill's own verdict is not asked: it says yes to `sys.exit`, and to a dead kernel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nb2svc.capture import failure
from nb2svc.capture.failure import Ran
from nb2svc.errors import InternalError, Nb2svcError, RunError


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a run came to: the executed document, ids of the cells that ran to their end, and what stopped it.

    `started` says that a kernel came up, `running` is the id of the cell that was running at the end. `died` says that
    the kernel died, `over_time` that the limit ended it, `start_failed` why no kernel came up, `unrecorded` why the
    recorder could not write what it saw.
    """

    document: Any
    ended: list[str] = field(default_factory=list)
    started: bool = False
    running: str | None = None
    died: bool = False
    over_time: bool = False
    start_failed: str = ""
    unrecorded: str = ""


def execution_counts(document: Any) -> dict[int, str]:
    """The ids of the cells that were run, by execution count."""
    return {cell["execution_count"]: cell["id"] for cell in _code_cells(document) if cell["execution_count"]}


def failure_of(outcome: Outcome, record: Mapping[str, Any], *, ran: Ran, limit: float | None, log: str) -> Nb2svcError | None:
    """What kept a run from its end, the first cause first; None where nothing did.

    `record` is the kernel side's (empty where it could not write one), `limit` the time limit, `log` the kernel's output.
    """
    if outcome.over_time and limit is not None:
        return failure.over_time(ran, outcome.running, limit=limit)
    for seen in record.get("failures", ()):
        if not _is_expected(ran, seen):
            return failure.cell_failed(ran, seen, outcome.running)
    if outcome.died:
        return failure.kernel_died(ran, outcome.running, ended=outcome.ended, log=log)
    stopped = _first_unfinished(outcome)
    if stopped is not None:
        return stopped_at(ran, stopped, log=log)
    if record:
        return None
    return InternalError(
        "the run left no record",
        where=str(ran.executed.parent),
        why=outcome.unrecorded,
        fix="see that the disk has room, and run it again",
        details=log,
    )


def stopped_at(ran: Ran, cell: Mapping[str, Any], *, log: str) -> Nb2svcError:
    """The error for a cell of the executed document that did not run to its end, though nothing else tells why."""
    output = next((output for output in cell["outputs"] if output["output_type"] == "error"), None)
    if output:
        return failure.no_failure_recorded(ran, cell["id"], output)
    found = ran.cell(cell["id"])
    return RunError(
        "the run ended early",
        where=ran.notebook.name,
        why=f"{found[0].title if found else 'the cell that sets the parameters'} never ran",
        fix="run the notebook from top to bottom in Jupyter to see what stops it",
        details=log,
    )


def _first_unfinished(outcome: Outcome) -> Mapping[str, Any] | None:
    return next(
        (
            cell
            for cell in _code_cells(outcome.document)
            if cell["id"] not in outcome.ended and cell["source"].strip() and "skip-execution" not in cell["metadata"]["tags"]
        ),
        None,
    )


def _code_cells(executed: Any) -> Sequence[Any]:
    # papermill marks a failed notebook with Markdown cells of its own.
    return [cell for cell in executed["cells"] if cell["cell_type"] == "code"]


def _is_expected(ran: Ran, seen: Mapping[str, Any]) -> bool:
    place = failure.locate(ran, seen, None)
    # A check that fails has failed, whether or not the notebook goes on after it.
    return place is not None and "raises-exception" in place.cell.tags and place.cell.role != "check"
