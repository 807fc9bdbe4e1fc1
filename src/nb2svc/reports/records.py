"""What the stages found → records of a report."""

from collections.abc import Callable, Iterable

from nb2svc.ir.finding import Finding, Severity
from nb2svc.ir.fix import Fix
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.readiness import Checklist, ItemResult
from nb2svc.ir.report import Place, Record, RecordStatus, Region, Repair
from nb2svc.ir.source import split_lines
from nb2svc.ir.span import Span
from nb2svc.ir.verdict import Difference, Mode, Verdict
from nb2svc.pages.catalogue import title

Locate = Callable[[Span], Region | None]

_OF_SEVERITY: dict[Severity, RecordStatus] = {"refusal": "fail", "warning": "warn", "info": "note"}
_SHOWN = 3


def finding_records(
    findings: Iterable[Finding],
    notebook: Notebook | None,
    *,
    file: str = "",
    locate: Locate = lambda _: None,
    repair: Callable[[Fix], Repair | None] = lambda _: None,
) -> tuple[Record, ...]:
    """A record for each finding, in the findings' order; `file` is the notebook's, as seen from the repository's root."""
    return tuple(
        Record(
            code=finding.code,
            name=title(finding.code),
            status=_OF_SEVERITY[finding.severity],
            message=finding.message,
            remedy=finding.remedy,
            place=_place(finding.span, notebook, file=file, locate=locate),
            identity=_line(finding.span, notebook),
            repairs=tuple(repaired for fix in finding.fixes if (repaired := repair(fix)) is not None),
        )
        for finding in findings
    )


def verdict_records(
    verdict: Verdict, notebook: Notebook | None, *, file: str = "", locate: Locate = lambda _: None
) -> tuple[Record, ...]:
    """A record for each mode of the proof; those that failed stand where service and notebook part."""
    whole = _place(None, notebook, file=file, locate=locate)
    span = verdict.divergence.span if verdict.divergence else None
    parted = _place(span, notebook, file=file, locate=locate)
    return tuple(_mode_record(mode, verdict, parted if mode.status == "fail" else whole) for mode in verdict.modes)


def checklist_records(checklist: Checklist, *, file: str = "") -> tuple[Record, ...]:
    """A record for each item; `file` is where a viewer may show them, for an item has no line."""
    return tuple(_item_record(item, Place(file=file) if file else None) for item in checklist.items)


def _mode_record(mode: Mode, verdict: Verdict, place: Place | None) -> Record:
    said = mode.note or (f"{mode.different} of {mode.compared} rows differ" if mode.different else _counted(mode))
    lines = [f"{mode.name}: {said}", *(_difference(each) for each in mode.differences[:_SHOWN])]
    if mode.status == "fail" and verdict.divergence is not None:
        lines.append(f"first differs in column {verdict.divergence.column}: {verdict.divergence.text}")
    return Record(code="proof", name=mode.name, status=mode.status, message="\n".join(lines), place=place, identity=mode.name)


def _counted(mode: Mode) -> str:
    return f"{mode.compared} of {mode.total} rows compared"


def _difference(difference: Difference) -> str:
    return f"row {difference.row}: {difference.column} is {difference.actual}, in the notebook {difference.expected}"


def _item_record(item: ItemResult, place: Place | None) -> Record:
    return Record(
        code=item.id,
        name=item.title,
        status=_item_status(item),
        message=item.sentence,
        remedy=item.next_action,
        place=place,
        identity=item.id,
        about=item.why,
    )


def _item_status(item: ItemResult) -> RecordStatus:
    """A red item fails where it is a blocker and warns where it is none; what nobody looked at is no pass."""
    match item.status:
        case "pass" | "attested" | "waived" | "not_applicable":
            return "pass"
        case "not_evaluated":
            return "not_evaluated"
        case "warn":
            return "warn"
        case "fail" | "stale" | "expired" | "broken":
            return "fail" if item.severity == "blocker" else "warn"


def _place(span: Span | None, notebook: Notebook | None, *, file: str, locate: Locate) -> Place | None:
    if not file:
        return None
    if span is None:
        return Place(file=file)
    return Place(file=file, region=locate(span), text=notebook.place(span) if notebook else str(span))


def _line(span: Span | None, notebook: Notebook | None) -> str:
    """The author's line that a finding stands at; "" where there is none."""
    if notebook is None or span is None or not 0 < span.cell <= len(notebook.cells):
        return ""
    lines = split_lines(notebook.cell(span.cell).source)
    return lines[span.line - 1].strip() if 0 < span.line <= len(lines) else ""
