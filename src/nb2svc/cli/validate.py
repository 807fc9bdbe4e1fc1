"""`nb2svc validate`: a tagged notebook run with many parameter sets, and what its checks and metrics said."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nb2svc.cli.gate_options import gate_options
from nb2svc.cli.options import (
    REPORTS,
    Duration,
    Margin,
    Setting,
    findings_format_option,
    parameters_option,
    place_found,
    progress_option,
    settings_once,
)
from nb2svc.cli.run_paths import path_options, paths_asked
from nb2svc.cli.segments_option import segments_option
from nb2svc.cli.service_options import check_project, service_options

if TYPE_CHECKING:
    from nb2svc.ir.judgement import Criteria
    from nb2svc.ir.progress import Progress
    from nb2svc.validate.driver import Validated, ValidateOptions
    from nb2svc.validate.sets import Asked


@click.command(
    "validate",
    short_help="Run the notebook with many parameter sets; gather its checks and metrics.",
    epilog="""\b
Examples:
  nb2svc validate loans.ipynb --grid seed=1..10
  nb2svc validate loans.ipynb -p months=12 --grid seed=1..5 --grid 'model=["lr", "gb"]' --jobs 2
  nb2svc validate loans.ipynb --matrix cases.yaml --repeat 3
  nb2svc validate loans.ipynb --grid seed=1..5 --segments region,gender
  nb2svc validate loans.ipynb --grid seed=1..10 --baseline last --margin auc=0.01    no worse than the last time
  nb2svc validate loans.ipynb --grid seed=1..10 --gate champion=main:champion.json --margin auc=0.01    may it go live?
  nb2svc validate loans.ipynb --grid seed=1..100 --executor dask://10.0.0.5:8786 -o s3://models/loans
  nb2svc validate loans.ipynb --grid seed=1..3 --service    the built service, trained in the same ways
  nb2svc validate loans.ipynb -p token=env:API_TOKEN --format junit --report runs.xml     in CI
