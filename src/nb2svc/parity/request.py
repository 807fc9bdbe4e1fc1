"""What the proof's process is asked: where the project and the captured values are, and which modes to replay.

Capture, Observation → {"project", "package", "capture", "raws": {"loans": {"file", "sha256"}}, "oracles": {…}, "tables": […], …}
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nb2svc.ir.capture import Capture, Kept, KeptKind
from nb2svc.ir.codec import to_json
from nb2svc.ir.observation import Observation

SAMPLE = 500
IN_PROCESS = (
    "predictions",
    "inputs",
    "dropped",
    "alone",
    "shuffled",
    "columns",
    "extra",
    "repeat",
    "unmutated",
    "json",
    "target",
)


def make_request(
    capture: Capture,
    observation: Observation,
    *,
    project: Path,
    package: str,
    modes: Sequence[str] = IN_PROCESS,
    sample: int | None = SAMPLE,
    twin: bool = False,
) -> dict[str, Any]:
    """The request as JSON values; `sample` is how many rows are taken alone (None for all)."""
    return {
        "version": 1,
        "project": str(project.resolve()),
        "package": package,
        "capture": capture.folder,
        "raws": _raws(capture, observation),
        "givens": {kept.label: _file(kept) for kept in capture.kept if kept.kind == "given" and kept.file},
        "estimator": _file(estimator) if (estimator := capture.find("estimator")) is not None else None,
        "oracles": _oracles(capture, observation),
        "tables": to_json(observation.tables),
        "selections": to_json(observation.selections),
        "target": observation.target,
        "passed": list(observation.passed),
        "modes": list(modes),
        "sample": sample,
        "seed": 0,
        "twin": twin,
    }


def _raws(capture: Capture, observation: Observation) -> dict[str, dict[str, str]]:
    """The captured tables; the main one with the rows of another table that the notebook predicted."""
    found = {kept.label: _file(kept) for kept in capture.kept if kept.kind == "raw" and kept.file}
    if observation.oracles.main:
        found[observation.main.name] = {"file": observation.oracles.main, "sha256": dict(observation.oracles.sha256)["main"]}
    return found


def _oracles(capture: Capture, observation: Observation) -> dict[str, dict[str, str]]:
    kinds: tuple[KeptKind, ...] = ("fit_input", "predict_input", "output")
    found = {str(kind): _file(kept) for kind in kinds if (kept := capture.find(kind)) is not None and kept.file}
    digests = dict(observation.oracles.sha256)
    names = {"fit_rows": observation.oracles.fit_rows, "predict_rows": observation.oracles.predict_rows}
    names.update(checkpoints=observation.oracles.checkpoints, dropped=observation.oracles.dropped)
    # The digests are listed by file or by field; either names the file without doubt.
    files = {name: {"file": file, "sha256": digests.get(name, digests.get(file, ""))} for name, file in names.items() if file}
    return {**found, **files}


def _file(kept: Kept) -> dict[str, str]:
    return {"file": kept.file, "sha256": kept.sha256}
