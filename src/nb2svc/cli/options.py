"""Options that several commands have, and the forms of their values."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}
_DURATION = re.compile(r"(?:(?P<h>\d+(?:\.\d+)?)h)?(?:(?P<m>\d+(?:\.\d+)?)m)?(?:(?P<s>\d+(?:\.\d+)?)s?)?")


class Duration(click.ParamType):  # type: ignore[type-arg]  # generic only since click 8.3
    """A time such as `30m`, `90s`, `1h30m` or `45` (seconds) → seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds that a text says."""
        if isinstance(value, int | float):
            return float(value)
        match = _DURATION.fullmatch(value.strip().lower())
        if not value.strip() or match is None:
            self.fail(f"{value!r} is no time; write 30m, 90s or 1h30m.", param, ctx)
        seconds = sum(float(number) * _UNITS[unit] for unit, number in match.groupdict().items() if number)
        if seconds <= 0:
            self.fail("the time must be longer than nothing.", param, ctx)
        return seconds


class Setting(click.ParamType):  # type: ignore[type-arg]
    """`NAME=VALUE` → (NAME, VALUE), both as text."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The name and the text of the value."""
        if isinstance(value, tuple):
            return value
        name, equals, text = value.partition("=")
        if not equals:
            self.fail(f"{value!r} has no '='; write NAME=VALUE.", param, ctx)
        if not name.isidentifier():
            self.fail(f"{name!r} is no variable name; write NAME=VALUE without spaces around '='.", param, ctx)
        return name, text


def settings_once(ctx: click.Context, param: click.Parameter, value: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Refuse a name that is given twice: which of the two was meant can't be known."""
    names = [name for name, _ in value]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise click.BadParameter(f"{twice!r} is given twice.", ctx=ctx, param=param)
    return tuple(value)


def format_option(command: F) -> F:
    """`--format text|json`."""
    option = click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="For people, or for programs.",
    )
    return option(command)


def report_option(command: F) -> F:
    """`-o FILE`: where a report goes."""
    option = click.option(
        "-o",
        "--output",
        type=click.Path(dir_okay=False, writable=True),
        metavar="FILE",
        help="Write the report to a file instead of the terminal.",
    )
    return option(command)


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether a command line asks for JSON; also where it can't be parsed, so that the error is JSON too."""
    pairs = zip(arguments, [*arguments[1:], ""], strict=False)
    return any(argument == "--format=json" or (argument == "--format" and value == "json") for argument, value in pairs)
