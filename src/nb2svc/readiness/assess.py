"""From what a build left to the checklist: every item, evaluated where there is evidence, `not_evaluated` where not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from math import isfinite

from nb2svc.ir.readiness import Checklist, Control, Evidence, ItemResult, Status
from nb2svc.readiness.catalogue.item import Item, Tier
from nb2svc.readiness.checks.controlled import Controlled
from nb2svc.readiness.evaluators import EVALUATORS, Evaluator
from nb2svc.readiness.evidence.digests import subjects
from nb2svc.readiness.evidence.trials import try_project
from nb2svc.readiness.inputs import AssessInputs
from nb2svc.readiness.items import ITEMS
from nb2svc.system import clock

__all__ = ["AssessInputs", "assess"]


def assess(inputs: AssessInputs, evaluators: Sequence[Evaluator] = EVALUATORS) -> Checklist:
    """All sixty-one items in the order of the seven steps.

    The result holds no time and no path of this machine, so that the same build gives the same bytes; durations go to
    `inputs.on_timing`.
    """
    if inputs.trials is None:
        inputs = replace(inputs, trials=cache(partial(try_project, inputs)))
    digests = subjects(inputs)
    by_item = {evaluator.id: evaluator for evaluator in evaluators}
    items = tuple(_assessed(item, by_item.get(item.id), inputs, digests) for item in ITEMS)
    known = inputs.capture.metrics if inputs.capture else ()
    metrics = tuple((name, value) for name, value in known if isfinite(value))
    return Checklist(items=items, service=inputs.package, notebook=inputs.notebook.name, metrics=metrics, by_hand=inputs.by_hand)


def _assessed(item: Item, evaluator: Evaluator | None, inputs: AssessInputs, digests: Mapping[str, str]) -> ItemResult:
    if evaluator is None:
        return _open(item, inputs.tier)
    begin = clock.seconds()
    controlled = evaluator.run(inputs)
    if inputs.on_timing:
        inputs.on_timing(item.id, clock.seconds() - begin)
    return _result(item, controlled, evaluator=evaluator, inputs=inputs, digests=digests)


def _open(item: Item, tier: Tier) -> ItemResult:
    """An item that nothing evaluates yet: it says what would."""
    return ItemResult(
        id=item.id,
        step=item.step,
        title=item.title,
        severity=item.severity_in(tier),
        status="not_evaluated",
        sentence=f"Not evaluated. It would take {item.proof}.",
        next_action=item.next_action,
        why=item.why,
        maps=item.maps,
    )


def _result(
    item: Item, controlled: Controlled, *, evaluator: Evaluator, inputs: AssessInputs, digests: Mapping[str, str]
) -> ItemResult:
    outcome, control = controlled.outcome, controlled.control
    result = replace(_open(item, inputs.tier), status=_status(outcome.status, control))
    names = {"notebook": inputs.notebook.name, "project": inputs.package, "package": inputs.package}
    evidence = Evidence(
        summary=outcome.sentence,
        details=(*outcome.details, *_by_hand(evaluator, inputs)),
        command=evaluator.command.format(**names),
        subjects=tuple((name, digests[name]) for name in evaluator.subjects if name in digests),
        control=control,
        files=outcome.files,
    )
    if result.status == "not_evaluated":
        sentence = f"{outcome.sentence} It would take {item.proof}."
        return replace(result, sentence=sentence, next_action=outcome.next_action or item.next_action)
    if result.status == "not_applicable":
        return replace(result, sentence=outcome.sentence, next_action="")
    if result.status == "broken":
        assert control is not None
        sentence = f"The check let through what it has to catch, so its answer counts for nothing: {control.detail}."
        action = f"Report {item.id} as a fault of nb2svc, with this line; until it is mended, check {item.id} by hand."
        return replace(result, sentence=sentence, next_action=action, evidence=evidence)
    return replace(result, sentence=outcome.sentence, next_action=outcome.next_action, evidence=evidence)


def _by_hand(evaluator: Evaluator, inputs: AssessInputs) -> tuple[tuple[str, str], ...]:
    """Evidence about code says which of it no compiler wrote."""
    about_code = {"code", "features"} & set(evaluator.subjects)
    return (("edited by hand", ", ".join(inputs.by_hand)),) if about_code and inputs.by_hand else ()


def _status(answer: Status, control: Control | None) -> Status:
    """A pass or a warning counts only with a control that fired; a failure needs none."""
    if answer in ("pass", "warn") and not (control and control.fired):
        return "broken"
    return answer
