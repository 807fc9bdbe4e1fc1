"""`nb2svc build`: one tagged notebook becomes a proved service."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nb2svc.cli.options import REPORTS, Duration, findings_format_option, parameters_option, progress_option
from nb2svc.config import BuildOptions, ParityRows

if TYPE_CHECKING:
    from nb2svc.errors import RefusalError
    from nb2svc.ir.notebook import Notebook
    from nb2svc.pipeline import Build


@click.command(
    "build",
    short_help="Run, capture, compile and prove a notebook; write its service.",
    epilog="""\b
Examples:
  nb2svc build loans.ipynb
  nb2svc build loans.ipynb -o services/loans -p months=12 -p region=north
  nb2svc build loans.ipynb --parity all --format json     in CI
  nb2svc build loans.ipynb --fresh                        when the data behind a URL is new
  nb2svc build loans.ipynb --accept-generated features.py     after you edited it
  nb2svc build loans.ipynb --validation runs/validation.json      what an earlier step of CI validated
""",
)
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The project's folder.  [default: the package's name, beside the notebook]",
)
@parameters_option("Set a value of the cell tagged `parameters`; can be given several times.")
@click.option(
    "--cwd", type=click.Path(path_type=Path), metavar="DIR", help="Run the notebook in this folder.  [default: the notebook's]"
)
@click.option(
    "--timeout", type=Duration(), default="30m", show_default=True, metavar="TIME", help="Stop the notebook's run then."
)
@click.option("--kernel", metavar="NAME", help="Run it in this kernel.  [default: the notebook's]")
@click.option("--package", metavar="NAME", help="The package's import name.  [default: from the notebook's name]")
@click.option(
    "--parity",
    type=click.Choice(["sample", "all"]),
    default="sample",
    show_default=True,
    help="Replay single rows and HTTP requests for a stratified sample, or for all rows.",
)
@click.option(
    "--no-retrain", "retrain", is_flag=True, default=True, flag_value=False, help="Don't prove that training reproduces."
)
@click.option("--no-bento", "bento", is_flag=True, default=True, flag_value=False, help="Don't put a bento into the store.")
@click.option(
    "--accept-generated",
    multiple=True,
    metavar="FILE",
    help="Give a file of the project that you edited back to the compiler (`all`: every one); can be given several times.",
)
@click.option(
    "--merge-generated",
    multiple=True,
    metavar="FILE",
    help="Take what the compiler changed since into a file that you edited (`all`: every one); can be given several times.",
)
@click.option("--upgrade-runtime", is_flag=True, help="Renew the project's `_nb2svc/`, which else stays as it is.")
@click.option(
    "--validation",
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help="What nb2svc validate left of this notebook in another place, for the checklist.  [default: beside the notebook]",
)
@click.option("--fresh", is_flag=True, help="Run everything, also what an earlier build left that nothing changed since.")
@progress_option
@findings_format_option
def command(
    notebook: Path,
    *,
    output: Path | None,
    parameters: tuple[tuple[str, str], ...],
    cwd: Path | None,
    timeout: float,
    kernel: str | None,
    package: str | None,
    parity: ParityRows,
    retrain: bool,
    bento: bool,
    accept_generated: tuple[str, ...],
    merge_generated: tuple[str, ...],
    upgrade_runtime: bool,
    validation: Path | None,
    fresh: bool,
    shown: str,
    form: str,
) -> None:
    """Compile NOTEBOOK into a service, and prove that it answers as the notebook did.

    A copy of the notebook is run once; the file itself is never touched. The project is written only when the proof holds.
    What an earlier build ran is not run again while nothing that it depends on has changed.
    """
    options = BuildOptions(
        notebook=notebook,
        output=output,
        parameters=parameters,
        cwd=cwd,
        timeout=timeout,
        kernel=kernel,
        parity=parity,
        retrain=retrain,
        bento=bento,
        package=_package(package),
        accept_generated=accept_generated,
        merge_generated=merge_generated,
        upgrade_runtime=upgrade_runtime,
        validation=validation,
        fresh=fresh,
    )
    from nb2svc.cli.failures import Explained
    from nb2svc.errors import InternalError, Nb2svcError, RefusalError, VerdictError
    from nb2svc.readiness.gate import blocking

    # What is told at the end is of the notebook as it was when the build began, whoever saves it since.
    begun = _read(notebook)
    try:
        built = _build(options, begun, shown=shown, quiet=form != "text")
    except RefusalError as error:
        raise _explained(error, begun, form=form) from error
    except Nb2svcError as error:
        if begun is None or error.span is None or error.exit_code == InternalError.exit_code:
            raise
        raise Explained(error, begun) from error
    code = VerdictError.exit_code if blocking(built.checklist) else 0
    click.echo(_told(built, form=form, exit_code=code))
    if code:
        raise click.exceptions.Exit(code)


def _build(options: BuildOptions, begun: "Notebook | None", *, shown: str, quiet: bool) -> "Build":
    from nb2svc import pipeline
    from nb2svc.cli.failures import ProofShown
    from nb2svc.cli.progress import telling
    from nb2svc.ir.progress import BUILD_STAGES

    with telling(shown, stages=BUILD_STAGES, quiet=quiet) as progress:
        try:
            return pipeline.build(options, progress=progress)
        except pipeline.ProofFailed as error:
            raise ProofShown(error, error.verdict, notebook=begun) from error


def _package(name: str | None) -> str | None:
    import keyword

    from nb2svc.errors import UsageError

    if name is None or (name.isidentifier() and not keyword.iskeyword(name)):
        return name
    raise UsageError(
        f"{name!r} can't be a package's name", where="--package", fix="use letters, digits and underscores: credit_risk"
    )


def _explained(error: "RefusalError", notebook: "Notebook | None", *, form: str) -> Exception:
    """The refusals with the notebook's lines; the proposal where nobody tagged it."""
    from nb2svc.analysis.dataflow import build_dataflow
    from nb2svc.cli.failures import Explained
    from nb2svc.cli.overview import is_untagged
    from nb2svc.cli.suggestion import untagged

    if notebook is None:
        return error
    if form not in REPORTS and is_untagged(notebook, error.findings):
        return untagged(notebook, build_dataflow(notebook))
    return Explained(error, notebook)


