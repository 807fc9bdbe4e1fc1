"""`nb2svc serve`: run a built project's service."""

from pathlib import Path

import click

from nb2svc.cli.options import format_option
from nb2svc.cli.project import project_folder


@click.command(
    "serve",
    short_help="Run the service of a built project.",
    epilog="""\b
Examples:
  nb2svc serve loans
  nb2svc serve loans --host 0.0.0.0 --port 8080
""",
)
@click.argument("project", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True, help="The port to listen on.")
@format_option
def command(project: Path, *, host: str, port: int, form: str) -> int:
    """Serve the project in DIR until interrupted; the API page is at the root of its address.

    With the default host only this machine can reach it.
    """
    from nb2svc.bento.serve import serve

    folder = project_folder(project)
    if form == "text":
        click.echo(f"serving {project} at http://{host}:{port}/  (Ctrl-C stops it)", err=True)
    return serve(folder, host=host, port=port)
