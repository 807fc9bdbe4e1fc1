"""What a validation left, to look at: the notebook as a run executed it, and the page of all runs. Nothing of it is run again."""

import json
from pathlib import Path
from typing import Any

from nb2svc.capture.copy import ExecutedCell, ExecutedCopy
from nb2svc.errors import NotebookError
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import Validation
from nb2svc.read.notebook import parse_notebook
from nb2svc.validate.document import INJECTED
from nb2svc.validate.folder import EXECUTED, RUNS

_LARGEST = 50 << 20


def run_page(folder: Path, key: str, *, name: str) -> str | None:
    """The executed notebook of a run as a page that runs nothing; None where it is not there, or too large to show."""
    import nbformat

    from nb2svc.capture.page import executed_page

    found = _executed(folder, key, name=name)
    if found is None:
        return None
    document, notebook = found
    # A file's texts are lists of lines.
    joined = nbformat.reads(json.dumps(document), as_version=4)  # type: ignore[no-untyped-call]
    cells = tuple(
        ExecutedCell(id=cell.id, number=cell.number, source=cell.source, lines=tuple(range(1, cell.source.count("\n") + 2)))
        for cell in notebook.cells
    )
    return executed_page(joined, notebook, ExecutedCopy(cells=cells))


def notebook_of(folder: Path, validation: Validation, *, name: str) -> Notebook | None:
    """The notebook as the runs had it, whatever became of its file; None where no run left one."""
    for run in validation.runs:
        found = _executed(folder, run.key, name=name) if run.folder else None
        if found is not None:
            return found[1]
    return None


def _executed(folder: Path, key: str, *, name: str) -> tuple[dict[str, Any], Notebook] | None:
    """A run's document, and the notebook in it: without the cell of parameters, so that cells have their numbers."""
    home = folder.resolve()
    path = (home / RUNS / key[:16] / EXECUTED).resolve()
    try:
        if not path.is_relative_to(home) or path.stat().st_size > _LARGEST:
            return None
        document: dict[str, Any] = json.loads(path.read_bytes())
        own = [cell for cell in document["cells"] if INJECTED not in cell["metadata"].get("tags", ())]
        notebook, _ = parse_notebook(json.dumps({**document, "cells": own}).encode("utf-8", "surrogatepass"), path=name)
    except (OSError, ValueError, KeyError, NotebookError):
        return None
    return document, notebook
