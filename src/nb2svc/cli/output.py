"""Where a command's result goes: the terminal, or a file that is written whole or not at all."""

import json
from pathlib import Path
from typing import Any

import click

from nb2svc.cli.failures import VERSION


def emit(text: str, *, output: str | None) -> None:
    """Print a result, or write it to `output` and say so on standard error.

    Raises:
        EnvironmentProblem: the file can't be written.
    """
    if output is None or output == "-":
        click.echo(text)
        return
    from nb2svc.system.files import write_atomic

    write_atomic(Path(output), f"{text}\n".encode())
    click.echo(f"wrote {output}", err=True)


def document(**fields: Any) -> str:
    """A result as JSON text; each has a version, findings and an error, which is null where all went well."""
    return json.dumps({"version": VERSION, "findings": [], "error": None, **fields}, indent=2, ensure_ascii=False)
