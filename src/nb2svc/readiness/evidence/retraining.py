"""What OPS-02 looks at: the clean run, the second training, and a training of a copy that must give another model."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from nb2svc.errors import Nb2svcError
from nb2svc.ir.capture import EXECUTED_PAGE
from nb2svc.ir.validation import RunResult
from nb2svc.readiness.checks.controlled import Trial
from nb2svc.readiness.checks.reproducible import Repeats, Reproduction
from nb2svc.readiness.evidence.copies import mutated_copy
from nb2svc.readiness.evidence.digests import file_digest
from nb2svc.readiness.evidence.validations import counting, validation_digest
from nb2svc.readiness.inputs import AssessInputs, Prover
from nb2svc.readiness.mutants.mutant import Mutant
from nb2svc.readiness.mutants.training import halved, unseeded


def observe_reproduction(inputs: AssessInputs) -> Reproduction:
    """The run, the comparison of the second training, and how the author's file had been executed."""
    ran = inputs.capture.cells if inputs.capture else ()
    return Reproduction(
        captured=inputs.capture.digest if inputs.capture else "",
        cells=len(ran) if ran else len(inputs.notebook.cells),
        changed=tuple(cell.title for cell in inputs.notebook.cells if ran and cell.digest not in ran),
        order=tuple(cell.execution_count for cell in inputs.notebook.cells),
        unused=_unused(inputs),
        retrain=inputs.verdict.mode("retrain") if inputs.verdict and inputs.retrain else None,
        reason="" if inputs.retrain else "it was switched off",
        page=_page(inputs),
        validated=_repeats(inputs),
    )


def _repeats(inputs: AssessInputs) -> Repeats | None:
    """What the last validation adds, where it counts."""
    validation = counting(inputs).validation
    if validation is None:
        return None
    whole = [run for run in validation.runs if run.status in ("ok", "failed")]
    sets: dict[tuple[object, ...], list[RunResult]] = {}
    for run in whole:
        sets.setdefault((run.spec.parameters, run.spec.segment), []).append(run)
    repeated = [runs for runs in sets.values() if len(runs) > 1]
    return Repeats(
        digest=validation_digest(validation),
        runs=len(validation.runs),
        whole=len(whole),
        sets=len(repeated),
        apart=tuple(told for runs in repeated if (told := _apart(runs))),
    )


def _apart(runs: Sequence[RunResult]) -> str:
    """The first that differs among runs of one set: `auc 0.81 to 0.83 with seed=1`; "" where all are equal."""
    given = " ".join(f"{each.name}={each.shown}" for each in runs[0].spec.parameters) or "the notebook's own values"
    for one in runs[0].metrics:
        told = [run.metric(one.name, one.segment) for run in runs]
        numbers = [each.value for each in told if each is not None and each.value is not None]
        if len(numbers) not in (0, len(runs)):
            return f"{one.name} is a number in {len(numbers)} of {len(runs)} runs with {given}"
        if numbers and not math.isclose(min(numbers), max(numbers), rel_tol=1e-9):
            return f"{one.name} {min(numbers):.4g} to {max(numbers):.4g} with {given}"
    for check in runs[0].checks:
        if any((other := run.check(check.name, check.segment)) is None or other.outcome != check.outcome for run in runs):
            return f"check {check.name} with {given}"
    return ""


def _page(inputs: AssessInputs) -> tuple[str, str] | None:
    """The run's page where it is still the one that the run left: a run can be older than this build."""
    if inputs.capture is None or not inputs.capture.page:
        return None
    path = Path(inputs.capture.folder).resolve() / EXECUTED_PAGE
    if not path.is_file() or file_digest(path) != inputs.capture.page:
        return None
    shown = path.relative_to(inputs.notebook_dir).as_posix() if path.is_relative_to(inputs.notebook_dir) else path.name
    return shown, inputs.capture.page


def spoil_reproduction(inputs: AssessInputs, good: Reproduction) -> Iterator[Trial[Reproduction]]:
    """Copies whose training code lost its seeds, then half of its rows, each trained again and compared."""
    if inputs.retrain_copy is None:
        problem = "nothing was there to train a copy with"
        yield Trial(description="seeds removed in a copy", evidence=None, problem=problem)
        return
    for mutant in _mutants(inputs):
        yield _trained(inputs, good, mutant, inputs.retrain_copy)


def _mutants(inputs: AssessInputs) -> Iterator[Mutant]:
    """A seeded split can stand in training.py or in a step of features.py; the fit always stands in training.py."""
    for module in ("training", "features"):
        yield from unseeded(*_module(inputs, module))
    yield from halved(*_module(inputs, "training"))


def _module(inputs: AssessInputs, name: str) -> tuple[str, str]:
    """A generated module's path in the project and its text, "" where there is none."""
    path = inputs.package_dir / f"{name}.py"
    return f"{inputs.package}/{name}.py", path.read_text(encoding="utf-8") if path.is_file() else ""


def _trained(inputs: AssessInputs, good: Reproduction, mutant: Mutant, retrain: Prover) -> Trial[Reproduction]:
    with mutated_copy(inputs.project_dir, mutant) as copy:
        try:
            mode = retrain(copy).mode("retrain")
        except Nb2svcError as error:
            return Trial(description=mutant.description, evidence=None, problem=f"the copy did not train: {error.what}")
    if mode is None or not mode.compared:
        return Trial(description=mutant.description, evidence=None, problem="the copy trained no model to compare")
    return Trial(description=mutant.description, evidence=replace(good, retrain=mode), noisy=True)


def _unused(inputs: AssessInputs) -> tuple[str, ...]:
    """Cells none of whose statements the service, training or a check needs; nothing is said where slices are unknown."""
    if inputs.dataflow is None or inputs.outline is None:
        return ()
    outline = inputs.outline
    needed = {number for number, _ in outline.parts}.union(outline.serving.statements, outline.training.statements)
    for check in outline.checks:
        needed.update(check.statements, check.slice.statements)
    cells = {statement.span.cell for statement in inputs.dataflow.statements if statement.number in needed}
    return tuple(cell.title for cell in inputs.notebook.cells if cell.number not in cells and cell.code.strip())
