"""`%nb2svc analyze|show|build|test|ready|validate`: what the command line says, shown in the notebook."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nb2svc.cli.failures import render_error
from nb2svc.errors import Nb2svcError
from nb2svc.system.processes import MARK
from nb2svc_jupyter.lines.answers import TELLERS, failure_told
from nb2svc_jupyter.lines.checklist import checklist_told
from nb2svc_jupyter.lines.here import saved_at
from nb2svc_jupyter.lines.parts import Told, told
from nb2svc_jupyter.lines.request import Request, asked
from nb2svc_jupyter.lines.running import Answer, run_command
from nb2svc_jupyter.lines.words import HELP

# What an exit code other than 0 means where the command had an answer.
_NO = {
    "build": ("the build has blockers", "the checklist above says which, and what to do"),
    "test": ("the project's tests do not pass", "what failed stands above, each with its reason"),
    "ready": ("the gate is closed", "the checklist above says for each what to do"),
    "validate": ("the notebook is not well in all runs", "what is not well stands above, each with its place"),
    "show": ("the command did not end well", "run it in a terminal, to see all that it says"),
}


class NotDone(Exception):
    """A command said no, or could not be carried out; a notebook shows what, where, why and what to do, without a traceback."""

    def __init__(self, error: Nb2svcError) -> None:
        super().__init__(". ".join(filter(None, (error.what, error.fix))))
        self.error = error

    def _render_traceback_(self) -> list[str]:
        return render_error(self.error).splitlines()


def command(line: str, shell: Any) -> None:
    """Carry out a line of one shell.

    Raises:
        NotDone: it said no, or could not be carried out.
    """
    if not line.strip():
        print(HELP)  # noqa: T201 - what a magic says
    elif os.environ.get(MARK):
        # nb2svc runs the notebook, for this line or for another: a build or a validation inside it would never end.
        print("left out: this run is nb2svc's own")  # noqa: T201
    else:
        _carry_out(line, shell)


def _carry_out(line: str, shell: Any) -> None:
    screen = _Screen(shell)
    try:
        request = asked(line, shell)
        answer = run_command(_arguments(request), tell=screen.tell)
        cells = _cells(request.notebook)
        screen.show(_result(request, answer, cells))
        error = _said_no(request, answer)
    except KeyboardInterrupt:
        screen.clear()
        error = Nb2svcError("interrupted", why="nothing half-written was left")
    except Nb2svcError as problem:
        screen.clear()
        error = problem
    if error is not None:
        raise NotDone(error) from None


def _arguments(request: Request) -> tuple[str, ...]:
    return (*request.arguments, *(("--progress", "json") if request.command in ("build", "validate") else ()))


def _result(request: Request, answer: Answer, cells: Mapping[int, str]) -> Told:
    document = answer.document
    if document["error"]:
        return failure_told(document, cells)
    result = checklist_told(document) if request.command == "ready" else TELLERS[request.command](document, cells)
    if request.notebook is None or not request.notebook.is_file():
        return result
    note = told([f"Read {saved_at(request.notebook)}; what was changed on the screen since is not in it."], [])
    return Told(html=result.html + note.html, text="\n".join(filter(None, (result.text, note.text))))


def _said_no(request: Request, answer: Answer) -> Nb2svcError | None:
    """The error to stop with, so that no run passes over it; an analysis that found something is none."""
    error = answer.document["error"]
    if error:
        facts = {name: error[name] for name in ("where", "why", "fix", "details")}
        return Nb2svcError(error["what"], **facts)
    if answer.exit_code == 0 or request.command == "analyze":
        return None
    what, fix = _NO[request.command]
    stops = ", ".join((answer.document.get("gate") or {}).get("blocking", ()))
    return Nb2svcError(what, why=stops, fix=fix)


def _cells(notebook: Path | None) -> dict[int, str]:
    """The ids of the code cells by number, for links; none where the notebook can't be read."""
    from nb2svc.read.notebook import parse_notebook
    from nb2svc.system.files import read_bytes

    if notebook is None:
        return {}
    try:
        parsed, _ = parse_notebook(read_bytes(notebook, what="notebook"), path=str(notebook))
    except Nb2svcError:
        return {}
    return {cell.number: cell.id for cell in parsed.cells if cell.id}


class _Screen:
    """One place of a cell's output: first what goes on, then the result in its stead."""

    def __init__(self, shell: Any) -> None:
        # A terminal can't take back what it shows.
        self._live = hasattr(shell, "kernel")
        self._handle: Any = None

    def tell(self, text: str) -> None:
        if self._live:
            self._put(told([f"… {text}"], []).bundle())

    def show(self, result: Told) -> None:
        self._put(result.bundle())

    def clear(self) -> None:
        if self._handle is not None:
            self._put({"text/plain": ""})

    def _put(self, bundle: Mapping[str, str]) -> None:
        from IPython.display import display

        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(bundle, raw=True)
