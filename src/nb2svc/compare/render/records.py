"""The report as records, for services that show findings and tests: what a gate stops fails, other changes warn."""

from collections.abc import Iterator, Sequence

from nb2svc.compare.gates import Gate, closed
from nb2svc.compare.render.sections import sections
from nb2svc.ir.difference import BuildDifference, Level
from nb2svc.ir.report import Place, Record, RecordStatus, Report

_STATUS: dict[Level, RecordStatus] = {"breaking": "warn", "stricter": "warn", "compatible": "note"}


def difference_report(difference: BuildDifference, *, gates: Sequence[Gate], file: str, exit_code: int) -> Report:
    """All changes of the request, then each other part; `file` is what a viewer can open."""
    place = Place(file=file)
    records = [*_request(difference, place, gates), *_parts(difference, place)]
    records += [
        Record(code=f"gate:{gate}", name=f"--fail-on {gate}", status="fail", message=why, place=place, identity=gate)
        for gate, why in closed(difference, gates)
    ]
    subject = f"{difference.old.label} → {difference.new.label}"
    return Report(command="diff", subject=subject, records=tuple(records), exit_code=exit_code)


def _request(difference: BuildDifference, place: Place, gates: Sequence[Gate]) -> Iterator[Record]:
    if difference.request_problem:
        message = difference.request_problem
        yield Record(code="request", name="request", status="not_evaluated", message=message, place=place, identity="request")
    elif not difference.request:
        yield Record(code="request", name="request", status="pass", message="unchanged", place=place, identity="request")
    for change in difference.request:
        yield Record(
            code=f"request:{change.rule.replace(' ', '-')}",
            name=change.where,
            status="fail" if change.level in gates else _STATUS[change.level],
            message=f"{change.level}: {change.where}: {change.what}",
            remedy=change.do,
            place=place,
            identity=f"{change.rule} {change.where} {change.what}",
        )


def _parts(difference: BuildDifference, place: Place) -> Iterator[Record]:
    """One record for each part but the request; what could not be compared says so."""
    for section in sections(difference):
        if section.title not in ("Request", "Notes"):
            unknown = section.title == "Predictions" and difference.predictions.status == "not_evaluated"
            same = section.summary == "unchanged"
            status: RecordStatus = "not_evaluated" if unknown else "pass" if same else "note"
            said = section.lines[0] if unknown else section.summary
            name = section.title.lower()
            yield Record(code=name, name=name, status=status, message=said, place=place, identity=name)
