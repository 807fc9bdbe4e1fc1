"""`nb2svc ci`: the same checks where others see them: on GitHub, on GitLab, and before each commit."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nb2svc import __version__
from nb2svc.cli.options import format_option

if TYPE_CHECKING:
    from nb2svc.ci.initialise import Initialised, Provider
    from nb2svc.ci.workflow import Job
    from nb2svc.ir.finding import Finding
    from nb2svc.ir.notebook import Notebook

_PYTHONS = ("3.11", "3.12", "3.13")
_HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
# What only a workflow can be told.
_FOR_WORKFLOWS = ("notebooks", "output", "python", "install", "requirements", "cache_captures", "force")


@click.group("ci", short_help="Write a workflow for GitHub or GitLab, or hooks for pre-commit.", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Let CI build, prove and judge the tagged notebooks of a repository."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@command.command(
    "init",
    short_help="Write a workflow, or hooks, for the tagged notebooks of this repository.",
    epilog="""\b
Examples:
  nb2svc ci init github
  nb2svc ci init gitlab --notebook risk/loans.ipynb --python 3.12
  nb2svc ci init github --install 'nb2svc[bento] @ git+https://example.com/ml/nb2svc@v0.1.0'
  nb2svc ci init pre-commit
""",
)
@click.argument("provider", type=click.Choice(["github", "gitlab", "pre-commit"]))
@click.option(
    "--notebook",
    "notebooks",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="NB",
    help="A notebook to build; can be given several times.  [default: every tagged one of the repository]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The workflow's file.  [default: .github/workflows/nb2svc.yml, .gitlab/nb2svc.yml]",
)
@click.option(
    "--python",
    type=click.Choice(_PYTHONS),
    default=_HERE if _HERE in _PYTHONS else _PYTHONS[0],
    show_default=True,
    help="The Python that CI runs.",
)
@click.option(
    "--install",
    default=f"nb2svc[bento]=={__version__}",
    show_default=True,
    metavar="SPEC",
    help="What pip installs to have nb2svc: a version, a wheel's address, a repository.",
)
@click.option(
    "--requirements",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A requirements file, written from the imports where there is none, or a pyproject.toml, for all notebooks."
    "  [default: the nearest above each]",
)
@click.option(
    "--cache-captures", is_flag=True, help="Keep captured rows in CI's cache too; who can open a pull request can read it."
)
@click.option("--force", is_flag=True, help="Replace a file that says something else; its text is kept beside it.")
@format_option
@click.pass_context
def init(
    context: click.Context,
    provider: "Provider",
    *,
    notebooks: tuple[Path, ...],
    output: Path | None,
    python: str,
    install: str,
    requirements: Path | None,
    cache_captures: bool,
    force: bool,
    form: str,
) -> None:
    """Write what PROVIDER needs to check the tagged notebooks of the repository that you are in.

    Nothing is asked: notebooks, requirements and the default branch are read from the repository. A file that is there already
    and says something else is shown, and stays.
    """
    from nb2svc.ci.initialise import Wishes, initialise_hooks, initialise_workflow
    from nb2svc.cli.output import document
    from nb2svc.ir.codec import to_json

    if provider == "pre-commit":
        _only_for_workflows(context)
        done = initialise_hooks(Path.cwd())
    else:
        wishes = Wishes(
            notebooks=notebooks,
            output=output,
            python=python,
            install=install,
            requirements=requirements,
            cache_captures=cache_captures,
            force=force,
        )
        done = initialise_workflow(provider, Path.cwd(), wishes)
    click.echo(document(**to_json(done)) if form == "json" else render_initialised(done, provider))


@command.command(
    "check",
    short_help="Say whether tagged notebooks among some files compile; what the pre-commit hook runs.",
    epilog="""\b
Examples:
  nb2svc ci check notebooks/*.ipynb
  nb2svc ci check $(git diff --name-only main)
""",
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@format_option
def check(files: tuple[Path, ...], *, form: str) -> int:
    """Analyse the tagged notebooks among FILES, without running anything of them; all other files are passed over.

    Exits with 3 where one of them can't be compiled.
    """
    from nb2svc.ci.check import check_files
    from nb2svc.cli.output import document
    from nb2svc.errors import NotebookError
    from nb2svc.ir.codec import to_json
    from nb2svc.ir.finding import refusals

    checked = check_files(files)
    if form == "json":
        found = [finding for _, findings in checked for finding in findings]
        notebooks = [{"path": notebook.path, "findings": to_json(findings)} for notebook, findings in checked]
        click.echo(document(findings=to_json(found), notebooks=notebooks))
    else:
        click.echo(render_checked(checked))
    return NotebookError.exit_code if any(refusals(findings) for _, findings in checked) else 0


def render_initialised(done: "Initialised", provider: "Provider") -> str:
    """What was written, what it does, what to look at, and what to type next.

    wrote      .github/workflows/nb2svc.yml
    builds     risk/loans.ipynb → risk/loans      installs requirements.txt
    validates  risk/loans.ipynb with --grid seed=1..3
    runs       on each pull request, and on pushes to main (as origin says)
    next       git add .github/workflows/nb2svc.yml && git commit -m 'Check the notebook in CI'
    """
    rows: list[tuple[str, str]] = [
        (file.status, file.path + (f"      the old text is in {file.kept}" if file.kept else "")) for file in done.files
    ]
    rows += [("builds", f"{job.notebook} → {job.project}      installs {job.environment.file}") for job in done.jobs]
    rows += [("validates", f"{job.notebook} with {' '.join(job.runs)}{_against(job)}") for job in done.jobs if job.runs]
    if done.branch:
        asked = {"github": "pull request", "gitlab": "merge request"}[provider]
        branch = f"pushes to {done.branch}" if provider == "github" else "pushes to the default branch"
        rows.append(("runs", f"on each {asked}, and on {branch}"))
    rows += [("note", note) for note in done.notes]
    if done.commit:
        rows.append(("next", f"git add {' '.join(map(shlex.quote, done.commit))} && git commit -m 'Check the notebooks in CI'"))
    if provider == "pre-commit":
        rows.append(("then", "pre-commit install: each commit is checked; pre-commit run --all-files checks what is there now"))
    lines = [f"{label:<11}" + text.replace("\n", "\n" + " " * 11) for label, text in rows]
    return "\n".join([*lines, *(f"\n{file.diff}" for file in done.files if file.diff)])


def _against(job: "Job") -> str:
    return f"      compared with {job.baseline}" if job.baseline else ""


def render_checked(checked: "tuple[tuple[Notebook, tuple[Finding, ...]], ...]") -> str:
    """Refusals and warnings of each notebook, and how many of the notebooks can't be compiled."""
    from nb2svc.cli.findings import render_findings
    from nb2svc.ir.finding import refusals

    blocks = []
    for notebook, findings in checked:
        told = [finding for finding in findings if finding.severity != "info"]
        if told:
            blocks.append(f"{notebook.path}\n\n{render_findings(told, notebook)}")
    refused = sum(bool(refusals(findings)) for _, findings in checked)
    count = "1 tagged notebook" if len(checked) == 1 else f"{len(checked)} tagged notebooks"
    return "\n\n".join([*blocks, f"{count}, {refused} of them can't be compiled" if refused else f"{count}, nothing refused"])


def _only_for_workflows(context: click.Context) -> None:
    given = click.core.ParameterSource.COMMANDLINE
    for parameter in context.command.params:
        if parameter.name in _FOR_WORKFLOWS and context.get_parameter_source(parameter.name) == given:
            raise click.UsageError(f"{parameter.opts[-1]} is for github and gitlab; the hooks have nothing to set.", ctx=context)
