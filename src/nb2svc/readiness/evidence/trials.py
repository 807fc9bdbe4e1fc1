"""The process that tries the project: its feature tests, its schema and its model code, in the notebook's own interpreter."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nb2svc.errors import EnvironmentProblem
from nb2svc.readiness.evidence.copies import scratch
from nb2svc.readiness.evidence.feature_tests import feature_test_request
from nb2svc.readiness.evidence.model_tests import model_test_request
from nb2svc.readiness.evidence.quality_gate import gate_request
from nb2svc.readiness.evidence.schema import schema_request
from nb2svc.readiness.evidence.simpler_models import held_out_request
from nb2svc.readiness.inputs import AssessInputs
from nb2svc.system import processes

HARNESS = Path(__file__).parent.parent / "harness"
_SECONDS = 600.0


# What is asked, by name; None where there is nothing to try.
REQUESTS: Mapping[str, Callable[[AssessInputs], dict[str, Any] | None]] = {
    "tests": feature_test_request,
    "schema": schema_request,
    "model": model_test_request,
    "gate": gate_request,
    "simpler": held_out_request,
    "segments": held_out_request,
}


def trial_requests(inputs: AssessInputs) -> dict[str, dict[str, Any]]:
    """What the harness is asked, by name, where there is something to try."""
    made = {name: make(inputs) for name, make in REQUESTS.items()}
    return {name: request for name, request in made.items() if request is not None}


def try_project(inputs: AssessInputs) -> Mapping[str, Any]:
    """The answers of the harness by the request's name; where its process gave none, `{"problem": why}`."""
    if inputs.capture is None:
        return {name: {"problem": "the notebook was not run"} for name in REQUESTS}
    requests = trial_requests(inputs)
    with scratch() as place:
        path, result, log = place / "request.json", place / "result.json", place / "log"
        document = {"project": str(inputs.project_dir), "package": inputs.package, "data": str(inputs.run_dir), **requests}
        path.write_text(json.dumps({**document, "result": str(result)}), encoding="utf-8")
        # Threads cost more than they give where each call has few rows; one hash seed, so that two builds say the same.
        threads = {name: os.environ.get(name, "1") for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
        settings = {"NB2SVC_CAPTURE": inputs.capture.folder, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
        command = [inputs.capture.interpreter, "-B", str(HARNESS), str(path)]
        try:
            processes.run(command, log=log, timeout=_SECONDS, cwd=place, env={**os.environ, **threads, **settings})
        except EnvironmentProblem:
            return {name: {"problem": "its process could not be started"} for name in requests}
        answers = json.loads(result.read_bytes()) if result.exists() else {}
        missing = {"problem": processes.tail(log, 1) or "its process gave no answer"}
    return {name: answers.get(name, missing) for name in requests}
