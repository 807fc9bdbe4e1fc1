"""`nb2svc rows`: captured rows, step by step: what the notebook had, and what the service makes of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from nb2svc.cli.options import format_option, report_option
from nb2svc.cli.project import project_folder


@click.command(
    "rows",
    short_help="Captured rows step by step: the notebook beside the service.",
    epilog="""\b
Examples:
  nb2svc rows loans                                     notable rows first: extremes, missing values, each category
  nb2svc rows loans.ipynb                               the same of its last build, also of one whose proof failed
  nb2svc rows loans --search 'region=north income>3000'
  nb2svc rows loans --row 17                            each step of one row: notebook, service
  nb2svc rows loans --row 17 --set income=missing --set 'transactions[0].amount=900'
  nb2svc rows loans --row 17 --format json -o row17.json
""",
)
@click.argument("project", metavar="DIR|NOTEBOOK", type=click.Path(path_type=Path))
@click.option("--row", type=click.IntRange(min=0), metavar="N", help="Show each step of this row, counted from 0.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Send the row with another value (missing: without one); once for each field. Shown beside the nearest captured row.",
)
@click.option(
    "--beside",
    type=click.Choice(["nearest", "row"]),
    default="nearest",
    show_default=True,
    help="Show an edited row beside the captured row nearest to it, or beside the one that it was made from.",
)
@click.option(
    "--search", default="", metavar="TEXT", help="Only rows for which all of TEXT hold: FIELD=VALUE, FIELD>VALUE, a text."
)
@click.option("--notable", is_flag=True, help="Only rows that are worth a look.")
@click.option("--order", type=click.Choice(["notable", "row"]), default="notable", show_default=True, help="What comes first.")
@click.option("--offset", type=click.IntRange(min=0), default=0, show_default=True, metavar="N", help="Leave out so many rows.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, metavar="N", help="List so many rows.")
@format_option
@report_option
def command(
    project: Path,
    *,
    row: int | None,
    settings: tuple[str, ...],
    beside: str,
    search: str,
    notable: bool,
    order: str,
    offset: int,
    limit: int,
    form: str,
    output: str | None,
) -> int:
    """List the rows that the project in DIR was proved with, or show what becomes of one of them, statement by statement.

    Of a NOTEBOOK it is what its last build made; where the proof failed, the project that was refused.

    Runs the project's code on captured rows, which are shown and not kept. Ends with 1 where notebook and service differ.
    """
    from nb2svc.cli.output import document as as_json
    from nb2svc.cli.output import emit
    from nb2svc.cli.rows_text import list_text, row_text
    from nb2svc.rowwise import document

    question = {"search": search, "notable": notable, "order": order, "offset": offset, "limit": limit}
    site, found = _answered(project, row, settings=settings, beside=beside, question=question, quiet=form == "json")
    told = document(site, found)
    text = as_json(**told) if form == "json" else list_text(told) if row is None else row_text(told)
    emit(text, output=output)
    return 1 if told.get("parting") is not None else 0


def _answered(
    project: Path, row: int | None, *, settings: tuple[str, ...], beside: str, question: Mapping[str, Any], quiet: bool
) -> tuple[Any, Mapping[str, Any]]:
    from nb2svc.cli.row_edit import edited
    from nb2svc.errors import UsageError
    from nb2svc.rowwise import site_of, site_of_notebook, start
    from nb2svc.system.files import require_file
    from nb2svc.system.terminal import Terminal

    if settings and row is None:
        raise UsageError("--set changes a row, and none is named", where="--set", fix="name the row to start from: --row N")
    with Terminal(quiet=quiet).status(f"loading {project.name} and the rows of its run"):
        if project.suffix in (".ipynb", ".py"):
            require_file(project, what="notebook")
            site = site_of_notebook(project)
        else:
            site = site_of(project_folder(project))
        process = start(site)
        try:
            if row is None:
                return site, process.ask({"ask": "list", **question})
            found = process.ask({"ask": "row", "row": row})
            if settings:
                request = edited(found["request"], process.ask({"ask": "list", "limit": 1})["fields"], settings)
                found = process.ask({"ask": "try", "row": row, "request": request, "beside": beside})
            return site, found
        finally:
            process.close()
