"""The command `nb2svc`: which subcommands there are, and what an error looks like from outside.

A subcommand's module is imported only when it runs or is listed; it imports the stages inside its function, so that
`nb2svc --help` starts at once.
"""

import importlib
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from nb2svc import __version__
from nb2svc.cli.failures import fail
from nb2svc.cli.options import asked_form, asked_output, reads_what_it_writes
from nb2svc.errors import UsageError

# In the order in which a newcomer needs them.
# fmt: off
COMMANDS = (
    "suggest",
    "analyze",
    "show",
    "build",
    "test",
    "rows",
    "validate",
    "ready",
    "serve",
    "diff",
    "trace",
    "explain",
    "cache",
    "ci",
)
# fmt: on


class CommandLine(click.Group):
    """The group of subcommands, with the exit codes and messages that the documentation promises."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names of the subcommands, in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """The subcommand of that name, from its own module."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"nb2svc.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """The subcommand that the first argument names.

        Raises:
            click.UsageError: there is none of that name.
        """
        name = args[0]
        if not name.startswith("-") and name not in COMMANDS:
            close = get_close_matches(name, COMMANDS, n=1)
            hint = f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(COMMANDS)}."
            if name.endswith((".ipynb", ".py")):
                hint = f"Did you mean 'nb2svc build {name}'?"
            raise click.UsageError(f"There is no command {name!r}. {hint}", ctx=ctx)
        return super().resolve_command(ctx, args)

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> NoReturn:
        """Run, and exit with the code that the outcome has; a command returns its own code where it is not 0."""
        given = list(sys.argv[1:] if args is None else args)
        _end_politely()
        _open_streams()
        # Checks are assertions: what we start must not leave them out.
        os.environ.pop("PYTHONOPTIMIZE", None)
        lost = reads_what_it_writes(given)
        try:
            _keep(lost)
            code = super().main(given, *rest, **{**extra, "standalone_mode": False})
            sys.stdout.flush()
        except BaseException as error:  # noqa: BLE001 - the last stop: whatever comes becomes a message and a code
            code = fail(error, arguments=given, form=asked_form(given), output=None if lost else asked_output(given))
        sys.exit(code if isinstance(code, int) else 0)


@click.command(
    cls=CommandLine,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with:  nb2svc suggest NOTEBOOK",
)
@click.version_option(__version__, prog_name="nb2svc", message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Compile a tagged Jupyter notebook into a service that is proved to answer as the notebook did."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def _keep(lost: str | None) -> None:
    if lost:
        why = "the command line names it as something to read, too"
        raise UsageError(f"{lost} would be replaced by the report on it", where="-o", why=why, fix="name another file")


def _open_streams() -> None:
    """Give what is printed a place where whoever started us closed the stream (`>&-`): Python then has None."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - open until the end


def _end_politely() -> None:
    """Let a termination, or a closed terminal, unwind as Ctrl-C does: what was started is stopped, what was staged is removed."""
    terminals = [number for number in (0, 1, 2) if os.isatty(number)]

    def interrupt(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            # The system and the shell both tell of it, and the second must not cut short what the first began.
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            _let_go_of(terminals)
        raise KeyboardInterrupt

    with suppress(ValueError):
        # Not the main thread: whoever runs us there handles signals.
        signal.signal(signal.SIGTERM, interrupt)
        # `nohup` has it ignored.
        if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:
            signal.signal(signal.SIGHUP, interrupt)


def _let_go_of(terminals: Sequence[int]) -> None:
    """Have what is told to a terminal that is gone go nowhere: whoever told it something would fail."""
    with suppress(OSError):
        nothing = os.open(os.devnull, os.O_RDWR)
        for terminal in terminals:
            os.dup2(nothing, terminal)
        os.close(nothing)
