"""What the built service said of validation runs → records of a report, at the cell and line where both part."""

from collections.abc import Iterator

from nb2svc.ir.notebook import Notebook
from nb2svc.ir.report import Place, Record
from nb2svc.ir.validation import Failure, RunResult, ServiceOutcome, Validation
from nb2svc.reports.placed import line_text, place_of
from nb2svc.reports.records import Locate
from nb2svc.validate.service.outcome import failure_of, said

_CODE = "service"


def service_records(run: RunResult, notebook: Notebook, *, file: str, locate: Locate) -> Iterator[Record]:
    """The record of one run; none where nobody asked the service."""
    if run.service is not None:
        name = f"service [{run.spec.shown}]"
        message = _message(run, run.service)
        yield _record(run, run.service, name=name, message=message, place=_place(run, notebook, file, locate))


def services_records(validation: Validation, notebook: Notebook, *, file: str, locate: Locate) -> Iterator[Record]:
    """A record for each line at which runs and service part, one for what was not compared, and one for all that agrees."""
    asked = [(run, run.service) for run in validation.runs if run.service is not None]
    groups: dict[tuple[str, int, int], list[tuple[RunResult, ServiceOutcome]]] = {}
    for run, service in asked:
        failure = _own_failure(run)
        key = (service.status, failure.cell if failure else 0, failure.line if failure else 0)
        groups.setdefault(key, []).append((run, service))
    for (status, cell, line), told in groups.items():
        run, service = told[0]
        message = f"{len(told)} of {len(asked)} runs, first with {run.spec.shown}: {_message(run, service)}"
        identity = line_text(notebook, cell, line) if cell else status
        place = _place(run, notebook, file, locate)
        yield _record(run, service, name=f"service {service.project}", message=message, place=place, identity=identity)


def _record(
    run: RunResult, service: ServiceOutcome, *, name: str, message: str, place: Place | None, identity: str = ""
) -> Record:
    failure = _own_failure(run)
    remedy = failure.fix if failure else ""
    return Record(code=_CODE, name=name, status=service.status, message=message, remedy=remedy, place=place, identity=identity)


def _own_failure(run: RunResult) -> Failure | None:
    return failure_of(run) if run.failure is None else None


def _message(run: RunResult, service: ServiceOutcome) -> str:
    failure = _own_failure(run)
    if failure is None:
        return said(service)
    return "\n".join(filter(None, (failure.what, failure.why, failure.details)))


def _place(run: RunResult, notebook: Notebook, file: str, locate: Locate) -> Place | None:
    failure = _own_failure(run)
    return place_of(notebook, failure.cell if failure else 0, failure.line if failure else 0, file=file, locate=locate)
