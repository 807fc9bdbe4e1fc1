"""Options that several commands have, and the forms of their values."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
P = TypeVar("P", str, Path, None)

# The formats of services: code scanning, test reports, annotations.
REPORTS = ("sarif", "junit", "github")
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


class Margin(click.ParamType):  # type: ignore[type-arg]
    """`auc=0.01` → ("auc", 0.01)."""

    name = "name=number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, float]:
        """The name of the metric, and the number."""
        if isinstance(value, tuple):
            return value
        # The name may be any text, and so have a "=".
        name, equals, text = value.rpartition("=")
        if not equals or not name:
            self.fail(f"{value!r} is no margin; write NAME=NUMBER, like auc=0.01.", param, ctx)
        try:
            number = float(text)
        except ValueError:
            self.fail(f"{text!r} is no number; write NAME=NUMBER, like auc=0.01.", param, ctx)
        if not 0 <= number < float("inf"):
            self.fail(f"{text} can't be a margin: it is how much worse the metric may be, 0 or more.", param, ctx)
        return name, number


def settings_once(ctx: click.Context, param: click.Parameter, value: Sequence[tuple[str, T]]) -> tuple[tuple[str, T], ...]:
    """Refuse a name that is given twice: which of the two was meant can't be known."""
    names = [name for name, _ in value]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise click.BadParameter(f"{twice!r} is given twice.", ctx=ctx, param=param)
    return tuple(value)


def place_found(_ctx: click.Context, _param: click.Parameter, value: P) -> P:
    """Refuse a report that has no place, before anything is run for it.

    Raises:
        EnvironmentProblem: the file could not be written.
    """
    if value is not None and str(value) != "-":
        from nb2svc.system.files import check_writable

        check_writable(Path(value))
    return value


def parameters_option(told: str) -> Callable[[F], F]:
    """`-p NAME=VALUE`, one value of the parameters cell; `told` is its help, for a secret is not everywhere one."""
    return click.option(
        "-p", "--parameter", "parameters", type=Setting(), multiple=True, callback=settings_once, metavar="NAME=VALUE", help=told
    )


def format_option(command: F) -> F:
    """`--format text|json`."""
    return format_option_of("text", "json")(command)


def format_option_of(*forms: str) -> Callable[[F], F]:
    """`--format` with other values than the usual ones."""
    return _format_option(forms, "For people, or for programs.")


def findings_format_option(command: F) -> F:
    """`--format text|json|sarif|junit|github`, for a command that has findings or verdicts."""
    return _format_option(
        ("text", "json", *REPORTS), "For people, for programs, or for a service that shows findings and tests."
    )(command)


def checklist_format_option(command: F) -> F:
    """`--format text|json|markdown|html|sarif|junit|github`, for a checklist."""
    told = "For people, for programs, as a page, or for a service that shows findings and tests."
    return _format_option(("text", "json", "markdown", "html", *REPORTS), told)(command)


def _format_option(forms: Sequence[str], told: str) -> Callable[[F], F]:
    return click.option("--format", "form", type=click.Choice(forms), default="text", show_default=True, help=told)


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


def progress_option(command: F) -> F:
    """`--progress auto|json|none`: what is told while it runs, on standard error."""
    option = click.option(
        "--progress",
        "shown",
        type=click.Choice(["auto", "json", "none"]),
        default="auto",
        show_default=True,
        help="What to tell on standard error: for people where --format is text, one JSON event a line, or nothing.",
    )
    return option(command)


def asked_form(arguments: Sequence[str]) -> str:
    """The format that a command line asks for; also where it can't be parsed, so that the error has it too."""
    pairs = list(zip(arguments, [*arguments[1:], ""], strict=False))
    said = [
        value if argument == "--format" else argument.removeprefix("--format=")
        for argument, value in pairs
        if argument.startswith("--format")
    ]
    return next((form for form in said if form in ("json", *REPORTS)), "text")


def asked_output(arguments: Sequence[str]) -> str | None:
    """The file that a command line asks to write its report to, so that an error's report goes there, too.

    None where there is none, it is standard output, or it names a folder: that of a project, or of modules.
    """
    if arguments[:1] and arguments[0] in ("build", "ci"):
        return None
    # The folder of its runs is -o there.
    short, long = ("--report", "--report") if arguments[:1] == ["validate"] else ("-o", "--output")
    pairs = zip(arguments, [*arguments[1:], ""], strict=False)
    said = (
        value if argument in (short, long) else argument.removeprefix(f"{long}=").removeprefix(short)
        for argument, value in pairs
        if argument == long or argument.startswith((short, f"{long}="))
    )
    asked = next(said, "")
    return None if asked in ("", "-") or asked.endswith("/") or Path(asked).is_dir() else asked


def reads_what_it_writes(arguments: Sequence[str]) -> str | None:
    """The file that a command line names both as its output and as something to read, which would be lost."""
    output = asked_output(arguments)
    if output is None or not Path(output).is_file():
        return None
    others = [
        argument
        for argument, before in zip(arguments, ["", *arguments], strict=False)
        if before not in ("-o", "--output", "--report", "--format") and not argument.startswith("-")
    ]
    return next((output for other in others if Path(other).is_file() and Path(other).samefile(output)), None)