""",
)
@click.argument("notebook", type=click.Path(path_type=Path))
@parameters_option("Set a value of the cell tagged `parameters` in all runs; env:VARIABLE for a secret.")
@click.option(
    "--grid",
    type=Setting(),
    multiple=True,
    callback=settings_once,
    metavar="NAME=A..B|NAME=[…]",
    help="Many values of a parameter: a range of whole numbers or a JSON list; several make every combination.",
)
@click.option(
    "--matrix",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A YAML file with a list of parameter sets, or with named cases.",
)
@segments_option
@click.option(
    "--repeat", type=click.IntRange(min=1), default=1, show_default=True, metavar="N", help="Make each run so many times."
)
@click.option(
    "--baseline",
    metavar="last|FILE|REVISION:FILE",
    help="Compare with the last validation in the same folder, or with a validation.json, here or in a revision of git.",
)
@click.option(
    "--margin",
    "margins",
    type=Margin(),
    multiple=True,
    callback=settings_once,
    metavar="NAME=NUMBER",
    help="A metric may be worse than in the baseline, and than the champion, by so much: else exit with 1."
    "  [without it 1 % only warns]",
)
@click.option("--lower-is-better", "lower", multiple=True, metavar="NAME", help="Less of this metric is better.")
@click.option("--higher-is-better", "higher", multiple=True, metavar="NAME", help="More of this metric is better.")
@gate_options
@click.option(
    "--executor",
    default="local",
    show_default=True,
    metavar="local|dask://HOST:PORT",
    help="Make the runs here, or on the workers of a Dask cluster.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Runs at the same time.  [default: half of the processors; all of a cluster]",
)
@click.option("--timeout", type=Duration(), default="10m", show_default=True, metavar="TIME", help="Stop a single run then.")
@click.option(
    "--retries",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    metavar="N",
    help="Try a run whose kernel died so many times more.",
)
@click.option(
    "--cwd", type=click.Path(path_type=Path), metavar="DIR", help="Run the notebook in this folder.  [default: the notebook's]"
)
@click.option("--kernel", metavar="NAME", help="Run it in this kernel.  [default: the notebook's]")
@click.option("--fresh", is_flag=True, help="Make all runs, also those that an earlier command finished.")
@click.option(
    "-o",
    "--output",
    metavar="DIR|URL",
    help="The folder of the runs, or a URL like s3://….  [default: .nb2svc/NOTEBOOK/validation beside it]",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, writable=True),
    callback=place_found,
    metavar="FILE",
    help="Write the report to a file instead of the terminal.",
)
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    callback=place_found,
    metavar="FILE",
    help="Write a page, too, with metrics and time by parameter, and what each check said; it loads nothing.",
)
@path_options
@service_options
@progress_option
@findings_format_option
def command(
    notebook: Path,
    *,
    parameters: tuple[tuple[str, str], ...],
    grid: tuple[tuple[str, str], ...],
    matrix: Path | None,
    segments: tuple[str, ...],
    repeat: int,
    baseline: str | None,
    margins: tuple[tuple[str, float], ...],
    lower: tuple[str, ...],
    higher: tuple[str, ...],
    gate: tuple[tuple[str, str], ...],
    other_data: bool,
    executor: str,
    jobs: int | None,
    timeout: float,
    retries: int,
    cwd: Path | None,
    kernel: str | None,
    fresh: bool,
    output: str | None,
    report: str | None,
    html: Path | None,
    service: bool,
    project: Path | None,
    shown: str,
    form: str,
    **paths: bool,
) -> int:
    """Run NOTEBOOK with each set of parameters, each in a kernel of its own, and say what its checks and metrics told.

    The notebook itself is never touched. What is wrong with a parameter is told before anything starts. Each run leaves its own
    notebook and log; one that an earlier command finished is not made again while nothing that it depends on has changed.
    """
    from nb2svc.validate.driver import LOCAL, ValidateOptions

    options = ValidateOptions(
        notebook=notebook,
        asked=_asked(parameters, grid, matrix=matrix, repeat=repeat),
        output=output,
        cwd=str(cwd) if cwd else None,
        kernel=kernel,
        executor=executor,
        jobs=jobs or (_half_of_the_processors() if executor == LOCAL else None),
        timeout=timeout,
        retries=retries,
        fresh=fresh,
        baseline=baseline,
        criteria=_criteria(margins, lower, higher),
        gate=gate,
        other_data=other_data,
        segments=segments,
        service=service,
        project=project,
        **paths_asked(**paths),
    )
    return _written(_made(options, shown=shown, quiet=form != "text"), html=html, report=report, form=form)


def _criteria(margins: tuple[tuple[str, float], ...], lower: tuple[str, ...], higher: tuple[str, ...]) -> "Criteria":
    from nb2svc.ir.judgement import Criteria

    return Criteria(margins=margins, lower=lower, higher=higher)


def _written(validated: "Validated", *, html: Path | None, report: str | None, form: str) -> int:
    from nb2svc.cli.output import emit
    from nb2svc.validate.judge import exit_code

    if html is not None:
        _write_page(validated, html)
    code = exit_code(validated.validation)
    emit(_told(validated, form=form, code=code), output=report)
    return code


def _made(options: "ValidateOptions", *, shown: str, quiet: bool) -> "Validated":
    from nb2svc.cli.failures import Explained
    from nb2svc.errors import RefusalError
    from nb2svc.read.notebook import parse_notebook
    from nb2svc.system.files import read_bytes
    from nb2svc.validate.driver import validate

    check_project(options.project, service=options.service)
    content = read_bytes(options.notebook, what="notebook")
    with _telling(shown, quiet=quiet) as progress:
        try:
            return validate(content, options, environment=os.environ, progress=progress)
        except RefusalError as error:
            raise Explained(error, parse_notebook(content, path=str(options.notebook))[0]) from error


def _asked(
    parameters: tuple[tuple[str, str], ...], grid: tuple[tuple[str, str], ...], *, matrix: Path | None, repeat: int
) -> "Asked":
    from nb2svc.system.files import read_bytes
    from nb2svc.validate.sets import Asked

    return Asked(
        parameters=parameters,
        grid=grid,
        matrix=read_bytes(matrix, what="file of cases") if matrix else None,
        matrix_file=matrix.name if matrix else "",
        repeat=repeat,
    )


def _write_page(validated: "Validated", path: Path) -> None:
    from nb2svc.cli.output import emit
    from nb2svc.reports.validation_page import validation_page

    page = validation_page(validated.validation, validated.notebook)
    emit(page, output=str(path))
    if validated.output.url:
        # Beside the runs, for whoever has no more than their URL.
        validated.output.write(path.name, f"{page}\n".encode())


def _half_of_the_processors() -> int:
    # Each run has threads of its own for linear algebra.
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, usable // 2)


@contextmanager
def _telling(shown: str, *, quiet: bool) -> "Iterator[Progress]":
    from nb2svc.cli.progress import telling
    from nb2svc.ir.progress import ProgressEvent

    # Nearly all of it is one stage: to count stages would tell nobody how far it is.
    with telling(shown, stages=(), quiet=quiet) as progress:
        if shown == "json" or sys.stderr.isatty():
            yield progress
            return

        # A log wants a line for each run, not for each cell of each run.
        done: set[int | None] = set()

        def tell(event: ProgressEvent) -> None:
            if event.done not in done:
                done.add(event.done)
                progress(event)

        yield tell


def _told(validated: "Validated", *, form: str, code: int) -> str:
    if form in REPORTS:
        from nb2svc.cli.reporting import validation_report
        from nb2svc.reports.render import render_report

        report = validation_report(validated.validation, validated.notebook, each=form == "junit", exit_code=code)
        return render_report(report, form)
    if form == "json":
        from nb2svc.cli.output import document
        from nb2svc.ir.codec import to_json

        return document(output=validated.output.place, cells=validated.notebook.ids, validation=to_json(validated.validation))
    from nb2svc.cli.validation import render_validation

    return render_validation(validated.validation, validated.notebook, folder=validated.output.shown)
