"""`nb2svc suggest`: which cells of a notebook to tag; with `--accept` it tags them."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from nb2svc.cli.options import format_option, report_option

if TYPE_CHECKING:
    from nb2svc.cli.suggestion import Suggestion


@click.command(
    "suggest",
    short_help="Propose which cells to tag, with reasons; --accept tags them.",
    epilog="""\b
Examples:
  nb2svc suggest loans.ipynb
  nb2svc suggest loans.ipynb --accept
  nb2svc suggest loans.ipynb --accept --spelling tag     leave the cells' source as it is
""",
)
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("--accept", is_flag=True, help="Write the proposed tags into NOTEBOOK; nothing else of it changes.")
@click.option(
    "--spelling",
    type=click.Choice(["comment", "tag"]),
    default="comment",
    show_default=True,
    help="As the first line of the cell, or as a cell tag in its metadata.",
)
@format_option
@report_option
def command(notebook: Path, *, accept: bool, spelling: Literal["comment", "tag"], form: str, output: str | None) -> int:
    """Propose which cells of NOTEBOOK to tag so that a build can work: at most three, each with its reason and how sure it is.

    Nothing of the notebook is run. Tags that are there stay. Exits with 3 where nothing can be served.
    """
    from nb2svc.cli.output import document, emit
    from nb2svc.cli.suggestion import nothing_to_serve, render_suggestion, suggestion_document
    from nb2svc.system.files import read_bytes

    content = read_bytes(notebook, what="notebook")
    suggestion = suggestion_of(content, notebook)
    if suggestion.proposal.nothing:
        raise nothing_to_serve(suggestion)
    writes = accept and bool(suggestion.proposal.cells)
    if writes:
        _write(notebook, content, suggestion, spelling=spelling)
    told = document(**suggestion_document(suggestion, accepted=writes)) if form == "json" else None
    emit(told or render_suggestion(suggestion, accepted=writes), output=output)
    return 0


def suggestion_of(content: bytes, path: Path) -> "Suggestion":
    """The proposal for a notebook's bytes.

    Raises:
        NotebookError: it can't be read; what was meant as a tag is misspelt.
    """
    from nb2svc.analysis.dataflow import build_dataflow
    from nb2svc.cli.failures import Explained
    from nb2svc.cli.suggestion import suggestion_for
    from nb2svc.errors import RefusalError
    from nb2svc.ir.finding import refusals
    from nb2svc.read.notebook import parse_notebook

    notebook, findings = parse_notebook(content, path=str(path))
    misspelt = [finding for finding in refusals(findings) if finding.code.startswith("NB10")]
    if misspelt:
        # What was meant as a tag is put right first: a proposal beside it would be a second opinion.
        raise Explained(RefusalError(misspelt), notebook)
    return suggestion_for(notebook, build_dataflow(notebook), findings)


def _write(path: Path, content: bytes, suggestion: "Suggestion", *, spelling: Literal["comment", "tag"]) -> None:
    from nb2svc.cli.suggestion import directive_of
    from nb2svc.read.notebook import parse_notebook
    from nb2svc.read.tagging import with_tags
    from nb2svc.system.files import rewrite

    notebook, _ = parse_notebook(content, path=str(path))
    tags = [(one.cell, directive_of(one)) for one in suggestion.proposal.cells]
    rewrite(path, with_tags(content, notebook, tags, spelling=spelling), was=content)
