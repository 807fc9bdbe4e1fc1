"""`nb2svc trace`: an exception in a service's log, as the notebook's cell and line."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from nb2svc.cli.options import format_option, report_option

if TYPE_CHECKING:
    from nb2svc.trace.follow import Traced
    from nb2svc.trace.project import Projects

# A line that never ends must not fill the memory.
_LONGEST = 1 << 20
_STEP = 50 << 20


@click.command(
    "trace",
    short_help="Lead an exception in a service's log back to the notebook.",
    epilog="""\b
Examples:
  nb2svc trace service.log
  nb2svc trace service.log.1.gz --project loans --summary
  docker logs loans 2>&1 | nb2svc trace - --project loans
  nb2svc trace service.log --format json -o failures.json
""",
)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--project",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The built project.  [default: where the tracebacks say that it lies, or in this folder]",
)
@click.option("--summary", is_flag=True, help="Only what failed, where and how often; not the log itself.")
@format_option
@report_option
def command(file: Path, *, project: Path | None, summary: bool, form: str, output: str | None) -> None:
    """Write the log in FILE (`-`: standard input), with the notebook's cell and line below each frame of the project's code.

    At its end stands what failed, where in the notebook and how often. FILE can be any text with tracebacks: of a container, with
    times before each line, as JSON, in colours, compressed by gzip.
    """
    from nb2svc.cli.traced import as_json, as_text
    from nb2svc.system.terminal import Terminal
    from nb2svc.trace.follow import Traced, follow
    from nb2svc.trace.project import Projects

    projects = Projects(given=project, here=Path.cwd())
    if project is None and file.is_file():
        _require_project(file, projects)
    traced = Traced()
    whole = form == "text" and not summary
    with (
        _log(file) as stream,
        _result(output) as result,
        Terminal(quiet=form == "json" or (whole and output is None)).status(f"reading {file}") as progress,
    ):
        for text in follow(_lines(stream), projects, traced, on_line=_teller(progress)):
            if whole:
                result.write(text.encode("utf-8", "surrogateescape"))
                # Who follows a running service wants to see a line when it comes.
                if stream.isatty() or str(file) == "-":
                    result.flush()
        if not projects.found:
            raise _no_project(file, traced)
        report = as_json(traced) if form == "json" else as_text(traced, after_log=whole)
        result.write(f"{report}\n".encode("utf-8", "surrogateescape"))
    if output not in (None, "-"):
        click.echo(f"wrote {output}", err=True)


def _require_project(file: Path, projects: "Projects") -> None:
    """Look for the project before the log is printed: a thousand screens of log would hide that there is none."""
    from nb2svc.trace.follow import Traced
    from nb2svc.trace.frames import build_in, frames_in, service_in
    from nb2svc.trace.text import open_line

    traced = Traced()
    with _log(file) as stream:
        for line in _lines(stream):
            if ".py" not in line and ", notebook " not in line:
                continue
            for text in open_line(line).texts:
                build = build_in(text)
                traced.services |= {name for name in (build.package if build else "", service_in(text)) if name}
                if any(projects.of(frame) for frame in frames_in(text)):
                    return
    raise _no_project(file, traced)


def _no_project(file: Path, traced: "Traced") -> Exception:
    from nb2svc.errors import UsageError

    where = "standard input" if str(file) == "-" else str(file)
    if traced.services:
        names = ", ".join(sorted(traced.services))
        return UsageError(
            f"the project of {names} is not here",
            where=where,
            why="no line map lies at the tracebacks' paths or in the current folder",
            fix="name the folder that nb2svc build wrote: --project DIR",
        )
    why = "it holds no frame of a project that is here"
    return UsageError("no project's code is in the log", where=where, why=why, fix="name the project to be sure: --project DIR")


@contextmanager
def _log(file: Path) -> Iterator[BinaryIO]:
    import gzip
    import zlib

    from nb2svc.errors import EnvironmentProblem
    from nb2svc.system.files import require_file

    if str(file) == "-":
        yield sys.stdin.buffer
        return
    require_file(file, what="log")
    try:
        with file.open("rb") as plain, gzip.open(plain) if file.suffix == ".gz" else plain as stream:
            yield stream  # type: ignore[misc]
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise EnvironmentProblem(
            f"{file.name} can't be unpacked", where=str(file), why=str(error), fix="name the log as plain text"
        ) from error


@contextmanager
def _result(output: str | None) -> Iterator[BinaryIO]:
    from nb2svc.system.files import atomic_stream

    if output is None or output == "-":
        yield sys.stdout.buffer
        return
    with atomic_stream(Path(output)) as stream:
        yield stream


def _lines(stream: BinaryIO) -> Iterator[str]:
    while line := stream.readline(_LONGEST):
        yield line.decode("utf-8", "surrogateescape")


def _teller(progress: Callable[[str], None]) -> Callable[[int], None]:
    """Tells how much was read, once for each step."""
    read = told = 0

    def tell(size: int) -> None:
        nonlocal read, told
        read += size
        if read >= told + _STEP:
            told = read
            progress(f"read {read >> 20} MB")

    return tell
