"""What comes out when a command fails: what · where · why · do this, one exit code, no traceback for a mistake of the user's."""

import json
import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

import click

from nb2svc.cli.options import REPORTS
from nb2svc.errors import EnvironmentProblem, InternalError, Nb2svcError, UsageError
from nb2svc.ir.codec import to_json
from nb2svc.ir.finding import Finding
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.verdict import Verdict
from nb2svc.system.files import DISK_FULL

INTERRUPTED = 130
VERSION = 1
_OWN = ("nb2svc", "nb2svc_runtime", "nb2svc_jupyter")
# Which extra of ours brings a module.
_EXTRAS = {"bentoml": "bento", "jupyterlab": "jupyter", "xgboost": "xgb"}


class Explained(Exception):
    """An error with the notebook that it speaks of, so that its findings can show the author's lines."""

    def __init__(self, error: Nb2svcError, notebook: Notebook) -> None:
        super().__init__(error.what)
        self.error = error
        self.notebook = notebook


class ProofShown(Exception):
    """A failed proof of a notebook with what it compared, so that it is told in full."""

    def __init__(self, error: Nb2svcError, verdict: Verdict, *, notebook: Notebook | None = None) -> None:
        super().__init__(error.what)
        self.error = error
        self.verdict = verdict
        self.notebook = notebook


def fail(error: BaseException, *, arguments: Sequence[str], form: str, output: str | None = None) -> int:
    """Tell an error and return the exit code that it has; a report of it goes where the result would have gone."""
    command = next((argument for argument in arguments if not argument.startswith("-")), "nb2svc")
    tell = partial(_tell, form=form, command=command, output=output)
    match error:
        case KeyboardInterrupt() | click.Abort():
            return tell(Nb2svcError("interrupted", why="nothing half-written was left"), INTERRUPTED)
        case BrokenPipeError():
            # Whoever read our output is gone (`| head`); Python would complain again when it flushes at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return INTERRUPTED
        case OSError(errno=number) if number in DISK_FULL and error.filename is None:
            # The disk that standard output goes to: what is written whole has its own error.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            full = EnvironmentProblem("can't write the result", where="standard output", why=DISK_FULL[number], fix="make room")
            return _tell(full, full.exit_code, form="text", command=command)
        case click.exceptions.Exit(exit_code=code):
            return code
        case SystemExit(code=code):
            return code if isinstance(code, int) else 0
        case click.ClickException():
            return tell(usage_error(error), 2)
        case Explained(error=refused, notebook=notebook):
            return tell(refused, refused.exit_code, notebook=notebook)
        case ProofShown(error=failed, verdict=verdict, notebook=notebook):
            if form == "text":
                click.echo(_proof(verdict) + "\n", err=True)
            return tell(failed, failed.exit_code, notebook=notebook, verdict=verdict)
        case Nb2svcError() if not isinstance(error, InternalError) and error.exit_code != InternalError.exit_code:
            return tell(error, error.exit_code)
        case ModuleNotFoundError(name=str() as name) if name.partition(".")[0] not in _OWN:
            return tell(_missing(name), EnvironmentProblem.exit_code)
        case _:
            return tell(_internal(error, arguments), InternalError.exit_code)


def error_document(error: Nb2svcError, *, exit_code: int) -> dict[str, Any]:
    """An error as JSON values."""
    facts = {"what": error.what, "where": error.where, "why": error.why, "fix": error.fix, "details": error.details}
    return {**facts, "span": to_json(error.span), "exit_code": exit_code}


def render_error(error: Nb2svcError) -> str:
    """An error as text.

    error: there is no notebook lonas.ipynb
      where    lonas.ipynb
      why      nothing lies at that path
      do this  did you mean loans.ipynb?
    """
    facts = (("where", error.where), ("why", error.why), ("do this", error.fix))
    lines = [f"error: {error.what}"]
    for label, text in facts:
        if text:
            lines.append(f"  {label:<7}  " + text.replace("\n", "\n           "))
    if error.details:
        lines += ["", error.details]
    return "\n".join(lines)


