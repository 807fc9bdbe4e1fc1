"""The options of `nb2svc validate` that say by which paths a run may come to its result."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def path_options(command: F) -> F:
    """Add them."""
    command = click.option(
        "--no-reuse",
        is_flag=True,
        help="Have each run make all cells; without it, those before what tells the runs apart are run once where that is safe.",
    )(command)
    return click.option(
        "--no-fork",
        is_flag=True,
        help="Start each kernel anew; without it, it is forked from a process that has imported the notebook's libraries.",
    )(command)
