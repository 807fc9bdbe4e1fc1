"""Reports in formats of others: a command's values, with the places that a viewer of the repository can open."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nb2svc.errors import Nb2svcError
from nb2svc.ir.finding import Finding
from nb2svc.ir.fix import Fix
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.readiness import Checklist
from nb2svc.ir.report import Place, Problem, Record, Repair, Report
from nb2svc.ir.span import Span
from nb2svc.ir.validation import Validation
from nb2svc.ir.verdict import Verdict

if TYPE_CHECKING:
    from nb2svc.cli.outcome import Outcome
    from nb2svc.reports.records import Locate


def notebook_report(
    command: str,
    notebook: Notebook | None,
    findings: Iterable[Finding] = (),
    *,
    verdict: Verdict | None = None,
    checklist: Checklist | None = None,
    exit_code: int = 0,
) -> Report:
    """What a command found in a notebook, and what the proof and the checklist said where it has them."""
    from nb2svc.reports.records import checklist_records, finding_records, verdict_records

    file = seen_from_repository(Path(notebook.path)) if notebook else ""
    locate, repair = _in_file(notebook) if notebook else (_nowhere, _never)
    records: tuple[Record, ...] = finding_records(findings, notebook, file=file, locate=locate, repair=repair)
    if verdict is not None:
        records += verdict_records(verdict, notebook, file=file, locate=locate)
    if checklist is not None:
        records += checklist_records(checklist, file=file)
    return Report(command=command, subject=notebook.name if notebook else "", records=records, exit_code=exit_code)


def error_report(
    command: str,
    error: Nb2svcError,
    *,
    notebook: Notebook | None = None,
    findings: Iterable[Finding] = (),
    verdict: Verdict | None = None,
    exit_code: int,
) -> Report:
    """An error that stopped a command: refusals and a failed proof are records, each at its line; any other stands alone."""
    report = notebook_report(command, notebook, findings, verdict=verdict, exit_code=exit_code)
    if any(record.status == "fail" for record in report.records):
        return report
    problem = Problem(what=error.what, where=error.where, why=error.why, fix=error.fix, details=error.details)
    return replace(report, problem=problem)


def outcome_report(outcome: "Outcome") -> Report:
    """What a project's tests said; a test is a record of the code `test`, and stands in its file."""
    tests = Path(outcome.project) / "tests"
    records = tuple(
        Record(
            code="test",
            name=case.name,
            status=case.status,
            message=case.reason or case.status.replace("_", " "),
            place=Place(file=seen_from_repository(tests / f"{case.name.partition('::')[0]}.py")),
            identity=case.name,
        )
        for case in outcome.cases
    )
    return Report(command="test", subject=Path(outcome.project).name, records=records, exit_code=outcome.exit_code)


def validation_report(validation: Validation, notebook: Notebook, *, each: bool, exit_code: int) -> Report:
    """What validation runs said: `each` check of each run, or a record for each check over all runs."""
    from nb2svc.reports.validation import run_records, summary_records

    make = run_records if each else summary_records
    file, locate = seen_from_repository(Path(notebook.path)), _in_file(notebook)[0]
    records = make(validation, notebook, file=file, locate=locate)
    return Report(command="validate", subject=notebook.name, records=records, exit_code=exit_code)


def seen_from_repository(path: Path) -> str:
    """A file as its repository names it, where it lies in one; else as the working folder does."""
    whole = path.resolve()
    roots = [folder for folder in whole.parents if (folder / ".git").exists()]
    for root in (*roots, Path.cwd().resolve()):
        if whole.is_relative_to(root):
            return whole.relative_to(root).as_posix()
    return path.as_posix()


def _in_file(notebook: Notebook) -> tuple["Locate", Callable[[Fix], Repair | None]]:
    """What says where a span stands in the notebook's file, and what a fix changes there."""
    from nb2svc.read.mending import repairer
    from nb2svc.read.places import locator
    from nb2svc.system.files import read_bytes

    try:
        content = read_bytes(Path(notebook.path), what="notebook")
    except Nb2svcError:
        return _nowhere, _never
    return locator(content, notebook), repairer(content, notebook)


def _nowhere(_: Span) -> None:
    return None


def _never(_: Fix) -> None:
    return None