def usage_error(error: click.ClickException) -> Nb2svcError:
    """What click says of an option or argument, as an error of ours."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "nb2svc"
    close = getattr(error, "possibilities", None)
    message = (error.message if close else error.format_message()).rstrip(".")
    what, _, wish = message.partition("; write ")
    if close:
        fix = f"Did you mean {close[0]}?"
    elif wish:
        fix = f"write {wish}"
    else:
        fix = _least(error) or f"See {path} --help."
    return UsageError(what, where=path, fix=fix)


def _least(error: click.ClickException) -> str:
    """What to write where a number is too small."""
    param = getattr(error, "param", None)
    if param is None or not isinstance(param.type, click.IntRange) or param.type.min is None:
        return ""
    return f"give a whole number from {param.type.min} on: {max(param.opts, key=len)} {max(1, param.type.min)}"


def _tell(
    error: Nb2svcError,
    code: int,
    *,
    form: str,
    command: str,
    output: str | None = None,
    notebook: Notebook | None = None,
    verdict: Verdict | None = None,
) -> int:
    from nb2svc.cli.findings import render_findings

    findings: tuple[Finding, ...] = getattr(error, "findings", ())
    if form in REPORTS:
        from nb2svc.cli.reporting import error_report
        from nb2svc.reports.render import render_report

        report = error_report(command, error, notebook=notebook, findings=findings, verdict=verdict, exit_code=code)
        _hand_over(render_report(report, form), error, output=output)
    elif form == "json":
        document = {"version": VERSION, "findings": to_json(findings), "error": error_document(error, exit_code=code)}
        document |= {"cells": notebook.ids} if notebook else {}
        document |= {"verdict": to_json(verdict)} if verdict else {}
        document |= getattr(error, "shown", {})
        _hand_over(json.dumps(document, indent=2, ensure_ascii=False), error, output=output)
    else:
        if findings:
            click.echo(render_findings(findings, notebook) + "\n", err=True)
        click.echo(render_error(error), err=True)
    return code


def _hand_over(report: str, error: Nb2svcError, *, output: str | None) -> None:
    """Write the report of an error to the file that was asked for, and tell the error; print it where that can't be done."""
    from nb2svc.cli.output import emit

    try:
        emit(report, output=output)
    except Nb2svcError:
        click.echo(report)
        return
    if output is not None:
        click.echo(render_error(error), err=True)


def _proof(verdict: Verdict) -> str:
    from nb2svc.parity.render import proof_lines

    lines = proof_lines(verdict)
    return "\n".join(f"{'proof' if not number else '':<10}{line}" for number, line in enumerate(lines))


def _missing(module: str) -> Nb2svcError:
    top = module.partition(".")[0]
    wanted = f"'nb2svc[{_EXTRAS[top]}]'" if top in _EXTRAS else top
    why = "this command needs it, and this Python does not have it"
    return EnvironmentProblem(
        f"{top} is not installed", where=sys.executable, why=why, fix=f"{sys.executable} -m pip install {wanted}"
    )


def _internal(error: BaseException, arguments: Sequence[str]) -> Nb2svcError:
    from nb2svc.cli.crash import save_report

    if os.environ.get("NB2SVC_DEBUG"):
        import traceback

        traceback.print_exception(error, file=sys.stderr)
    kind = type(error).__name__
    report = save_report(error, arguments)
    if report is None:
        fix = "Run it again with NB2SVC_DEBUG=1."
        return Nb2svcError(f"nb2svc made a mistake: {kind}", why="its report could not be saved", fix=fix)
    fix = "Please send that file to the authors; it holds no code and no data of yours."
    return Nb2svcError(f"nb2svc made a mistake: {kind}", where=str(report), why="a report was saved there", fix=fix)
