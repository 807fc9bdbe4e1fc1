"""Workflows as YAML with comments: the templates hold text, every value goes through a YAML writer."""

from functools import cache
from typing import TYPE_CHECKING

from nb2svc.ci.actions import ACTIONS
from nb2svc.ci.workflow import Workflow

if TYPE_CHECKING:
    from jinja2 import Environment


def render_workflow(workflow: Workflow, *, template: str, place: str) -> str:
    """A workflow as a provider's YAML; `place` is where it will lie."""
    return _environment().get_template(template).render(workflow=workflow, actions=ACTIONS, place=place)


def render_hooks() -> str:
    """The entry of a pre-commit configuration."""
    return _environment().get_template("pre-commit.yaml.j2").render()


def scalar(value: str) -> str:
    """One value as YAML: `loans.ipynb` as it is, `3.11` and `a: b.ipynb` in quotes."""
    import yaml

    return str(yaml.safe_dump(value, width=float("inf"), allow_unicode=True)).removesuffix("\n").removesuffix("\n...")


def literal(value: str) -> str:
    """As `scalar`, where a dollar sign would be read as the beginning of a variable."""
    return scalar(value.replace("$", "$$"))


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    # GitHub's own expressions are written ${{ … }}: ours look otherwise.
    environment = Environment(  # noqa: S701 - these are YAML files, not HTML
        loader=PackageLoader("nb2svc.ci"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
    )
    environment.filters |= {"scalar": scalar, "literal": literal}
    return environment
