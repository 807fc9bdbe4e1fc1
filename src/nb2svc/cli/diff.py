"""`nb2svc diff`: what changed between two builds of a service, and whom it breaks."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nb2svc.cli.options import REPORTS, report_option

if TYPE_CHECKING:
    from nb2svc.compare.gates import Gate
    from nb2svc.ir.difference import BuildDifference

# What `compare.gates` knows; named here so that the help needs no import.
_GATES = ("breaking", "stricter", "predictions", "any")


class RowCount(click.ParamType):  # type: ignore[type-arg]  # generic only since click 8.3
    """`500`, or `all` → None."""

    name = "number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int | None:
        """The number that a text says."""
        text = str(value).strip().lower()
        if text == "all":
            return None
        if not text.isdigit() or int(text) == 0:
            self.fail(f"{value!r} is no number of rows; write 500, or all.", param, ctx)
        return int(text)


@click.command(
    "diff",
    short_help="Show what changed between two builds, and whom it breaks.",
    epilog="""\b
Examples:
  nb2svc diff loans-2025 loans
  nb2svc diff main:services/loans services/loans             the committed one, and the one here
  nb2svc diff main:services/loans services/loans --fail-on breaking --format markdown -o comment.md
  nb2svc diff loans:4f2a loans --no-predictions              a bento of the store; files only
""",
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option(
    "--capture",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Take the captured rows from here; without it from NEW's run, else OLD's.",
)
@click.option("--no-predictions", is_flag=True, help="Compare files only: no row is replayed, nothing of the builds is run.")
@click.option("--rows", type=RowCount(), default="10000", show_default=True, metavar="NUMBER|all", help="Replay at most so many.")
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 1, max_open=True),
    default=1e-9,
    show_default=True,
    metavar="SHARE",
    help="Numbers that differ by no more than this share are the same.",
)
@click.option(
    "--show-values", is_flag=True, help="Print model inputs of the rows whose answers are furthest apart: captured data."
)
@click.option(
    "--fail-on",
    "gates",
    type=click.Choice(_GATES),
    multiple=True,
    help="Exit with 1 where there is such a change; may be given several times.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", *REPORTS]),
    default="text",
    show_default=True,
    help="For people, for programs, for a comment on a pull request, or for a service that shows findings and tests.",
)
@report_option
def command(
    old: str,
    new: str,
    *,
    capture: Path | None,
    no_predictions: bool,
    rows: int | None,
    tolerance: float,
    show_values: bool,
    gates: Sequence["Gate"],
    form: str,
    output: str | None,
) -> int:
    """Show what changed from the build OLD to the build NEW: request, answers, model, state and code.

    Each is a project's folder, a folder in a revision of git (REVISION:FOLDER), or the tag of a bento. Changes of the request are
    breaking (a row that was valid is now invalid, or a part of the answer is gone), stricter (a row that was answered is now
    referred) or compatible. Both builds answer the captured rows; where there are none, that is not evaluated.
    """
    import tempfile

    from nb2svc.cli.output import emit
    from nb2svc.compare.differ import differ
    from nb2svc.compare.gates import closed
    from nb2svc.compare.replaying import ReplaySettings
    from nb2svc.errors import UsageError, VerdictError
    from nb2svc.system.terminal import Terminal

    if no_predictions and capture:
        raise UsageError("--capture and --no-predictions do not go together", where="nb2svc diff", fix="leave one of them out")
    settings = ReplaySettings(capture=capture, most=rows, tolerance=tolerance, show_values=show_values)
    terminal = Terminal(quiet=form != "text")
    with tempfile.TemporaryDirectory(prefix="nb2svc-diff-") as scratch, terminal.status("reading both builds") as progress:
        difference = differ(old, new, settings=None if no_predictions else settings, scratch=Path(scratch), progress=progress)
    stopped = closed(difference, gates)
    code = VerdictError.exit_code if stopped else 0
    emit(render(difference, form, gates=gates, exit_code=code), output=output)
    for gate, why in stopped:
        terminal.line(f"--fail-on {gate}: {why}")
    return code


def render(difference: "BuildDifference", form: str, *, gates: Sequence["Gate"], exit_code: int) -> str:
    """The report in the form that was asked for."""
    from nb2svc.cli.output import document
    from nb2svc.cli.reporting import seen_from_repository
    from nb2svc.compare.gates import closed
    from nb2svc.compare.render.markdown import render_markdown
    from nb2svc.compare.render.records import difference_report
    from nb2svc.compare.render.text import render_text
    from nb2svc.ir.codec import to_json
    from nb2svc.reports.render import render_report

    if form in REPORTS:
        schema = Path(difference.new.label.partition(":")[2] or difference.new.label) / difference.new.package / "schema.py"
        file = seen_from_repository(schema)
        return render_report(difference_report(difference, gates=gates, file=file, exit_code=exit_code), form)
    if form == "json":
        stopped = [{"gate": gate, "why": why} for gate, why in closed(difference, gates)]
        return document(difference=to_json(difference), gates=stopped)
    return render_markdown(difference) if form == "markdown" else render_text(difference)
