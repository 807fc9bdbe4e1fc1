"""`nb2svc serve`: run a built project's service."""

from pathlib import Path

import click

from nb2svc.cli.options import format_option, report_option
from nb2svc.cli.project import project_folder, tell_runtime
from nb2svc.errors import UsageError

_HOST = "127.0.0.1"


@click.command(
    "serve",
    short_help="Run the service of a built project.",
    epilog="""\b
Examples:
  nb2svc serve loans
  nb2svc serve loans --host 0.0.0.0 --port 8080
  nb2svc serve loans --dockerfile -o loans/Dockerfile && docker build -t loans loans
""",
)
@click.argument("project", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--host", default=_HOST, show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True, help="The port to listen on.")
@click.option("--dockerfile", is_flag=True, help="Show the Dockerfile of the service instead, and start nothing.")
@format_option
@report_option
def command(project: Path, *, host: str, port: int, dockerfile: bool, form: str, output: str | None) -> int:
    """Serve the project in DIR until interrupted; the API page is at the root of its address.

    With the default host only this machine can reach it.
    """
    _check_together(host, dockerfile=dockerfile, output=output)
    folder = project_folder(project)
    if dockerfile:
        _show_dockerfile(folder, port=port, form=form, output=output)
        return 0
    from nb2svc.bento.serve import serve

    if form == "text":
        tell_runtime(folder)
        click.echo(f"serving {project} at http://{host}:{port}/  (Ctrl-C stops it)", err=True)
    return serve(folder, host=host, port=port)


def _check_together(host: str, *, dockerfile: bool, output: str | None) -> None:
    if output is not None and not dockerfile:
        raise UsageError("there is no report to write", where="-o", why="a server is run", fix="use -o with --dockerfile")
    if dockerfile and host != _HOST:
        raise UsageError(
            "--host says nothing about a container",
            where="--host",
            why="it listens on all of its own addresses",
            fix="leave it out",
        )


def _show_dockerfile(folder: Path, *, port: int, form: str, output: str | None) -> None:
    """Print the Dockerfile, or write it with the .dockerignore that Docker looks for beside it."""
    from nb2svc.bento.dockerfile import container
    from nb2svc.cli.output import document, emit
    from nb2svc.system.files import write_atomic

    made = container(folder, port=port)
    for line in made.loose:
        click.echo(f"warning: requirements.txt does not pin {line}: another build can get another version", err=True)
    if form == "json":
        facts = {"image": made.image, "sources": list(made.sources), "not_pinned": list(made.loose)}
        emit(document(dockerfile=made.dockerfile, dockerignore=made.ignore, **facts), output=output)
        return
    if output is None or output == "-":
        click.echo(made.dockerfile, nl=False)
        return
    write_atomic(Path(f"{output}.dockerignore"), made.ignore.encode())
    write_atomic(Path(output), made.dockerfile.encode())
    click.echo(f"wrote {output} and {output}.dockerignore", err=True)
