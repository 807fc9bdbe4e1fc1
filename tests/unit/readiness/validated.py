"""A validation of the small world's notebook, at a gate."""

import hashlib
from dataclasses import replace
from pathlib import Path

from nb2svc.ir.capture import InputFile
from nb2svc.ir.judgement import Criteria
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import CheckOutcome, MetricValue, Parameter, RunResult, RunSpec, Validation
from nb2svc.validate.gate import Champion
from nb2svc.validate.verdict import judge


def make_validation(notebook: Notebook, *, margin: float = 0.02, worse: float = 0.0) -> Validation:
    """Five seeds, at the gate against a champion that was `worse` by so much less."""
    values = (0.80, 0.84, 0.79, 0.88, 0.83)
    inputs = (
        InputFile(
            path="loans.csv", sha256=hashlib.sha256(Path(notebook.path).with_name("loans.csv").read_bytes()).hexdigest(), size=1
        ),
    )

    def of(change: float) -> Validation:
        runs = []
        for seed, value in enumerate(values):
            spec = RunSpec(key=f"{seed}", parameters=(Parameter(name="seed", value=str(seed)),))
            metrics = (MetricValue(name="auc", value=value + change),)
            checks = tuple(CheckOutcome(name="good", cell=3, outcome="pass", segment=each) for each in ("", "region=north"))
            runs.append(RunResult(key=spec.key, spec=spec, status="ok", metrics=metrics, checks=checks, inputs=inputs))
        return Validation(notebook=notebook.path, notebook_digest=notebook.digest, runs=tuple(runs), segments=("region",))

    made = of(-worse)
    champion = Champion(validation=of(0.0), source="champion.json")
    return replace(made, judgement=judge(made, criteria=Criteria(margins=(("auc", margin),)), champion=champion))
