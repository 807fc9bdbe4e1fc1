"""What became of asking the built service about a run's rows → one outcome. Pure: a function of what was compared.

a difference                         → fail; where a second training gives another model, not evaluated
nothing compared, or no answer was   → not evaluated, with its reason
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from nb2svc.ir.plan import check_test
from nb2svc.ir.validation import CheckOutcome, Failure, RunResult, ServiceOutcome, Validation
from nb2svc.ir.verdict import Divergence, Mode, ModeStatus
from nb2svc.parity.checks import Case
from nb2svc.validate.judge import BROKEN

# The ways of asking, in the order in which they are told.
WORDS = {
    "predictions": "answers",
    "inputs": "model inputs",
    "retrain": "the model's own scores",
    "alone": "rows alone",
    "shuffled": "another order",
    "repeat": "repeated rows",
}
_BAD = frozenset({"fail", "error"})


def judged_service(
    modes: Sequence[Mode],
    *,
    divergence: Divergence | None,
    checks: Sequence[CheckOutcome],
    own_checks: Iterable[CheckOutcome],
    drawn: Collection[str] = (),
    unseeded: Sequence[str] = (),
) -> ServiceOutcome:
    """The outcome of a run that was asked; `own_checks` are what the notebook's checks said in the same run.

    `drawn` are the artifacts that a second training made otherwise, `unseeded` says in words what may be the cause.
    """
    made = ServiceOutcome(
        status="pass",
        compared=max((mode.compared for mode in modes), default=0),
        modes=tuple(modes),
        divergence=divergence,
        checks=tuple(checks),
    )
    made = replace(made, identical=max(0, made.compared - max((mode.different for mode in modes), default=0)))
    status, reason = _judged(made, own={check.name: check for check in own_checks}, drawn=drawn, unseeded=unseeded)
    return replace(made, status=status, reason=reason)


def _judged(
    made: ServiceOutcome, *, own: Mapping[str, CheckOutcome], drawn: Collection[str], unseeded: Sequence[str]
) -> tuple[ModeStatus, str]:
    bad = sorted((mode for mode in made.modes if mode.status == "fail"), key=lambda mode: list(WORDS).index(mode.name))
    # Model inputs depend on what was learned, not on the model.
    learned = [file for file in drawn if not file.startswith("model")]
    if bad and drawn and (learned or all(mode.name != "inputs" for mode in bad)):
        why = "; ".join(unseeded) or "what draws random numbers, or depends on the order of a set, is not known"
        return "not_evaluated", f"training.py gives another {'model' if not learned else 'service'} each time: {why}"
    if bad:
        return "fail", _difference(bad[0]) + (f"; and so in {len(bad) - 1} other ways of asking" if bad[1:] else "")
    worse = [check for check in made.checks if check.outcome in _BAD and own.get(check.name, check).outcome not in _BAD]
    if worse and made.compared:
        named = ", ".join(check.name for check in worse)
        return "fail", f"check {named} holds in the notebook and not for the service"
    if not made.compared:
        notes = dict.fromkeys(mode.note for mode in made.modes if mode.note)
        return "not_evaluated", "; ".join(notes) or "no row could be compared"
    if not _answers_compared(made):
        predictions = made.mode("predictions")
        return "not_evaluated", f"no answer could be compared: {predictions.note if predictions else 'none was asked for'}"
    edges = [mode for mode in made.modes if mode.status == "warn"]
    return ("warn", "; ".join(mode.note for mode in edges)) if edges else ("pass", "")


def _answers_compared(made: ServiceOutcome) -> bool:
    return any(mode is not None and mode.compared for mode in (made.mode("predictions"), made.mode("retrain")))


def _difference(mode: Mode) -> str:
    counted = f"{WORDS.get(mode.name, mode.name)}: {mode.different} of {mode.compared} rows differ"
    first = next((each for each in mode.differences if each.column), mode.differences[0] if mode.differences else None)
    if first is None:
        return counted
    column = f"column {first.column}: " if first.column.isdecimal() else f"{first.column}: " if first.column else ""
    return f"{counted} ({column}{first.actual}, in the notebook {first.expected})"


def check_outcomes(cases: Iterable[Case], own: Sequence[CheckOutcome]) -> Iterator[CheckOutcome]:
    """The generated checks by the notebook's names; one that was skipped was not reached, with why."""
    names = {check_test(check.name, check.cell): check for check in own}
    for case in cases:
        check = names.get(case.name)
        yield CheckOutcome(
            name=check.name if check else case.name,
            cell=check.cell if check else 0,
            outcome="not_reached" if case.state == "skipped" else case.state,
            message=case.message,
        )