def _read(path: Path) -> "Notebook | None":
    """The notebook; None where it can't be read, which the build tells."""
    from nb2svc.errors import Nb2svcError
    from nb2svc.read.notebook import parse_notebook
    from nb2svc.system.files import read_bytes

    try:
        notebook, _ = parse_notebook(read_bytes(path, what="notebook"), path=str(path))
    except Nb2svcError:
        return None
    return notebook


def _told(built: "Build", *, form: str, exit_code: int) -> str:
    if form in REPORTS:
        from nb2svc.cli.reporting import notebook_report
        from nb2svc.reports.render import render_report

        report = notebook_report(
            "build", built.source.notebook, built.findings, verdict=built.verdict, checklist=built.checklist, exit_code=exit_code
        )
        return render_report(report, form)
    return _as_json(built) if form == "json" else _as_text(built)


def _as_text(built: "Build") -> str:
    from nb2svc.cli.summary import render_summary

    return render_summary(built, here=Path.cwd())


def _as_json(built: "Build") -> str:
    from nb2svc.cli.by_hand import by_hand_document
    from nb2svc.cli.output import document
    from nb2svc.cli.summary import frozen_names, summary_blocks
    from nb2svc.ir.codec import to_json

    return document(
        findings=to_json(built.findings),
        output=str(built.output),
        package=built.plan.package,
        bento=built.bento,
        capture=built.capture.digest,
        edited=[file.path for file in built.taken_over],
        taken_over=[by_hand_document(file) for file in built.taken_over],
        given_back=[{"path": path, "kept": place} for path, place in built.given_back],
        merged=[{"path": path, "kept": place} for path, place in built.merged],
        restored=list(built.restored),
        cells=built.source.notebook.ids,
        stages=to_json(built.stages),
        frozen=frozen_names(built.plan),
        summary=[{"label": label, "lines": lines} for label, lines in summary_blocks(built, here=Path.cwd())],
        passed=built.verdict.passed,
        verdict=to_json(built.verdict),
        readiness=to_json(built.checklist),
    )
