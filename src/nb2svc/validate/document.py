"""The notebook that a run executes, and what is written of it: the author's cells, the parameters below their defaults."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nb2svc.capture.copy import ExecutedCopy, cell_id, document
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import Parameter
from nb2svc.validate.secrets import struck

INJECTED = "injected-parameters"
INJECTED_ID = "nb2svc-parameters"
_LEGAL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def run_document(notebook: Notebook, copy: ExecutedCopy, *, kernel: str, parameters: Iterable[Parameter]) -> dict[str, Any]:
    """The document to run: prose and code in the author's order, with an injected cell as papermill writes it.

    rate=0.1 token=env:API_TOKEN    →    # Parameters
                                         rate = 0.1
                                         token = __import__("os").environ["API_TOKEN"]
    """
    made = document(copy, notebook, kernel=kernel)
    given = tuple(parameters)
    cells = list(_with_prose(notebook, made["cells"]))
    # A notebook that papermill wrote has a cell of an earlier run.
    old = {cell_id(cell) for cell in notebook.cells if INJECTED in cell.tags}
    cells = [cell for cell in cells if cell.get("id") not in old]
    if given:
        place = next((at for at, cell in enumerate(cells) if "parameters" in cell["metadata"].get("tags", ())), -1)
        cells.insert(place + 1, _injected(given))
    plain = {each.name: each.value for each in given if not each.secret}
    made["metadata"]["nb2svc"] = {"parameters": {**plain, **{each.name: each.shown for each in given if each.secret}}}
    return {**made, "cells": cells}


def written_document(executed: Any, notebook: Notebook, *, secrets: Mapping[str, str]) -> Any:
    """The executed document as it is kept: the author's own text and ids again, and no secret."""
    executed["metadata"].pop("papermill", None)
    authors = {cell_id(cell): cell for cell in notebook.cells}
    ids = [cell.id for cell in notebook.cells]
    for cell in executed["cells"]:
        cell["metadata"].pop("papermill", None)
        found = authors.get(cell.get("id", ""))
        if found is None:
            continue
        cell["source"] = found.source
        cell["metadata"]["tags"] = list(found.tags)
        if _LEGAL_ID.fullmatch(found.id) and ids.count(found.id) == 1:
            cell["id"] = found.id
    executed["cells"] = [cell for cell in executed["cells"] if "papermill-error-cell-tag" not in cell["metadata"].get("tags", ())]
    return _struck(executed, secrets) if secrets else executed


def _struck(value: Any, secrets: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return struck(value, secrets)
    if isinstance(value, dict):
        for key in list(value):
            value[struck(key, secrets)] = _struck(value.pop(key), secrets)
        return value
    return [_struck(item, secrets) for item in value] if isinstance(value, list) else value


def _with_prose(notebook: Notebook, cells: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    prose = list(notebook.prose)
    for number in range(len(cells) + 1):
        if number:
            yield cells[number - 1]
        for place, text in enumerate(prose):
            if text.after == number:
                yield {"cell_type": "markdown", "id": f"prose-{place}", "metadata": {}, "source": text.text}


def injected_source(parameters: Iterable[Parameter]) -> str:
    """The text of the cell that sets parameters."""
    lines = ["# Parameters"]
    for each in parameters:
        value = f'__import__("os").environ["{each.secret}"]' if each.secret else each.value
        lines.append(f"{each.name} = {value}")
    return "\n".join(lines)


def _injected(parameters: Iterable[Parameter]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": INJECTED_ID,
        "metadata": {"tags": [INJECTED]},
        "outputs": [],
        "source": injected_source(parameters),
    }
