"""`--service` and `--project` of `nb2svc validate`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


def service_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Ask the built service, too: the one beside the notebook, or a person's."""
    for option in (
        click.option(
            "--project",
            type=click.Path(path_type=Path, file_okay=False),
            metavar="DIR",
            help="The built project to ask.  [default: the newest beside the notebook]",
        ),
        click.option(
            "--service",
            is_flag=True,
            help="Train the built service with each run's parameters, and compare its answers with the run's.",
        ),
    ):
        function = option(function)
    return function


def check_project(project: Path | None, *, service: bool) -> None:
    """Refuse a project that nobody wants to be asked.

    Raises:
        UsageError: --project without --service.
    """
    from nb2svc.errors import UsageError

    if project is not None and not service:
        why, fix = "a project is asked with --service only", "add --service, or leave --project out"
        raise UsageError("--project says nothing alone", where="--project", why=why, fix=fix)
