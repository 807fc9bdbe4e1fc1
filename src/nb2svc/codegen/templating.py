"""Jinja2 for the files that are ours; never for the author's code."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(  # noqa: S701 - these are Python files, not HTML
        loader=PackageLoader("nb2svc.codegen"), undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True
    )


def render(template: str, **words: object) -> str:
    """A template of `codegen/templates`, filled with finished values.

    Raises:
        jinja2.UndefinedError: the template names a word that was not given.
    """
    return _environment().get_template(template).render(**words)
