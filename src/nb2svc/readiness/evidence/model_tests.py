"""What OPS-03 looks at: new estimators of the served one's kind, fitted on few of the notebook's own rows."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from nb2svc.readiness.checks.controlled import Trial
from nb2svc.readiness.checks.tested_model import ModelTests
from nb2svc.readiness.inputs import AssessInputs

SECONDS = 20.0


def model_test_request(inputs: AssessInputs) -> dict[str, Any] | None:
    """What the harness is asked; None where the run kept no estimator."""
    kept = inputs.capture.find("estimator") if inputs.capture else None
    return {"seconds": SECONDS} if kept is not None and not kept.problem else None


def observe_model_tests(inputs: AssessInputs) -> ModelTests:
    """The four tests, from the one process that tries the project."""
    answer = inputs.tried("model")
    if "absent" in answer:
        return ModelTests(absent=str(answer["absent"]))
    if "shuffled" not in answer:
        return ModelTests(problem=str(answer.get("problem", "")) or "it gave no answer")
    names = ("kind", "toy", "same", "tiny", "shuffled", "true", "bound", "rows", "apart")
    return ModelTests(**{name: answer[name] for name in names})


def spoil_model_tests(_inputs: AssessInputs, good: ModelTests) -> Iterator[Trial[ModelTests]]:
    """Labels that were not shuffled after all: what is learned from them must stand out."""
    yield Trial(description="labels left unshuffled", evidence=replace(good, shuffled=good.true))
