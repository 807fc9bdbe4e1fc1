"""The last validation of the notebook as evidence: it counts only for the notebook and the data that lie here."""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nb2svc.ir.codec import DecodeError, from_json, to_json
from nb2svc.ir.validation import RunResult, Validation
from nb2svc.readiness.inputs import AssessInputs
from nb2svc.system.digests import digest_of

_FILE = "validation/validation.json"


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


def counting(inputs: AssessInputs) -> Validated:
    """The last validation where it is of this notebook and these data."""
    last = inputs.validation
    if last is None:
        return Validated(validation=None, why="the notebook was not validated")
    if last.notebook_digest != inputs.notebook.digest:
        return Validated(validation=None, why="its last validation is of another state of the notebook")
    here = {file.path: file.sha256 for file in inputs.capture.inputs} if inputs.capture else {}
    other = [file.path for run in last.runs for file in run.inputs if here.get(file.path, file.sha256) != file.sha256]
    if other:
        return Validated(validation=None, why=f"its last validation read another {other[0]}")
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


def _said(run: RunResult) -> dict[str, object]:
    return {
        "key": run.key,
        "status": run.status,
        "checks": [to_json(check) for check in run.checks],
        "metrics": [to_json(metric) for metric in run.metrics],
        "inputs": [to_json(file) for file in run.inputs],
    }
