"""The last validation of the notebook as evidence: it counts only for the notebook and the data that lie here."""

import ast
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nb2svc.errors import EnvironmentProblem, UsageError
from nb2svc.ir.capture import Capture
from nb2svc.ir.codec import DecodeError, from_json, to_json
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import FORMAT, RunResult, Validation
from nb2svc.readiness.inputs import AssessInputs
from nb2svc.system.digests import digest_of, file_digest

_NAME = "validation.json"
_FILE = f"validation/{_NAME}"
_FORMS = f"name a {_NAME} that nb2svc validate wrote, or its folder"
_AGAIN = "validate the notebook as it is, with its data as they are here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """A validation that counts, or why there is none."""

    validation: Validation | None
    why: str = ""


def beside(notebook: Path) -> Path:
    """Where `nb2svc validate` leaves a validation unless a person says."""
    return notebook.absolute().parent / ".nb2svc" / notebook.stem / _FILE


def beside_capture(capture: Path) -> Path:
    """Where it lies with the captured run, which may be elsewhere."""
    return capture.parent / _FILE


def read_last(*places: Path) -> Validation | None:
    """The last validation, at the first of some places where one can be read; None where there is none."""
    for place in places:
        with suppress(OSError, ValueError, DecodeError):
            return from_json(Validation, json.loads(place.read_bytes()))
    return None


def read_given(path: Path) -> Validation:
    """The validation that a person names: its file or its folder.

    Raises:
        UsageError: there is none, or it is damaged, of another version, or without a run.
        EnvironmentProblem: it can't be read.
    """
    file, where = path / _NAME if path.is_dir() else path, f"--validation {path}"
    try:
        document = json.loads(file.read_bytes())
        form = document.get("format", FORMAT) if isinstance(document, dict) else FORMAT
        if form != FORMAT:
            why = f"its form is {form!r}, and this nb2svc reads {FORMAT}"
            raise UsageError(f"{path} is of another nb2svc", where=where, why=why, fix="validate with this one")
        found = from_json(Validation, document)
    except FileNotFoundError as error:
        raise UsageError(f"there is no file {file}", where=where, fix=_FORMS) from error
    except OSError as error:
        raise EnvironmentProblem(f"{file} can't be read", where=where, why=str(error), fix=_FORMS) from error
    except (ValueError, RecursionError, DecodeError) as error:
        raise UsageError(f"{path} is no validation", where=where, why=str(error), fix=_FORMS) from error
    if all(run.status == "not_run" for run in found.runs):
        raise UsageError(f"{path} has no runs", where=where, fix=_FORMS)
    return found


def check_given(found: Validation, notebook: Notebook, *, given: Path, cwd: Path) -> None:
    """Refuse a validation that is not of this notebook, or of other files than lie in the folder that it runs in.

    Raises:
        UsageError: it is.
    """
    where = f"--validation {given}"
    if found.notebook_digest != notebook.digest:
        name = Path(found.notebook).name
        what = f"another state of {notebook.name}" if name == notebook.name else f"{name}, not of {notebook.name}"
        raise UsageError(
            f"{given} is a validation of {what}", where=where, why="what its runs said is no word of this one", fix=_AGAIN
        )
    for file in sorted({(file.path, file.sha256) for run in found.runs for file in run.inputs}):
        path, digest = file
        if (cwd / path).is_file() and file_digest(cwd / path) != digest:
            raise UsageError(f"{given} is a validation on another {path}", where=where, why="the file here differs", fix=_AGAIN)


def check_counts(found: Validation, capture: Capture, *, given: Path) -> None:
    """Refuse a validation whose runs did not do what the build's own run did.

    Raises:
        UsageError: they read other files, or all had a parameter that it had not.
    """
    other = next(_differing(found, capture), "")
    if other:
        why = "its numbers are of another model than the one that is served"
        raise UsageError(f"{given} {other}", where=f"--validation {given}", why=why, fix=_AGAIN)


def counting(inputs: AssessInputs) -> Validated:
    """The last validation where it is of this notebook and these data."""
    last = inputs.validation
    if last is None:
        return Validated(validation=None, why="the notebook was not validated")
    if last.notebook_digest != inputs.notebook.digest:
        return Validated(validation=None, why="its last validation is of another state of the notebook")
    other = next(_differing(last, inputs.capture), "") if inputs.capture else ""
    if other:
        return Validated(validation=None, why=f"its last validation {other}")
    return Validated(validation=last)


def validation_digest(validation: Validation) -> str:
    """What a validation says, without when it was made and how long it took: made again it has the same digest."""
    return digest_of(
        {
            "notebook": validation.notebook_digest,
            "runs": sorted(json.dumps(_said(run), sort_keys=True) for run in validation.runs),
            "judgement": to_json(validation.judgement),
        }
    )


def _differing(last: Validation, capture: Capture) -> Iterator[str]:
    yield from _other_data(last, capture)
    yield from _other_parameters(last, capture)


def _other_data(last: Validation, capture: Capture) -> Iterator[str]:
    """How the files that its runs read are not those of the build; code may be read in one of them only."""
    here = {file.path: file.sha256 for file in capture.inputs}
    read = {(file.path, file.sha256) for run in last.runs for file in run.inputs}
    for path, digest in sorted(read):
        if here.get(path, digest) != digest:
            yield f"read another {path}"
    known = {digest for _, digest in read}
    for file in capture.inputs:
        if file.sha256 not in known and not file.path.endswith(".py"):
            yield f"did not read {file.path}"


def _other_parameters(last: Validation, capture: Capture) -> Iterator[str]:
    """What all of its runs set to a value that the build has not: the model of no run is the one that is served."""
    built = dict(capture.parameters)
    for default in last.defaults:
        values = {run.spec.value(default.name) or default.shown for run in last.runs}
        mine = built.get(default.name, default.value)
        if all(_plain(value) != _plain(mine) for value in values) and len(values) == 1:
            yield f"had {default.name}={values.pop()}, the build {mine}"


def _plain(expression: str) -> object:
    try:
        return ast.literal_eval(expression)
    except (ValueError, SyntaxError):
        return expression


def _said(run: RunResult) -> dict[str, object]:
    return {
        "key": run.key,
        "status": run.status,
        "checks": [to_json(check) for check in run.checks],
        "metrics": [to_json(metric) for metric in run.metrics],
        "inputs": [to_json(file) for file in run.inputs],
    }
