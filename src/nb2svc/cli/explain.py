"""`nb2svc explain`: what a code means, why it matters, and what to do."""

import sys

import click

from nb2svc.cli.options import format_option_of, report_option


@click.command(
    "explain",
    short_help="Explain a finding's code, or an item of the checklist.",
    epilog="""\b
Examples:
  nb2svc explain                          all codes
  nb2svc explain NB229                    a finding: an example of it, and the same mended
  nb2svc explain nb229 DAT-02             several, and items of the readiness checklist
  nb2svc explain --format markdown -o findings.md
""",
)
@click.argument("codes", metavar="[CODE]...", nargs=-1)
@format_option_of("text", "json", "markdown")
@report_option
def command(codes: tuple[str, ...], form: str, output: str | None) -> None:
    """Explain each CODE: a finding such as NB229, or an item of the readiness checklist such as DAT-02.

    Without a code: the list of all of them.
    """
    from nb2svc.cli import explained
    from nb2svc.cli.output import emit

    asked = explained.entries(codes)
    if form == "json":
        emit(explained.as_json(asked), output=output)
    elif form == "markdown":
        emit(explained.as_markdown(asked) if codes else explained.book(), output=output)
    elif not codes:
        emit(explained.listing(), output=output)
    elif output is None and sys.stdout.isatty():
        explained.show(asked)
    else:
        emit(explained.as_text(asked), output=output)
