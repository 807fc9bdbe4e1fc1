"""`nb2svc show`: the modules as they would be, before anything is run or as the last run makes them."""

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nb2svc.cli.options import format_option

if TYPE_CHECKING:
    from nb2svc.ir.shown import Shown


@click.command(
    "show",
    short_help="Show the modules as they would be; runs nothing.",
    epilog="""\b
Examples:
  nb2svc show loans.ipynb                          features.py, model.py and training.py
  nb2svc show loans.ipynb features --draft
  nb2svc show loans.ipynb schema service tests -o generated/
  nb2svc show loans.ipynb --format json -o loans.json
""",
)
@click.argument("notebook", type=click.Path(path_type=Path))
@click.argument("modules", metavar="[MODULE]...", nargs=-1)
@click.option("--draft", is_flag=True, help="From the source alone, even where an earlier run is at hand.")
@format_option
@click.option(
    "-o",
    "--output",
    metavar="FILE|DIR",
    help="Write to a file; or to a folder (it is there, or its name ends in /), a file a module.",
)
def command(notebook: Path, modules: tuple[str, ...], *, draft: bool, form: str, output: str | None) -> None:
    """Show the modules that a build of NOTEBOOK would write; nothing of it is run.

    They come from the last run where one fits; else from a draft, in which "not yet observed" marks what only a run can tell.
    MODULE is features, model, training (these three by default), schema, checks, service or tests.
    """
    from nb2svc.cli.findings import count_findings
    from nb2svc.cli.output import document, emit
    from nb2svc.ir.codec import to_json
    from nb2svc.showing import pick, said, text_of

    shown = pick(_shown(notebook, draft=draft), modules)
    if form == "json":
        emit(document(**to_json(shown)), output=output)
        return
    click.echo(said(shown.basis), err=True)
    told = [finding for finding in shown.findings if finding.severity != "info"]
    if told:
        click.echo(f"{count_findings(told)}: nb2svc analyze {shlex.quote(str(notebook))}", err=True)
    if output is not None and _is_folder(output):
        _write(shown, Path(output))
    elif output in (None, "-") and sys.stdout.isatty():
        _print(shown)
    else:
        emit(text_of(shown).removesuffix("\n"), output=output)


def _shown(path: Path, *, draft: bool) -> "Shown":
    from nb2svc import showing
    from nb2svc.cli.failures import Explained
    from nb2svc.cli.overview import is_untagged
    from nb2svc.cli.suggestion import untagged
    from nb2svc.errors import RefusalError
    from nb2svc.pipeline import analyze

    source = analyze(path)
    if is_untagged(source.notebook, source.findings):
        raise untagged(source.notebook, source.dataflow)
    try:
        return showing.show(source, draft=draft)
    except RefusalError as error:
        raise Explained(error, source.notebook) from error


def _print(shown: "Shown") -> None:
    """On a terminal, with colours."""
    from rich.console import Console
    from rich.syntax import Syntax
    from rich.text import Text

    from nb2svc.codegen.marks import PREFIX

    console = Console()
    highlight = Syntax("", "python", theme="ansi_dark", background_color="default").highlight
    for number, module in enumerate(shown.modules):
        if len(shown.modules) > 1:
            console.print(Text(f"{chr(10) if number else ''}{module.path}", style="bold"), soft_wrap=True)
        text = highlight(module.text)
        # Dim as other comments they would be overlooked.
        text.highlight_regex(rf"{re.escape(PREFIX)}.*", "not dim yellow")
        console.print(text, soft_wrap=True)


def _is_folder(output: str) -> bool:
    return output.endswith("/") or Path(output).is_dir()


def _write(shown: "Shown", folder: Path) -> None:
    from nb2svc.errors import UsageError
    from nb2svc.system.files import disk_errors, write_atomic
    from nb2svc.system.projects import package_of

    if package_of(folder) or (folder / "_nb2svc").is_dir():
        why = "files shown there would be taken for its own"
        raise UsageError(f"{folder} is a built project", where="--output", why=why, fix="name another folder")
    prefix = f"{shown.package}/"
    for module in shown.modules:
        place = folder / module.path.removeprefix(prefix)
        with disk_errors(f"make the folder {place.parent.name}", where=place.parent):
            place.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(place, module.text.encode())
        click.echo(f"wrote {place}", err=True)
