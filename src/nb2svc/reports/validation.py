"""What validation runs said → records of a report.

A test report has a case for each check of each run. Where people look at code, one record says of a check how often it failed.
"""

from collections.abc import Iterator, Sequence

from nb2svc.ir.judgement import Comparison, Gated, Outcome
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.report import Place, Record, RecordStatus
from nb2svc.ir.validation import CheckOutcome, CheckState, Failure, RunResult, Validation
from nb2svc.reports.placed import line_text, place_of
from nb2svc.reports.records import Locate
from nb2svc.reports.serviced import service_records, services_records
from nb2svc.validate.compared import metric_name

_STATUSES: dict[CheckState, RecordStatus] = {"pass": "pass", "fail": "fail", "error": "fail", "not_reached": "not_evaluated"}


def run_records(validation: Validation, notebook: Notebook, *, file: str, locate: Locate) -> tuple[Record, ...]:
    """A record for each check of each run, one for each run itself, and one for each comparison with the baseline."""
    found: list[Record] = []
    for run in validation.runs:
        for check in run.checks:
            place = place_of(notebook, check.cell, check.line, file=file, locate=locate)
            name = f"{check.name} [{'; '.join(filter(None, (run.spec.shown, check.segment)))}]"
            found.append(Record(code="check", name=name, status=_STATUSES[check.outcome], message=_said(check), place=place))
        found.append(_run_record(run, notebook, file=file, locate=locate))
        found += service_records(run, notebook, file=file, locate=locate)
    return (*found, *_of_comparisons(validation, file=file))


def summary_records(validation: Validation, notebook: Notebook, *, file: str, locate: Locate) -> tuple[Record, ...]:
    """A record for each check, one for each line at which runs broke, and one for each comparison with the baseline."""
    return (
        *_of_checks(validation, notebook, file=file, locate=locate),
        *_of_breaks(validation, notebook, file=file, locate=locate),
        *services_records(validation, notebook, file=file, locate=locate),
        *_of_comparisons(validation, file=file),
    )


def _of_checks(validation: Validation, notebook: Notebook, *, file: str, locate: Locate) -> Iterator[Record]:
    outcomes: dict[tuple[str, str], list[tuple[RunResult, CheckOutcome]]] = {}
    for run in validation.runs:
        for check in run.checks:
            outcomes.setdefault((check.name, check.segment), []).append((run, check))
    for (check_name, segment), told in outcomes.items():
        name = f"{check_name} [{segment}]" if segment else check_name
        bad = [(run, check) for run, check in told if check.outcome in ("fail", "error")]
        reached = [check for _, check in told if check.outcome != "not_reached"]
        if bad:
            run, check = bad[0]
            message = f"{name} failed in {len(bad)} of {len(told)} runs, first with {run.spec.shown}: {_said(check)}"
            status: RecordStatus = "fail"
        else:
            _, check = told[0]
            unreached = next((one.message for _, one in told if one.outcome == "not_reached" and one.message), "")
            message = f"{name} passed in {len(reached)} of {len(told)} runs" + (f"; {unreached}" if unreached else "")
            status = "pass" if reached else "not_evaluated"
        place = place_of(notebook, check.cell, check.line, file=file, locate=locate)
        yield Record(code="check", name=name, status=status, message=message, place=place, identity=name)


def _of_comparisons(validation: Validation, *, file: str) -> Iterator[Record]:
    """A declared margin that does not hold fails, one that nobody declared warns."""
    judgement = validation.judgement
    if judgement is None:
        return
    for one in judgement.comparisons:
        yield _compared(one, code="metric", to="baseline", file=file)
    if judgement.gate is not None:
        yield from _of_gate(judgement.gate, file=file)


def _of_gate(gate: Gated, *, file: str) -> Iterator[Record]:
    """Whether the gate is open, and each comparison that it decided by."""
    statuses: dict[Outcome, RecordStatus] = {"pass": "pass", "warn": "warn", "fail": "fail", "open": "not_evaluated"}
    place = Place(file=file) if file else None
    told = "; ".join(gate.reasons) or f"no worse than the {gate.name} {gate.champion.source}"
    if gate.data_stated:
        told += f" (on other data, as was said: {'; '.join(gate.other_data)})"
    name = f"gate, against the {gate.name}"
    yield Record(code="gate", name=name, status=statuses[gate.outcome], message=told, place=place, identity=gate.name)
    for one in gate.comparisons:
        yield _compared(one, code="gate", to=gate.name, file=file)


def _compared(one: Comparison, *, code: str, to: str, file: str) -> Record:
    bad: RecordStatus = "fail" if one.declared else "warn"
    return Record(
        code=code,
        name=f"{metric_name(one)} against the {to}",
        status="pass" if one.outcome == "no_worse" else bad,
        message=f"{metric_name(one)}: {one.reason or f'no worse than the {to}'}",
        place=Place(file=file) if file else None,
        identity=metric_name(one),
    )


def _of_breaks(validation: Validation, notebook: Notebook, *, file: str, locate: Locate) -> Iterator[Record]:
    broken: dict[tuple[str, int, int], list[tuple[RunResult, Failure]]] = {}
    for run in validation.runs:
        if run.failure is not None:
            broken.setdefault((run.status, run.failure.cell, run.failure.line), []).append((run, run.failure))
    for (status, cell, line), runs in broken.items():
        run, failure = runs[0]
        yield Record(
            code="run",
            name=f"run {status}",
            status="fail",
            message=f"{len(runs)} of {len(validation.runs)} runs, first with {run.spec.shown}: {failure.what}",
            remedy=failure.fix,
            place=place_of(notebook, cell, line, file=file, locate=locate),
            identity=line_text(notebook, cell, line),
        )


def _run_record(run: RunResult, notebook: Notebook, *, file: str, locate: Locate) -> Record:
    failure = run.failure
    status: RecordStatus = "not_evaluated" if run.status == "not_run" else "pass" if failure is None else "fail"
    parts = (failure.what, failure.why, failure.details) if failure else ()
    return Record(
        code="run",
        name=f"run [{run.spec.shown}]",
        status=status,
        message="\n".join(filter(None, parts)) if failure else ("the run was not made" if run.status == "not_run" else ""),
        remedy=failure.fix if failure else "",
        place=place_of(notebook, failure.cell if failure else 0, failure.line if failure else 0, file=file, locate=locate),
    )


def _said(check: CheckOutcome) -> str:
    if check.outcome == "pass":
        return ""
    if check.outcome == "not_reached":
        return check.message or "the run did not come to it"
    compared: Sequence[str] = [f"{text} = {value}" for text, value in check.values]
    return check.message + (f" ({', '.join(compared)})" if compared else "")
