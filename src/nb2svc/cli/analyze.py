"""`nb2svc analyze`: what a build would do with a notebook, without running anything."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nb2svc.cli.options import REPORTS, findings_format_option, report_option

if TYPE_CHECKING:
    from nb2svc.cli.mended import Mended


@click.command(
    "analyze",
    short_help="Show what a build would serve, train and leave out; runs nothing.",
    epilog="""\b
Examples:
  nb2svc analyze loans.ipynb
  nb2svc analyze loans.ipynb --format json -o loans.json
  nb2svc analyze loans.ipynb --diff             what --fix would change
  nb2svc analyze loans.ipynb --fix              mend what needs no choice
  nb2svc analyze loans.ipynb --fix --only NB221
""",
)
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option(
    "--fix", is_flag=True, help="Write quick fixes into NOTEBOOK, those that need no choice; nothing else of it changes."
)
@click.option("--diff", is_flag=True, help="Show what --fix would change, and write nothing.")
@click.option("--only", multiple=True, metavar="CODE", help="Fix findings of this code only, choices too; may be repeated.")
@findings_format_option
@report_option
def command(notebook: Path, *, fix: bool, diff: bool, only: tuple[str, ...], form: str, output: str | None) -> int:
    """Show which statements of NOTEBOOK would be served, trained or left out, and why; nothing of it is run.

    Exits with 3 where the notebook can't be compiled.
    """
    from nb2svc.cli.documents import analysis_fields
    from nb2svc.cli.mended import mended_document
    from nb2svc.cli.output import document, emit
    from nb2svc.cli.overview import is_untagged, render_overview
    from nb2svc.cli.suggestion import untagged
    from nb2svc.errors import NotebookError, UsageError
    from nb2svc.ir.finding import refusals
    from nb2svc.pipeline import analyze

    if only and not (fix or diff):
        raise UsageError("--only says what to fix", where="--only", fix="add --fix, or --diff to see it first")
    mended = _mended(notebook, writes=not diff, only=only) if fix or diff else None
    source = mended.source if mended else analyze(notebook)
    code = NotebookError.exit_code if refusals(source.findings) else 0
    if form in REPORTS:
        from nb2svc.cli.reporting import notebook_report
        from nb2svc.reports.render import render_report

        emit(render_report(notebook_report("analyze", source.notebook, source.findings, exit_code=code), form), output=output)
        return code
    if mended and form == "text":
        emit(_told(mended, diff=diff), output=output if diff else None)
        if diff:
            return 0
    if is_untagged(source.notebook, source.findings):
        raise untagged(source.notebook, source.dataflow)
    if form == "json":
        made = mended_document(mended, written=not diff) if mended else {}
        emit(document(**made, **analysis_fields(source)), output=output)
    else:
        emit(render_overview(source), output=output)
    return code


def _mended(path: Path, *, writes: bool, only: tuple[str, ...]) -> "Mended":
    from nb2svc.cli.explained import entries, plain_code
    from nb2svc.cli.mended import mend
    from nb2svc.system.files import read_bytes, rewrite

    if only:
        entries(only)
    content = read_bytes(path, what="notebook")
    mended = mend(content, str(path), only=[plain_code(code) for code in only])
    if writes and mended.content != content:
        rewrite(path, mended.content, was=content)
    return mended


def _told(mended: "Mended", *, diff: bool) -> str:
    from nb2svc.cli.mended import render_diff, render_mended

    told = render_mended(mended, written=not diff)
    return f"{render_diff(mended)}\n\n{told}".strip() if diff else f"{told}\n"
