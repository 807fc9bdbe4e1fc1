"""What OPS-05 looks at: the checks on models that learned nothing, and what a validation says against the model in service."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from nb2svc.ir.checks import CheckAccount
from nb2svc.ir.judgement import Judgement
from nb2svc.readiness.checks.controlled import Trial
from nb2svc.readiness.checks.quality_gate import QualityGate, Statuses
from nb2svc.readiness.evidence.validations import counting
from nb2svc.readiness.inputs import AssessInputs
from nb2svc.readiness.mutants.training import shuffled

SECONDS = 240.0
_CHECKS = "test_checks.py"
_SHUFFLED = "__nb2svc_shuffled__"
# What a check reads of the model.
_ANSWERS = frozenset({"answer", "made_of_answer", "model"})


def gate_request(inputs: AssessInputs) -> dict[str, Any] | None:
    """What the harness is asked; None where there is no check, or nothing that is trained with labels."""
    checks, training = inputs.project_dir / "tests" / _CHECKS, _training(inputs)
    if not inputs.retrain or not checks.is_file() or not training:
        return None
    files = {_CHECKS: checks.read_text(encoding="utf-8")}
    return {"files": files, "training": training, "seconds": SECONDS}


def observe_quality_gate(inputs: AssessInputs) -> QualityGate:
    """The checks as they were tried, and the last validation's word."""
    problem = _untried(inputs)
    if problem:
        return QualityGate(problem=problem)
    answer = inputs.tried("gate")
    if not answer.get("shuffled"):
        return QualityGate(problem=_mended(str(answer.get("problem", ""))))
    certain = tuple(_test_name(account) for account in inputs.checks if _is_floor(account))
    gate = QualityGate(
        checks=_statuses(answer["checks"]),
        shuffled=tuple(_statuses(each) for each in answer["shuffled"]),
        certain=tuple(name for name in certain if name in dict(_statuses(answer["checks"]))),
    )
    return _with_validation(inputs, gate)


def spoil_quality_gate(_inputs: AssessInputs, good: QualityGate) -> Iterator[Trial[QualityGate]]:
    """Models that learned nothing, in the model's place; a lucky one may pass, and then the next has its turn."""
    for number, statuses in enumerate(good.shuffled, start=1):
        yield Trial(
            description=f"a model trained on shuffled labels ({number})", evidence=replace(good, checks=statuses, shuffled=())
        )


def _untried(inputs: AssessInputs) -> str:
    if not (inputs.project_dir / "tests" / _CHECKS).is_file():
        return "the notebook has no check cell"
    if not inputs.retrain:
        return "training was switched off, so no model could be trained on shuffled labels"
    return "" if _training(inputs) else "training.py fits nothing with labels that could be shuffled"


def _training(inputs: AssessInputs) -> str:
    path = inputs.package_dir / "training.py"
    source = path.read_text(encoding="utf-8") if path.is_file() else ""
    return next((mutant.source for mutant in shuffled(path.name, source, call=_SHUFFLED)), "")


def _mended(problem: str) -> str:
    return f"training on shuffled labels did not end well ({problem or 'it gave no answer'})"


def _statuses(answer: Any) -> Statuses:
    return tuple((str(each["name"]).removeprefix("test_"), str(each["status"])) for each in answer)


def _is_floor(account: CheckAccount) -> bool:
    kinds = {read.kind for read in account.reads}
    return "target" in kinds and bool(kinds & _ANSWERS)


def _test_name(account: CheckAccount) -> str:
    """As the generated test is called."""
    return re.sub(r"\W+", "_", account.name).strip("_").lower() or f"cell_{account.cell}"


def _with_validation(inputs: AssessInputs, gate: QualityGate) -> QualityGate:
    found = counting(inputs)
    judgement = found.validation.judgement if found.validation else None
    if judgement is None:
        return replace(gate, uncompared=found.why or "its last validation has no verdict")
    return _against_champion(gate, judgement) if judgement.gate else _against_baseline(gate, judgement)


def _against_champion(gate: QualityGate, judgement: Judgement) -> QualityGate:
    said = judgement.gate
    assert said is not None
    margins = tuple(one.metric for one in said.comparisons if one.declared)
    # What nobody declared a margin for only warns: by the declared ones the gate is open.
    compared = "pass" if said.outcome == "warn" and margins else said.outcome
    service = f"the {said.name} {said.champion.source}"
    return replace(gate, compared=compared, service=service, margins=margins, reasons=said.reasons)


def _against_baseline(gate: QualityGate, judgement: Judgement) -> QualityGate:
    """A baseline counts where somebody declared how much worse may be."""
    declared = [one for one in judgement.comparisons if one.declared]
    if judgement.baseline is None or not declared:
        return replace(gate, uncompared="its last validation has no gate")
    bad = tuple(f"{one.metric}: {one.reason}" for one in declared if one.outcome != "no_worse")
    service = f"the baseline {judgement.baseline.source}"
    margins = tuple(one.metric for one in declared)
    return replace(gate, compared="fail" if bad else "pass", service=service, margins=margins, reasons=bad)