def with_service(result: RunResult, service: ServiceOutcome) -> RunResult:
    """The run with what the service said: one that differs fails it."""
    status = "failed" if service.status == "fail" and result.status == "ok" else result.status
    return replace(result, service=service, status=status)


def without_service(result: RunResult) -> RunResult:
    """The run as the notebook alone said it."""
    status = "ok" if differs_only(result) else result.status
    return replace(result, service=None, status=status)


def differs_only(result: RunResult) -> bool:
    """Whether nothing but the service failed the run."""
    # That a segment's few rows can't tell is no failure.
    bad = any(check.outcome == "fail" or (check.outcome in _BAD and not check.segment) for check in result.checks)
    return result.status == "failed" and not bad


def failure_of(result: RunResult) -> Failure | None:
    """What kept the run from its end; else how its service differs, where both part."""
    service = result.service
    if result.failure is not None or service is None or service.status != "fail":
        return result.failure
    if service.failure is not None:
        return replace(service.failure, what=f"the service could not be trained: {service.failure.what}")
    parted = service.divergence
    return Failure(
        what=f"the service does not answer as the notebook: {service.reason}",
        cell=parted.span.cell if parted else 0,
        line=parted.span.line if parted else 0,
        why=f"both part at `{parted.text}`" + (f", column {parted.column}" if parted.column else "") if parted else "",
        fix=f"build again; where that changes nothing, see what somebody edited in {service.project}: nb2svc diff",
    )


_JUDGED: Mapping[ModeStatus, str] = {
    "fail": "the service does not answer as the notebook",
    "warn": "the service answers as the notebook but for rows on a knife edge",
    "not_evaluated": "the service was not compared",
}


def services_said(validation: Validation, status: ModeStatus) -> Iterator[str]:
    """In how many runs the service had that status, and why; of runs that broke nothing was to be compared."""
    asked = [run.service for run in validation.runs if run.service is not None and run.status not in BROKEN]
    found = [service for service in asked if service.status == status]
    if found:
        reasons = list(dict.fromkeys(service.reason for service in found if service.reason))
        why = (f": {reasons[0]}" if reasons else "") + (f" (and {len(reasons) - 1} more reasons)" if reasons[1:] else "")
        yield f"{_JUDGED[status]} in {len(found)} of {len(asked)} runs{why}"


SAID: Mapping[ModeStatus, str] = {
    "pass": "answers alike",
    "warn": "answers alike but for knife edges",
    "fail": "differs",
    "not_evaluated": "not compared",
}


def said(service: ServiceOutcome) -> str:
    """What a service said of a run in a line: how much agrees, or why not."""
    counted = compared_words(service)
    return service.reason + (f" ({counted})" if counted and service.status == "warn" else "") if service.reason else counted


def compared_words(service: ServiceOutcome) -> str:
    """`answers 111 of 111, model inputs 442 of 442`: how many agree of those that were compared."""
    # Where scores agree the mode counts what the answers count.
    told = [(WORDS[mode.name], mode) for mode in service.modes if mode.compared and mode.name in WORDS and mode.name != "retrain"]
    return ", ".join(f"{word} {mode.compared - mode.different} of {mode.compared}" for word, mode in told)
