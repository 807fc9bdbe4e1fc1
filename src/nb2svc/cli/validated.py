"""The last validation of a notebook as its usual folder has it: the document, and its pages."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nb2svc.cli.failures import VERSION
from nb2svc.cli.planned import last_validation
from nb2svc.ir.codec import to_json

if TYPE_CHECKING:
    from nb2svc.ir.notebook import Notebook
    from nb2svc.ir.validation import Validation


def validated_document(place: str) -> dict[str, Any]:
    """What `nb2svc validate --format json` said the last time; `validation` is null where there was none."""
    file = Path(place)
    found = last_validation(file)
    notebook = _notebook(file, found) if found else None
    return {
        "version": VERSION,
        "findings": [],
        "error": None,
        "output": str(_folder(file)) if found else "",
        "cells": notebook.ids if notebook else {},
        "validation": to_json(found),
    }


def report_page(place: str) -> str | None:
    """The page that `nb2svc validate --html` writes, of the last validation; None where it can't be made any more."""
    from nb2svc.reports.validation_page import validation_page

    file = Path(place)
    found = last_validation(file)
    notebook = _notebook(file, found) if found else None
    return validation_page(found, notebook) if found and notebook else None


def executed_run_page(place: str, key: str) -> str | None:
    """The executed notebook of a run as a page; None where there is none."""
    from nb2svc.validate.kept import run_page

    file = Path(place)
    return run_page(_folder(file), key, name=file.name)


def _folder(file: Path) -> Path:
    from nb2svc.capture.cache import validation_at

    return validation_at(file)


def _notebook(file: Path, validation: "Validation") -> "Notebook | None":
    """The notebook as it was validated: the file, while it is that one, else what a run left."""
    from nb2svc.errors import NotebookError
    from nb2svc.read.notebook import parse_notebook
    from nb2svc.validate.kept import notebook_of

    with suppress(OSError, NotebookError):
        notebook, _ = parse_notebook(file.read_bytes(), path=str(file))
        if notebook.digest == validation.notebook_digest:
            return notebook
    return notebook_of(_folder(file), validation, name=file.name)
