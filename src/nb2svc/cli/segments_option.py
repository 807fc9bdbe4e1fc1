"""`--segments region,gender`: the columns that held-out rows are divided by."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def segments_option(function: F) -> F:
    """The option, which may be given several times or with several columns."""
    return click.option(
        "--segments",
        metavar="COLUMN",
        multiple=True,
        callback=_columns,
        help="Checks and metrics again on each part of the held-out rows: one for each value of the column.",
    )(function)


def _columns(_: click.Context, __: click.Parameter, given: Sequence[str]) -> tuple[str, ...]:
    names = [name.strip() for text in given for name in text.split(",")]
    if any(not name for name in names):
        raise click.BadParameter("a column has no name: write --segments region, or --segments region,gender")
    return tuple(dict.fromkeys(names))
