"""What BIZ-05 looks at: the served estimator and simpler ones, fitted on what the notebook's `fit` received."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from nb2svc.readiness.checks.controlled import Trial
from nb2svc.readiness.checks.simpler_models import Gain, SimplerModels
from nb2svc.readiness.inputs import AssessInputs

SECONDS = 60.0


def held_out_request(inputs: AssessInputs) -> dict[str, Any] | None:
    """What the harness is asked about the held-out rows; None where the run kept no estimator.

    `labels` are the variables that checks compare answers with: where the raw table has no column of labels, they tell them.
    """
    kept = inputs.capture.find("estimator") if inputs.capture else None
    if kept is None or kept.problem:
        return None
    labels = dict.fromkeys(read.name for account in inputs.checks for read in account.reads if read.kind == "target")
    return {"seconds": SECONDS, "labels": list(labels)}


def observe_simpler_models(inputs: AssessInputs) -> SimplerModels:
    """The gains, from the one process that tries the project."""
    answer = inputs.tried("simpler")
    if "against" not in answer:
        return SimplerModels(problem=str(answer.get("problem", "")) or "it gave no answer")
    return SimplerModels(
        measure=str(answer["measure"]),
        rows=int(answer["rows"]),
        model=float(answer["model"]),
        linear=bool(answer["linear"]),
        gains=tuple(_gain(name, each) for name, each in answer["against"].items()),
        itself=_gain("constant", answer["itself"]),
        left=tuple(str(name) for name in answer["left"]),
    )


def spoil_simpler_models(_inputs: AssessInputs, good: SimplerModels) -> Iterator[Trial[SimplerModels]]:
    """The constant answer in the model's place: it is no better than itself."""
    itself = good.itself
    if itself is None:
        yield Trial(description="the constant answer against itself", evidence=None, problem="it was not compared with itself")
        return
    evidence = replace(good, model=itself.score, gains=(itself, *(gain for gain in good.gains if gain.name != "constant")))
    yield Trial(description="the constant answer against itself", evidence=evidence)


def _gain(name: str, answer: Mapping[str, Any]) -> Gain:
    return Gain(name=name, **{key: float(answer[key]) for key in ("score", "gain", "low", "high")})
