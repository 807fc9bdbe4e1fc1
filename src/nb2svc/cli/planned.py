"""A validation that somebody is about to ask for: how many runs it would make, or what is wrong with which field of a form.

The checks are the command's own, made for each field by itself, so that a second mistake is not hidden behind the first.
"""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nb2svc.cli.failures import VERSION, error_document, usage_error
from nb2svc.errors import Nb2svcError, RefusalError, UsageError

if TYPE_CHECKING:
    from nb2svc.ir.notebook import Notebook
    from nb2svc.ir.validation import Validation
    from nb2svc.validate.sets import ParameterSet

Given = Mapping[str, Any]
# As `--baseline` has it.
LAST = "last"
# The fields that name a file or a folder.
MATRIX, BASELINE, CHAMPION, PROJECT = "matrix", "baseline", "gate.champion", "project"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """What was filled in: the arguments of each field, and where the files lie that they name.

    `place` is where the notebook lies, `last` its last validation. A file is "" where there is none; what is not in `files` can
    only be read by the command.
    """

    notebook: "Notebook"
    place: Path
    fields: Mapping[str, Sequence[str]]
    files: Mapping[str, str]
    last: "Validation | None"

    def given(self) -> Given:
        return _given([each for part in self.fields.values() for each in part])


def planned_document(
    content: bytes, path: str, *, place: str, fields: Mapping[str, Sequence[str]], files: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What would be run for the arguments of each field; nothing is run.

    `place` is where the notebook lies, which has the last validation beside it. `files` says where those lie that fields name.

    Raises:
        NotebookError: the notebook can't be read, or what was meant as a tag is misspelt.
    """
    from nb2svc.cli.choices import choices
    from nb2svc.ir.finding import refusals
    from nb2svc.read.notebook import parse_notebook

    notebook, findings = parse_notebook(content, path=path)
    if refusals(findings):
        raise RefusalError(refusals(findings), can_not="be run")
    last = last_validation(Path(place))
    form = _Form(notebook=notebook, place=Path(place), fields=fields, files=files or {}, last=last)
    wrong = dict(_wrong_alone(form)) or dict(_wrong_together(form))
    return {
        "version": VERSION,
        "findings": [],
        "error": None,
        "runs": None if wrong else _count(form),
        "wrong": [
            {"field": field, "problem": error_document(error, exit_code=error.exit_code)} for field, error in wrong.items()
        ],
        "last": _told(last) if last else None,
        "offered": choices(Path(place), path, digest=notebook.digest),
    }


def last_validation(notebook: Path) -> "Validation | None":
    """The validation that was made last in its usual place, where it can be read."""
    from nb2svc.capture.cache import validation_at
    from nb2svc.validate.folder import VALIDATION

    return _read_as_it_is(validation_at(notebook) / VALIDATION)


def _read_as_it_is(file: Path) -> "Validation | None":
    try:
        state = file.stat()
    except OSError:
        return None
    return _read(file, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4)
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


def _wrong_alone(form: _Form) -> Iterator[tuple[str, Nb2svcError]]:
    for field, arguments in form.fields.items():
        try:
            _check_there(form, field, arguments)
            _sets(form, _given(arguments))
        except click.ClickException as error:
            yield field, usage_error(error)
        except Nb2svcError as error:
            yield field, error


def _check_there(form: _Form, field: str, arguments: Sequence[str]) -> None:
    """Refuse a file that is not there, or is none."""
    place, text = form.files.get(field), arguments[-1].partition("=")[2]
    if field == MATRIX and place and Path(place).is_dir():
        raise UsageError(f"{text} is a folder, not a file of cases", where="--matrix", fix="choose the YAML file in it")
    if place != "":
        return
    beside = posixpath.join(posixpath.dirname(form.notebook.path), text)
    wish = f"did you mean {beside}? " if beside != text and (form.place.parent / text).exists() else ""
    what = f"there is no {'folder' if field == PROJECT else 'file'} {text}"
    fix = f"{wish}write its path as it is seen from the server's folder"
    raise UsageError(what, where=arguments[0].partition("=")[0], fix=fix)


def _wrong_together(form: _Form) -> Iterator[tuple[str, Nb2svcError]]:
    """What no field says by itself: too many runs, a name given twice, a margin that nothing is compared with."""
    given = form.given()
    checks = (
        ("", lambda: _sets(form, given)),
        (BASELINE, lambda: _check_last(form, given)),
        (CHAMPION, lambda: _check_champion(form, given)),
        ("service", lambda: _check_service(form, given)),
    )
    for field, check in checks:
        try:
            check()
        except Nb2svcError as error:
            yield MATRIX if not field and error.where.startswith("--matrix") else field, error
    yield from _wrong_criteria(form, given)


def _check_last(form: _Form, given: Given) -> None:
    if given["baseline"] == LAST and form.last is None:
        raise UsageError("there is no last validation", where="--baseline last", fix="validate once without it")


def _wrong_criteria(form: _Form, given: Given) -> Iterator[tuple[str, Nb2svcError]]:
    from nb2svc.ir.judgement import Criteria
    from nb2svc.validate.baseline import check_criteria

    try:
        compared = _compared(form, given)
    except Nb2svcError as error:
        yield BASELINE, error
        return
    if compared is None and given["baseline"] is not None:
        # There is none, which is told; or only whoever may run code can read it.
        return
    for margin in given["margins"]:
        try:
            check_criteria(Criteria(margins=(margin,)), compared, gated=bool(given["gate"]))
        except UsageError as error:
            yield f"margins.{margin[0]}", error
    try:
        check_criteria(Criteria(lower=given["lower"], higher=given["higher"]), compared)
    except UsageError as error:
        yield "lower", error


def _compared(form: _Form, given: Given) -> "Validation | None":
    if given["baseline"] == LAST:
        return form.last
    return _kept(form, BASELINE, given["baseline"]) if given["baseline"] else None


def _kept(form: _Form, field: str, text: str, *, option: str = "--baseline ") -> "Validation | None":
    """The validation in a file that a field names; None where only the command can read it."""
    from nb2svc.validate.baseline import read_baseline
    from nb2svc.validate.folder import VALIDATION
    from nb2svc.validate.judge import ended_runs
    from nb2svc.validate.output import output_at

    place = form.files.get(field)
    if not place:
        return None
    file = Path(place) / VALIDATION if Path(place).is_dir() else Path(place)
    found = _read_as_it_is(file)
    # Read again to say what is wrong with it.
    return (
        found if found and ended_runs(found) else read_baseline(text, output=output_at(str(file.parent)), option=option, at=file)
    )


def _check_champion(form: _Form, given: Given) -> None:
    if not given["gate"] and not given["other_data"]:
        return
    from nb2svc.analysis.dataflow import build_dataflow
    from nb2svc.ir.judgement import Criteria
    from nb2svc.validate.champion import OPTION, champion_source, check_champion
    from nb2svc.validate.declared import declared, together

    said = Criteria(margins=given["margins"], lower=given["lower"], higher=given["higher"])
    criteria = together(said, declared(form.notebook, build_dataflow(form.notebook)))
    source = champion_source(given["gate"], criteria, other=given["other_data"])
    champion = _kept(form, CHAMPION, source, option=OPTION)
    if champion is not None:
        # Which files it read is compared by the command, before its first run: that reads all of them.
        check_champion(champion, criteria)


def _check_service(form: _Form, given: Given) -> None:
    from nb2svc.cli.service_options import check_project
    from nb2svc.validate.keys import run_specs
    from nb2svc.validate.service.wanted import service_tasks
    from nb2svc.validate.sets import default_parameters

    check_project(given["project"], service=given["service"])
    if not given["service"] or (given["project"] and not form.files.get(PROJECT)):
        return
    try:
        sets = _sets(form, given)
    except UsageError:
        return  # which is told
    defaults = default_parameters(form.notebook)
    project = Path(form.files[PROJECT]) if given["project"] else None
    specs = run_specs(form.notebook, sets, defaults=defaults, kernel="")
    service_tasks(form.notebook, specs, defaults=defaults, project=project, beside=form.place)


def _given(arguments: Sequence[str]) -> Given:
    """The options as the command reads them.

    Raises:
        click.ClickException: one can't be read.
    """
    from nb2svc.cli.validate import command

    return command.make_context("validate", ["notebook.ipynb", *arguments]).params


def _sets(form: _Form, given: Given) -> "Sequence[ParameterSet]":
    from nb2svc.system.files import read_bytes
    from nb2svc.validate.sets import Asked, parameter_sets

    place = form.files.get(MATRIX) if given["matrix"] else None
    asked = Asked(
        parameters=given["parameters"],
        grid=given["grid"],
        matrix=read_bytes(Path(place), what="file of cases") if place else None,
        matrix_file=given["matrix"].name if place else "",
        repeat=given["repeat"],
    )
    return parameter_sets(form.notebook, asked)


def _count(form: _Form) -> int | None:
    """How many runs that makes; None where a file of cases can only be read by the command. Of equal cases one is run."""
    from nb2svc.validate.keys import run_specs

    given = form.given()
    if given["matrix"] and not form.files.get(MATRIX):
        return None
    sets = _sets(form, given)
    return len(run_specs(form.notebook, sets, defaults=(), kernel="")) if given["matrix"] else len(sets)
