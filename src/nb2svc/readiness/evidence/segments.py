"""What GOV-07 looks at: the checks by segment of the last validation, and where the model's errors on held-out rows lie."""

from collections.abc import Iterator
from dataclasses import replace

from nb2svc.ir.judgement import Judgement, WorstSegment
from nb2svc.ir.validation import Validation
from nb2svc.readiness.checks.controlled import Trial
from nb2svc.readiness.checks.segments import FoundSegment, SegmentCheck, Segments
from nb2svc.readiness.evidence.validations import counting
from nb2svc.readiness.inputs import AssessInputs


def observe_segments(inputs: AssessInputs) -> Segments:
    """What somebody named, and what was found."""
    return _with_found(inputs, _declared(inputs))


def spoil_segments(_inputs: AssessInputs, good: Segments) -> Iterator[Trial[Segments]]:
    """A segment in which a check does not hold; where none was named, one that was."""
    first = good.declared[0] if good.declared else SegmentCheck(
        check="floor", segment="a=b", passed=1, failed=0, unknown=0, fewest=20
    )  # fmt: skip
    below = replace(first, passed=0, failed=max(1, first.passed + first.unknown))
    yield Trial(description="a check that fails in a segment", evidence=replace(good, declared=(below, *good.declared[1:])))


def _declared(inputs: AssessInputs) -> Segments:
    last = counting(inputs)
    validation = last.validation
    if validation is None or validation.judgement is None:
        return Segments(undeclared=last.why or "its last validation has no verdict")
    if not validation.segments:
        return Segments(undeclared="its last validation named no segments")
    problem = next((run.segments.problem for run in validation.runs if run.segments and run.segments.problem), None)
    declared = tuple(_checks(validation, validation.judgement))
    why = problem.what if problem else "" if any(one.passed or one.failed for one in declared) else "no check reads held-out rows"
    worst = tuple(_worst(one) for one in validation.judgement.worst if one.segment)
    return Segments(declared=declared, worst=worst, undeclared=why)


def _checks(validation: Validation, judgement: Judgement) -> Iterator[SegmentCheck]:
    untouched = {name for run in validation.runs if run.segments for name in run.segments.untouched}
    rows = {one.segment: one.fewest for one in judgement.segments}
    for check in judgement.checks:
        count = check.count
        if count.segment and count.name not in untouched:
            yield SegmentCheck(
                check=count.name,
                segment=count.segment,
                passed=count.passed,
                failed=count.failed,
                unknown=count.errors + count.not_reached,
                fewest=rows.get(count.segment, 0),
            )


def _worst(one: WorstSegment) -> str:
    mean = "no number" if one.mean is None else f"{one.mean:.4g}"
    between = f" ({one.interval.low:.4g} to {one.interval.high:.4g} is likely)" if one.interval else ""
    whole = f", {one.whole:.4g} on all rows" if one.whole is not None else ""
    same = f", over {one.runs} of {one.of} runs" if one.runs < one.of else ""
    return f"{one.metric} {mean}{between} in {one.segment}{whole}{same}"


def _with_found(inputs: AssessInputs, declared: Segments) -> Segments:
    answer = inputs.tried("segments")
    if "tries" not in answer:
        return replace(declared, unsearched=str(answer.get("problem", "")) or "it gave no answer")
    worst = answer["worst"]
    return replace(
        declared,
        found=FoundSegment(**worst) if worst else None,
        random=int(answer["random"]),
        tries=int(answer["tries"]),
        kind=str(answer["kind"]),
        searched=int(answer["rows"]),
    )
