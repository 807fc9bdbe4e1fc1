"""`nb2svc ready`: a built project's checklist as it stands now, and whether it lets a build or a release pass."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

import click

from nb2svc.cli.options import REPORTS, checklist_format_option, report_option
from nb2svc.cli.project import project_folder, tell_runtime
from nb2svc.system.projects import package_of

if TYPE_CHECKING:
    from nb2svc.readiness.gate import Gate
    from nb2svc.readiness.recheck import Rechecked

_WIDEST = 120
_NARROWEST = 40


@click.command(
    "ready",
    short_help="Show the readiness checklist of a built project, and open or close a gate.",
    epilog="""\b
Examples:
  nb2svc ready loans
  nb2svc ready loans --gate release
  nb2svc ready loans --gate build --format junit -o ready.xml     in CI
  nb2svc ready loans --format html -o ready.html                  a page to send around
  nb2svc ready loans --validation runs/validation.json            as nb2svc build was given it
""",
)
@click.argument("project", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--gate",
    type=click.Choice(["build", "release"]),
    help="Exit with 1 where a blocker is red; for a release, also where one was not evaluated.",
)
@click.option(
    "--notebook",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the notebook lies.  [default: in a folder above the project]",
)
@click.option(
    "--validation",
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help="Where the validation lies that the build was given.  [default: beside the notebook]",
)
@checklist_format_option
@report_option
def command(
    project: Path, *, gate: "Gate | None", notebook: Path | None, validation: Path | None, form: str, output: str | None
) -> int:
    """Judge the checklist of the project in DIR again: no answer stays green whose evidence is not about what lies here.

    The digests of notebook, data, code, artifacts and of the files of evidence are compared with those that the build wrote down.
    Nothing is run: evidence that is out of date is collected by `nb2svc build`.
    """
    from nb2svc.cli.output import emit
    from nb2svc.errors import VerdictError
    from nb2svc.read.notebook import written_digest
    from nb2svc.readiness.gate import blocking
    from nb2svc.readiness.recheck import recheck
    from nb2svc.system.terminal import Terminal

    folder = project_folder(project)
    if form == "text":
        tell_runtime(folder)
    with Terminal(quiet=form != "text").status("comparing digests"):
        checked = recheck(folder, package_of(folder), digest_of=written_digest, notebook=notebook, validation=validation)
    closed = gate is not None and bool(blocking(checked.checklist, gate))
    code = VerdictError.exit_code if closed else 0
    text = _page(checked, output) if form == "html" else _rendered(checked, folder, gate=gate, form=form, code=code)
    emit(text, output=output)
    return code


def _page(checked: "Rechecked", output: str | None) -> str:
    from nb2svc.cli.checklist import links_from, notes_of
    from nb2svc.readiness.render.html import render_page

    seen_from = Path(output).parent if output and output != "-" else Path()
    return render_page(checked.checklist, links_from(checked, seen_from), notes=notes_of(checked)).removesuffix("\n")


def _rendered(checked: "Rechecked", folder: Path, *, gate: "Gate | None", form: str, code: int) -> str:
    from nb2svc.cli.checklist import notes_of
    from nb2svc.readiness.render.markdown import render_markdown
    from nb2svc.readiness.render.steps import render_gate, render_steps

    if form in REPORTS:
        return _report(checked, folder, gate=gate, form=form, code=code)
    if form == "json":
        from nb2svc.cli.checklist import checklist_document

        return json.dumps(checklist_document(checked, folder, gate=gate), indent=2, ensure_ascii=False)
    if form == "markdown":
        return render_markdown(checked.checklist).rstrip("\n")
    width = min(_WIDEST, max(_NARROWEST, shutil.get_terminal_size().columns))
    text = render_gate(checked.checklist, gate, width=width) if gate else render_steps(checked.checklist, width=width)
    return "\n".join([text, *(fill(note, width) for note in notes_of(checked))])


def _report(checked: "Rechecked", folder: Path, *, gate: "Gate | None", form: str, code: int) -> str:
    from nb2svc.cli.reporting import seen_from_repository
    from nb2svc.ir.report import Report
    from nb2svc.readiness.gate import blocking
    from nb2svc.reports.records import checklist_records
    from nb2svc.reports.render import render_report

    records = checklist_records(checked.checklist, file=seen_from_repository(folder / "READINESS.md"))
    # What closes the gate fails in the report, too: for a release that is what nobody looked at.
    stops = {item.id for item in blocking(checked.checklist, gate)} if gate else set()
    told = tuple(replace(record, status="fail") if record.code in stops else record for record in records)
    return render_report(Report(command="ready", subject=checked.checklist.service, records=told, exit_code=code), form)
