"""The options of `nb2svc validate` that say by which paths a run may come to its result."""

from collections.abc import Callable
from typing import Any, TypedDict, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class Paths(TypedDict):
    """Fields of `ValidateOptions`."""

    fork: bool
    reuse: bool
    compare_plain: bool


def path_options(command: F) -> F:
    """Add them."""
    command = click.option(
        "--compare-plain",
        is_flag=True,
        help="Compare the first run that shares cells with one in a kernel of its own, not with one in a forked kernel.",
    )(command)
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


def paths_asked(*, no_fork: bool, no_reuse: bool, compare_plain: bool) -> Paths:
    """What they come to."""
    return {"fork": not no_fork, "reuse": not no_reuse, "compare_plain": compare_plain}
