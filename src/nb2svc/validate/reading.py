"""What an executed run said → its checks, its metrics, and why it stopped. Pure: nothing is read but what is given."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nb2svc.capture import failure
from nb2svc.capture.failure import Ran
from nb2svc.capture.outcome import Outcome, stopped_at
from nb2svc.errors import Nb2svcError
from nb2svc.ir.validation import CheckOutcome, Failure, MetricValue, RunStatus, Special
from nb2svc.metrics import MIME
from nb2svc.validate.watched import Watched

_SPECIALS: tuple[Special, ...] = ("nan", "inf", "-inf")
_FOR_A_BUILD = {"nobody is there to type while a build runs": "nobody is there to type while a validation runs"}


def ended_as(
    outcome: Outcome,
    record: Mapping[str, Any],
    *,
    ran: Ran,
    watched: Watched,
    checks: Iterable[CheckOutcome],
    limit: float | None,
    log: str,
) -> tuple[RunStatus, Failure | None]:
    """How a run ended, and what kept it from its end; the first cause counts."""
    if outcome.over_time and limit is not None:
        return "timeout", told(failure.over_time(ran, outcome.running, limit=limit))
    if outcome.died:
        return "died", told(failure.kernel_died(ran, outcome.running, ended=outcome.ended, log=log))
    for seen in record.get("failures", ()):
        place = failure.locate(ran, seen, None)
        cell = place.cell if place else None
        identifier = ran.counts.get(seen["count"], "")
        if identifier not in watched.checks and not (cell and "raises-exception" in cell.tags):
            return "error", told(failure.cell_failed(ran, seen, outcome.running), line=place.line if place else 0)
    failed = [check for check in checks if check.outcome in ("fail", "error")]
    if failed:
        return "failed", None
    stopped = _unfinished(outcome)
    if stopped is not None:
        return "error", told(stopped_at(ran, stopped, log=log))
    return "ok", None


def told(error: Nb2svcError, *, line: int = 0) -> Failure:
    """An error's parts as a value; its cell is the one that its place names."""
    cell = error.where.partition(", cell ")[2].partition(",")[0].partition(" ")[0]
    return Failure(
        what=error.what,
        cell=int(cell) if cell.isdigit() else 0,
        line=line,
        where=error.where,
        why=_FOR_A_BUILD.get(error.why, error.why),
        fix=error.fix,
        details=error.details,
    )


def check_outcomes(
    seen: Mapping[str, Mapping[str, Any]], *, ran: Ran, watched: Watched, record: Mapping[str, Any]
) -> tuple[CheckOutcome, ...]:
    """What each check cell said, in the notebook's order; `seen` is what came of those that ran, by their ids."""
    return tuple(_outcome(identifier, name, seen.get(identifier), ran, record) for identifier, name in watched.checks.items())


def _outcome(identifier: str, name: str, told_: Mapping[str, Any] | None, ran: Ran, record: Mapping[str, Any]) -> CheckOutcome:
    found = ran.cell(identifier)
    number = found[0].number if found else 0
    if told_ is None:
        return CheckOutcome(name=name, cell=number, outcome="not_reached")
    if not told_:
        return CheckOutcome(name=name, cell=number, outcome="pass")
    asserted = told_["name"] == "AssertionError"
    message = told_["message"] or (f"assert {told_['test']}" if told_["test"] else "the assertion does not hold")
    return CheckOutcome(
        name=name,
        cell=number,
        outcome="fail" if asserted else "error",
        message=message if asserted else f"{told_['name']}: {told_['message']}",
        line=_line(identifier, told_, ran, record),
        values=tuple((text, value) for text, value in told_["values"]),
    )


def _line(identifier: str, seen: Mapping[str, Any], ran: Ran, record: Mapping[str, Any]) -> int:
    """The author's line: as the recorder saw it, else as the watcher of assertions did."""
    for each in record.get("failures", ()):
        if ran.counts.get(each["count"]) == identifier:
            place = failure.locate(ran, each, None)
            if place is not None and place.line:
                return place.line
    found = ran.cell(identifier)
    lines = found[1].lines if found else ()
    return lines[seen["line"] - 1] if 0 < seen["line"] <= len(lines) else 0


def metric_values(document: Any, named: Mapping[str, Mapping[str, Any]], *, asked: Iterable[str]) -> tuple[MetricValue, ...]:
    """The metrics that outputs hold, then those read by name; one that was asked for and is none has neither value nor special.

    Of a name that was told twice the last value counts, as it would for a variable.
    """
    found = {str(bundle["name"]): _metric(str(bundle["name"]), bundle) for bundle in _bundles(document)}
    for name in asked:
        found.setdefault(name, _metric(name, named.get(name) or {}))
    return tuple(found.values())


def _bundles(document: Any) -> Iterator[Mapping[str, Any]]:
    for cell in document["cells"] if document is not None else ():
        for output in cell.get("outputs", ()):
            bundle = output.get("data", {}).get(MIME)
            if isinstance(bundle, Mapping) and "name" in bundle:
                yield bundle


def _metric(name: str, bundle: Mapping[str, Any]) -> MetricValue:
    value, special = bundle.get("value"), bundle.get("special", "")
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    known: Special = special if special in _SPECIALS and number is None else ""
    return MetricValue(name=name, value=number, special=known)


def _unfinished(outcome: Outcome) -> Mapping[str, Any] | None:
    document = outcome.document
    cells = [cell for cell in document["cells"] if cell["cell_type"] == "code"] if document is not None else []
    return next(
        (
            cell
            for cell in cells
            if cell["id"] not in outcome.ended
            and cell["source"].strip()
            and "skip-execution" not in cell["metadata"].get("tags", ())
        ),
        None,
    )
