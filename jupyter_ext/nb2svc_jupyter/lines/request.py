"""What a line asks for: the command, and the notebook or project where the line names none."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from nb2svc.errors import UsageError
from nb2svc.ir.notebook import Role
from nb2svc.system.projects import projects_of
from nb2svc_jupyter.lines.here import this_notebook
from nb2svc_jupyter.lines.words import COMMANDS

_ROLES: tuple[Role, ...] = ("feature", "model", "check")
_OF_PROJECTS = ("test", "ready")
# Their -o is the folder of what they make; that of others, and `--report`, is a report in place of the terminal's.
_MAKERS = ("build", "validate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A command with all its arguments; `notebook` is the file that it reads, None where it reads a project."""

    command: str
    arguments: tuple[str, ...]
    notebook: Path | None


def asked(line: str, shell: Any) -> Request:
    """The request of a line; without a notebook or project in it the one that the line stands in is meant.

    Raises:
        UsageError: it can't be understood, or there is nothing that it could mean.
    """
    try:
        command, *arguments = shlex.split(line)
    except ValueError as error:
        raise UsageError(f"the line can't be read: {error}", where=f"%nb2svc {line}", fix="close the quotes") from error
    if command not in COMMANDS:
        raise _unknown(command)
    for option in ("--format", "--progress", "--report", *(() if command in _MAKERS else ("-o", "--output"))):
        if any(each == option or each.startswith(f"{option}=") for each in arguments):
            why = "the notebook shows what it says"
            raise UsageError(f"%nb2svc {command} takes no {option}", why=why, fix=f"!nb2svc {line} writes a file")
    named = _positional(command, arguments)
    if command in _OF_PROJECTS:
        given = [] if named else [str(project_here(shell))]
        return Request(command=command, arguments=(command, *given, *arguments), notebook=None)
    path = next((Path(each) for each in named[:1] if each.endswith((".ipynb", ".py"))), None)
    notebook = path or this_notebook(shell)
    given = [] if path else [str(notebook)]
    return Request(command=command, arguments=(command, *given, *arguments), notebook=notebook)


def project_here(shell: Any) -> Path:
    """The project that was built from the notebook that a shell runs cells of.

    Raises:
        UsageError: there is none, or there are several.
    """
    notebook = this_notebook(shell)
    found = projects_of(notebook)
    if len(found) == 1:
        return found[0]
    if not found:
        why = "no folder here or below says that it was made from it"
        fix = "build it first: %nb2svc build; or name the project's folder"
        raise UsageError(f"no project was built from {notebook.name}", where=str(notebook.parent), why=why, fix=fix)
    names = ", ".join(str(folder.relative_to(notebook.resolve().parent)) for folder in found)
    fix = f"name the one that you mean: {names}"
    raise UsageError(f"{len(found)} projects were built from {notebook.name}", where=str(notebook.parent), fix=fix)


def options_of(command: str) -> list[click.Option]:
    """The options that a line of a command can have."""
    hidden = {"form", "shown", "report", *(() if command in _MAKERS else ("output",))}
    return [each for each in _click(command).params if isinstance(each, click.Option) and each.name not in hidden]


def _click(command: str) -> click.Command:
    found = import_module(f"nb2svc.cli.{command}").command
    assert isinstance(found, click.Command)
    return found


def _positional(command: str, arguments: Sequence[str]) -> list[str]:
    """The arguments that are no options and no option's value."""
    with_value = {name for option in _click(command).params if _takes_value(option) for name in option.opts}
    pairs = zip(arguments, ["", *arguments], strict=False)
    return [each for each, before in pairs if not each.startswith("-") and before not in with_value]


def _takes_value(option: click.Parameter) -> bool:
    return isinstance(option, click.Option) and not option.is_flag and not option.count


def _unknown(command: str) -> UsageError:
    if command in _ROLES:
        fix = f"write %%nb2svc {command} at the top of the cell"
        return UsageError(f"`{command}` is the role of a whole cell", where=f"%nb2svc {command}", fix=fix)
    close = get_close_matches(command, COMMANDS, n=1)
    fix = f"did you mean %nb2svc {close[0]}?" if close else f"there are: {', '.join(COMMANDS)}; all others in a terminal: !nb2svc"
    return UsageError(f"there is no %nb2svc {command}", where=f"%nb2svc {command}", fix=fix)
