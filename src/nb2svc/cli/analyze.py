"""`nb2svc analyze`: what a build would do with a notebook, without running anything."""

from pathlib import Path

import click

from nb2svc.cli.options import REPORTS, findings_format_option, report_option


@click.command(
    "analyze",
    short_help="Show what a build would serve, train and leave out; runs nothing.",
    epilog="""\b
Examples:
  nb2svc analyze loans.ipynb
  nb2svc analyze loans.ipynb --format json -o loans.json
""",
)
@click.argument("notebook", type=click.Path(path_type=Path))
@findings_format_option
@report_option
def command(notebook: Path, form: str, output: str | None) -> int:
    """Show which statements of NOTEBOOK would be served, trained or left out, and why; nothing of it is run.

    Exits with 3 where the notebook can't be compiled.
    """
    from nb2svc.cli.documents import analysis_fields
    from nb2svc.cli.output import document, emit
    from nb2svc.cli.overview import is_untagged, render_overview
    from nb2svc.cli.suggestion import untagged
    from nb2svc.errors import NotebookError
    from nb2svc.ir.finding import refusals
    from nb2svc.pipeline import analyze

    source = analyze(notebook)
    code = NotebookError.exit_code if refusals(source.findings) else 0
    if form in REPORTS:
        from nb2svc.cli.reporting import notebook_report
        from nb2svc.reports.render import render_report

        emit(render_report(notebook_report("analyze", source.notebook, source.findings, exit_code=code), form), output=output)
        return code
    if is_untagged(source.notebook, source.findings):
        raise untagged(source.notebook, source.dataflow)
    emit(document(**analysis_fields(source)) if form == "json" else render_overview(source), output=output)
    return code
