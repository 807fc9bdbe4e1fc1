"""What the panel may ask, and the document that answers it: the same as the command line's `--format json`.

A notebook comes as its JSON and is only analysed. Nothing of it is run.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from nb2svc.cli.documents import analysis_document, error_only, show_document, suggestion_document_of
from nb2svc.errors import Nb2svcError


def answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """The document for `{"what": "analyze" | "suggest" | "show", "path": "loans.ipynb", "content": {...}}`.

    A notebook that can't be read is an answer, too: its `error` says what, where and why.
    """
    make = _ANSWERS[question["what"]]
    content, path = question["content"], question["path"]
    try:
        # A notebook is JSON, a percent script is text: opened as a notebook, as jupytext does, it comes as JSON, too.
        if isinstance(content, str):
            return make(content.encode(errors="surrogatepass"), path)
        return make(json.dumps(content).encode(), f"{path.removesuffix('.py')}.ipynb" if path.endswith(".py") else path)
    except Nb2svcError as error:
        return error_only(error)


_ANSWERS: Mapping[str, Callable[[bytes, str], dict[str, Any]]] = {
    "analyze": analysis_document,
    "suggest": suggestion_document_of,
    "show": show_document,
}
QUESTIONS = frozenset(_ANSWERS)
