"""`--gate champion=FILE` and `--other-data`: may the model of this validation replace the one in service?"""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from nb2svc.cli.options import Setting, settings_once

F = TypeVar("F", bound=Callable[..., Any])


def gate_options(function: F) -> F:
    """Both, as `gate` (pairs of a name and a source) and `other_data`."""
    gate = click.option(
        "--gate",
        type=Setting(),
        multiple=True,
        callback=settings_once,
        metavar="champion=FILE",
        help="Exit with 1 where it can't be shown to be no worse than this validation.json (or REVISION:FILE), by --margin.",
    )
    other_data = click.option(
        "--other-data", is_flag=True, help="Let the gate compare although the champion was validated on other files."
    )
    return gate(other_data(function))
