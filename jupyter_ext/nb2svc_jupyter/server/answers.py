"""What the panel may ask, and the document that answers it: the same as the command line's `--format json`.

A notebook comes as its JSON and is only analysed. Nothing of it is run.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2svc.cli.documents import analysis_document, error_only, show_document, suggestion_document_of
from nb2svc.errors import Nb2svcError, UsageError
from nb2svc_jupyter.server.jobs.commands import AskedWrongly, field_arguments


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A notebook's bytes, how Jupyter calls it, where it lies, what else was said, and where files that this names lie."""

    content: bytes
    path: str
    place: str
    options: Mapping[str, Any]
    files: Mapping[str, str]


def answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """The document for `{"what": "analyze" | … | "ready", "path": "loans.ipynb", "place": "/…", "content": {...}}`.

    `place` is where the notebook lies on the disk, with what its runs left beside it.
    A notebook that can't be read is an answer, too: its `error` says what, where and why.
    """
    make = _ANSWERS[question["what"]]
    content, path, place = question["content"], question["path"], str(question.get("place") or question["path"])
    said = {"options": question.get("options") or {}, "files": question.get("files") or {}}
    try:
        # A notebook is JSON, a percent script is text: opened as a notebook, as jupytext does, it comes as JSON, too.
        if isinstance(content, str):
            return make(Asked(content=content.encode(errors="surrogatepass"), path=path, place=place, **said))
        return make(Asked(content=json.dumps(content).encode(), path=_as_notebook(path), place=_as_notebook(place), **said))
    except Nb2svcError as error:
        return error_only(error)


def page_document(code: str) -> dict[str, Any] | None:
    """What a finding's code means; None where there is none of that code."""
    from nb2svc.cli.explained import page_json
    from nb2svc.pages.catalogue import page

    found = page(code)
    return None if found is None else page_json(found)


def _as_notebook(path: str) -> str:
    return f"{path.removesuffix('.py')}.ipynb" if path.endswith(".py") else path


def _ready(asked: Asked) -> dict[str, Any]:
    from nb2svc.cli.checklist import checklists_document

    # What builds wrote is about the file, whatever is on the screen.
    return checklists_document(Path(asked.place), asked.path)


def _planned(asked: Asked) -> dict[str, Any]:
    from nb2svc.cli.planned import planned_document

    try:
        fields = field_arguments("validate", asked.options)
    except AskedWrongly as error:
        raise UsageError(str(error)) from error
    return planned_document(asked.content, asked.path, place=asked.place, fields=fields, files=asked.files)


def _validated(asked: Asked) -> dict[str, Any]:
    from nb2svc.cli.validated import validated_document

    return validated_document(asked.place)


def _report_page(asked: Asked) -> dict[str, Any]:
    from nb2svc.cli.validated import report_page

    return {"html": report_page(asked.place)}


def _run_page(asked: Asked) -> dict[str, Any]:
    from nb2svc.cli.validated import executed_run_page

    return {"html": executed_run_page(asked.place, asked.options["run"])}


# The server itself knows only their names: what makes an answer is loaded in the process that is asked.
_ANSWERS: Mapping[str, Callable[[Asked], dict[str, Any]]] = {
    "analyze": lambda asked: analysis_document(asked.content, asked.path, place=asked.place),
    "suggest": lambda asked: suggestion_document_of(asked.content, asked.path),
    # What a draft or a capture is made of is looked for on the disk, and nothing of it names the path.
    "show": lambda asked: show_document(asked.content, asked.place),
    "ready": _ready,
    "runs": _planned,
    "validated": _validated,
    "report-page": _report_page,
    "run-page": _run_page,
}
# Pages have an address of their own, with which a browser lets them do nothing.
QUESTIONS = frozenset(what for what in _ANSWERS if not what.endswith("-page"))
