"""The items that this version evaluates: for each, what collects its evidence, what judges it, and what spoils it.

A row of the table is one check. Its control is the same `judge`, called with what `spoil` made of the good evidence.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from nb2svc.readiness.checks.controlled import Controlled, Trial, evaluate
from nb2svc.readiness.checks.enforced_schema import judge_schema
from nb2svc.readiness.checks.one_implementation import judge_verdict
from nb2svc.readiness.checks.outcome import Outcome
from nb2svc.readiness.checks.pinned_data import judge_input_data
from nb2svc.readiness.checks.quality_gate import judge_quality_gate
from nb2svc.readiness.checks.reproducible import judge_reproduction
from nb2svc.readiness.checks.safe_artifact import judge_artifacts
from nb2svc.readiness.checks.secrets import judge_texts
from nb2svc.readiness.checks.segments import judge_segments
from nb2svc.readiness.checks.simpler_models import judge_simpler_models
from nb2svc.readiness.checks.tested_features import judge_feature_tests
from nb2svc.readiness.checks.tested_model import judge_model_tests
from nb2svc.readiness.checks.tested_pipeline import judge_pipeline
from nb2svc.readiness.evidence.artifacts import observe_artifacts, spoil_artifacts
from nb2svc.readiness.evidence.feature_tests import observe_feature_tests, spoil_feature_tests
from nb2svc.readiness.evidence.input_data import observe_input_data, spoil_input_data
from nb2svc.readiness.evidence.model_tests import observe_model_tests, spoil_model_tests
from nb2svc.readiness.evidence.pipeline import observe_pipeline, spoil_pipeline
from nb2svc.readiness.evidence.proof import observe_proof, spoil_proof
from nb2svc.readiness.evidence.quality_gate import observe_quality_gate, spoil_quality_gate
from nb2svc.readiness.evidence.retraining import observe_reproduction, spoil_reproduction
from nb2svc.readiness.evidence.schema import observe_schema, spoil_schema
from nb2svc.readiness.evidence.segments import observe_segments, spoil_segments
from nb2svc.readiness.evidence.simpler_models import observe_simpler_models, spoil_simpler_models
from nb2svc.readiness.evidence.texts import observe_texts, spoil_texts
from nb2svc.readiness.inputs import AssessInputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluator:
    """How one item is evaluated. `subjects` names the digests its evidence is bound to; `command` repeats it by hand.

    `observe`, `judge` and `spoil` speak of one evidence type, which the table can't express: hence `Any`.
    """

    id: str
    observe: Callable[[AssessInputs], Any]
    judge: Callable[[Any], Outcome]
    spoil: Callable[[AssessInputs, Any], Iterator[Trial[Any]]]
    needed: Literal["all", "one"]
    subjects: tuple[str, ...]
    command: str

    def run(self, inputs: AssessInputs) -> Controlled:
        """Collect, judge, and try the control."""
        return evaluate(self.judge, self.observe(inputs), trials=lambda good: self.spoil(inputs, good), needed=self.needed)


EVALUATORS: tuple[Evaluator, ...] = (
    Evaluator(
        id="BIZ-05",
        observe=observe_simpler_models,
        judge=judge_simpler_models,
        spoil=spoil_simpler_models,
        needed="all",
        subjects=("notebook", "data", "features", "model", "code"),
        command="nb2svc build {notebook}",
    ),
    Evaluator(
        id="DAT-01",
        observe=observe_input_data,
        judge=judge_input_data,
        spoil=spoil_input_data,
        needed="all",
        subjects=("notebook", "data"),
        command="nb2svc build {notebook}",
    ),
    Evaluator(
        id="DAT-02",
        observe=observe_schema,
        judge=judge_schema,
        spoil=spoil_schema,
        needed="all",
        subjects=("notebook", "data", "code"),
        command="nb2svc build {notebook}",
    ),
    Evaluator(
        id="DAT-03",
        observe=observe_proof,
        judge=judge_verdict,
        spoil=spoil_proof,
        needed="one",
        subjects=("notebook", "features", "code", "model", "state"),
        command="nb2svc test {project}",
    ),
    Evaluator(
        id="DAT-04",
        observe=observe_feature_tests,
        judge=judge_feature_tests,
        spoil=spoil_feature_tests,
        needed="all",
        subjects=("notebook", "features", "state", "code"),
        command="nb2svc test {project}",
    ),
    Evaluator(
        id="OPS-02",
        observe=observe_reproduction,
        judge=judge_reproduction,
        spoil=spoil_reproduction,
        needed="one",
        subjects=("notebook", "data", "features", "code", "model"),
        command="python -m {package}.training --data DIR --out DIR",
    ),
    Evaluator(
        id="OPS-03",
        observe=observe_model_tests,
        judge=judge_model_tests,
        spoil=spoil_model_tests,
        needed="all",
        subjects=("notebook", "data", "model", "code"),
        command="nb2svc build {notebook}",
    ),
    Evaluator(
        id="OPS-04",
        observe=observe_pipeline,
        judge=judge_pipeline,
        spoil=spoil_pipeline,
        needed="all",
        subjects=("notebook", "data", "features", "model", "state", "code"),
        command="nb2svc build {notebook}",
    ),
    Evaluator(
        id="OPS-05",
        observe=observe_quality_gate,
        judge=judge_quality_gate,
        spoil=spoil_quality_gate,
        needed="one",
        subjects=("notebook", "data", "features", "code", "model", "validation"),
        command="nb2svc validate {notebook} --gate champion=FILE --margin NAME=NUMBER",
    ),
    Evaluator(
        id="GOV-03",
        observe=observe_texts,
        judge=judge_texts,
        spoil=spoil_texts,
        needed="all",
        # A secret can stand in an output, too.
        subjects=("notebook_file", "project"),
        command="nb2svc build {notebook}",
    ),
    Evaluator(
        id="GOV-04",
        observe=observe_artifacts,
        judge=judge_artifacts,
        spoil=spoil_artifacts,
        needed="all",
        subjects=("model", "state"),
        command="python -c \"from {package}._nb2svc.artifacts import load; load('{package}/artifacts')\"",
    ),
    Evaluator(
        id="GOV-07",
        observe=observe_segments,
        judge=judge_segments,
        spoil=spoil_segments,
        needed="all",
        subjects=("notebook", "data", "features", "model", "code", "validation"),
        command="nb2svc validate {notebook} --segments COLUMN",
    ),
)
