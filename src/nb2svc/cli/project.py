"""A built project as a command's argument."""

from pathlib import Path

import click

from nb2svc.errors import UsageError
from nb2svc.system.projects import package_of
from nb2svc.system.tree import recover


def project_folder(path: Path) -> Path:
    """The absolute path of a built project; what a killed build left of it is put right first.

    Raises:
        UsageError: there is no folder, or nb2svc did not build what is in it.
    """
    recover(path)
    if path.suffix in (".ipynb", ".py"):
        fix = f"build it first: nb2svc build {path}; then name the folder that it wrote"
        raise UsageError(f"{path.name} is a notebook, not a built project", where=str(path), fix=fix)
    if not path.is_dir():
        fix = "name the folder that nb2svc build wrote"
        raise UsageError(f"there is no project {path.name}", where=str(path), why="no folder lies at that path", fix=fix)
    if not (path / "readiness.json").is_file() or not package_of(path):
        why = "it has no readiness.json and no package that nb2svc made"
        raise UsageError(
            f"{path.name} is no built project", where=str(path), why=why, fix="name the folder that nb2svc build wrote"
        )
    return path.resolve()


def tell_runtime(folder: Path) -> None:
    """Say on standard error that a project has another runtime than this nb2svc."""
    from nb2svc.upkeep.runtime import runtime_note

    note = runtime_note(folder)
    if note:
        click.echo(f"note: {note}", err=True)
