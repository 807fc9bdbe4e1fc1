"""`nb2svc test`: run a built project's own tests, and say what they could not look at."""

from pathlib import Path

import click

from nb2svc.cli.options import REPORTS, Duration, findings_format_option, report_option
from nb2svc.cli.project import project_folder, tell_runtime


@click.command(
    "test",
    short_help="Run the tests of a built project.",
    epilog="""\b
Examples:
  nb2svc test loans
  nb2svc test loans --format junit -o loans.xml    for a CI server
  NB2SVC_CAPTURE=~/captures nb2svc test loans      where the captured rows lie elsewhere
""",
)
@click.argument("project", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--timeout", type=Duration(), default="30m", show_default=True, metavar="TIME", help="Stop the tests then.")
@findings_format_option
@report_option
def command(project: Path, *, timeout: float, form: str, output: str | None) -> int:
    """Run the tests of the project in DIR: the proof again, its features, its checks, its service.

    Tests that need captured rows skip where there are none: they are reported as not evaluated, which is no pass.
    """
    from nb2svc.cli.outcome import render_outcome, run_tests
    from nb2svc.cli.output import document, emit
    from nb2svc.cli.reporting import outcome_report
    from nb2svc.reports.render import render_report

    folder = project_folder(project)
    if form == "text":
        tell_runtime(folder)
    outcome = run_tests(folder, timeout=timeout)
    if form in REPORTS:
        text = render_report(outcome_report(outcome), form)
    else:
        text = document(**outcome.document()) if form == "json" else render_outcome(outcome)
    emit(text, output=output)
    return outcome.exit_code
