"""What the panel may ask, and the document that answers it: the same as the command line's `--format json`.

A notebook comes as its JSON and is only analysed. Nothing of it is run.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nb2svc.cli.checklist import checklists_document
from nb2svc.cli.documents import analysis_document, error_only, show_document, suggestion_document_of
from nb2svc.cli.explained import page_json
from nb2svc.errors import Nb2svcError
from nb2svc.pages.catalogue import page


def answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """The document for `{"what": "analyze" | … | "ready", "path": "loans.ipynb", "place": "/…", "content": {...}}`.

    `place` is where the notebook lies on the disk, with what its runs left beside it.
    A notebook that can't be read is an answer, too: its `error` says what, where and why.
    """
    make = _ANSWERS[question["what"]]
    content, path, place = question["content"], question["path"], str(question.get("place") or question["path"])
    try:
        # A notebook is JSON, a percent script is text: opened as a notebook, as jupytext does, it comes as JSON, too.
        if isinstance(content, str):
            return make(content.encode(errors="surrogatepass"), path, place)
        return make(json.dumps(content).encode(), _as_notebook(path), _as_notebook(place))
    except Nb2svcError as error:
        return error_only(error)


def page_document(code: str) -> dict[str, Any] | None:
    """What a finding's code means; None where there is none of that code."""
    found = page(code)
    return None if found is None else page_json(found)


def _as_notebook(path: str) -> str:
    return f"{path.removesuffix('.py')}.ipynb" if path.endswith(".py") else path


_ANSWERS: Mapping[str, Callable[[bytes, str, str], dict[str, Any]]] = {
    "analyze": lambda content, path, place: analysis_document(content, path, place=place),
    "suggest": lambda content, path, _: suggestion_document_of(content, path),
    # What a draft or a capture is made of is looked for on the disk, and nothing of it names the path.
    "show": lambda content, _, place: show_document(content, place),
    # What builds wrote is about the file, whatever is on the screen.
    "ready": lambda _, path, place: checklists_document(Path(place), path),
}
QUESTIONS = frozenset(_ANSWERS)
