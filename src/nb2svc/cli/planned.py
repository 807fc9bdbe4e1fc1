"""A validation that somebody is about to ask for: how many runs it would make, or what is wrong with which field of a form.

The checks are the command's own, made for each field by itself, so that a second mistake is not hidden behind the first.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nb2svc.cli.failures import VERSION, error_document, usage_error
from nb2svc.errors import Nb2svcError, RefusalError

if TYPE_CHECKING:
    from nb2svc.ir.notebook import Notebook
    from nb2svc.ir.validation import Validation

Given = Mapping[str, Any]


def planned_document(content: bytes, path: str, *, place: str, fields: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What would be run for the arguments of each field; `place` is where the last validation is looked for. Nothing is run.

    Raises:
        NotebookError: the notebook can't be read, or what was meant as a tag is misspelt.
    """
    from nb2svc.ir.finding import refusals
    from nb2svc.read.notebook import parse_notebook

    notebook, findings = parse_notebook(content, path=path)
    if refusals(findings):
        raise RefusalError(refusals(findings))
    last = last_validation(Path(place))
    wrong = dict(_wrong_alone(notebook, fields)) or dict(_wrong_together(notebook, fields, last))
    return {
        "version": VERSION,
        "findings": [],
        "error": None,
        "runs": None if wrong else len(_sets(notebook, _given([each for part in fields.values() for each in part]))),
        "wrong": [
            {"field": field, "problem": error_document(error, exit_code=error.exit_code)} for field, error in wrong.items()
        ],
        "last": _told(last) if last else None,
    }


def last_validation(notebook: Path) -> "Validation | None":
    """The validation that was made last in its usual place, where it can be read."""
    from nb2svc.capture.cache import validation_at
    from nb2svc.validate.folder import VALIDATION

    file = validation_at(notebook) / VALIDATION
    try:
        state = file.stat()
    except OSError:
        return None
    return _read(file, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=2)
def _read(file: Path, _changed: int, _size: int) -> "Validation | None":
    from nb2svc.errors import EnvironmentProblem
    from nb2svc.validate.folder import read_validation

    try:
        return read_validation(file)
    except EnvironmentProblem:
        return None


def _told(last: "Validation") -> dict[str, Any]:
    from nb2svc.validate.judge import ended_runs, metric_summaries

    names = dict.fromkeys(summary.name for summary in metric_summaries(last))
    return {"began": last.began, "runs": len(ended_runs(last)), "metrics": list(names)}


def _wrong_alone(notebook: "Notebook", fields: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Nb2svcError]]:
    for field, arguments in fields.items():
        try:
            _sets(notebook, _given(arguments))
        except click.ClickException as error:
            yield field, usage_error(error)
        except Nb2svcError as error:
            yield field, error


def _wrong_together(
    notebook: "Notebook", fields: Mapping[str, Sequence[str]], last: "Validation | None"
) -> Iterator[tuple[str, Nb2svcError]]:
    """What no field says by itself: too many runs, a margin that nothing is compared with."""
    from nb2svc.errors import UsageError
    from nb2svc.ir.judgement import Criteria
    from nb2svc.validate.baseline import LAST, check_criteria

    given = _given([each for part in fields.values() for each in part])
    try:
        _sets(notebook, given)
    except UsageError as error:
        yield "", error
    compared = last if given["baseline"] == LAST else None
    if given["baseline"] == LAST and last is None:
        fix = "validate once without it"
        yield "baseline", UsageError("there is no last validation", where="--baseline last", fix=fix)
        return
    if given["baseline"] not in (None, LAST):
        # A file is read by whoever may run code.
        return
    for margin in given["margins"]:
        try:
            check_criteria(Criteria(margins=(margin,)), compared)
        except UsageError as error:
            yield f"margins.{margin[0]}", error
    try:
        check_criteria(Criteria(lower=given["lower"], higher=given["higher"]), compared)
    except UsageError as error:
        yield "lower", error


def _given(arguments: Sequence[str]) -> Given:
    """The options as the command reads them.

    Raises:
        click.ClickException: one can't be read.
    """
    from nb2svc.cli.validate import command

    return command.make_context("validate", ["notebook.ipynb", *arguments]).params


def _sets(notebook: "Notebook", given: Given) -> Sequence[object]:
    from nb2svc.validate.sets import Asked, parameter_sets

    return parameter_sets(notebook, Asked(parameters=given["parameters"], grid=given["grid"], repeat=given["repeat"]))
