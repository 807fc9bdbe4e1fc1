"""What runs say of segments together: how many rows each has, and where a metric is worst. Pure."""

from collections.abc import Iterator, Sequence

from nb2svc.ir.judgement import Criteria, JudgedCheck, JudgedMetric, JudgedSegment, WorstSegment
from nb2svc.ir.validation import RunResult, Validation
from nb2svc.validate.comparing import direction


def judged_segments(runs: Sequence[RunResult]) -> tuple[JudgedSegment, ...]:
    """Each segment with its rows, in the order in which runs tell them."""
    rows: dict[str, list[int]] = {}
    for run in runs:
        for one in run.segments.rows if run.segments else ():
            rows.setdefault(one.segment, []).append(one.rows)
    return tuple(
        JudgedSegment(segment=segment, runs=len(counts), fewest=min(counts), most=max(counts)) for segment, counts in rows.items()
    )


def worst_segments(metrics: Sequence[JudgedMetric], criteria: Criteria) -> tuple[WorstSegment, ...]:
    """Of each metric that segments tell the one in which it is worst."""
    whole = {metric.summary.name: metric.summary.mean for metric in metrics if not metric.summary.segment}
    found: dict[str, list[tuple[float, JudgedMetric]]] = {}
    for metric in metrics:
        if metric.summary.segment and metric.summary.mean is not None:
            found.setdefault(metric.summary.name, []).append((metric.summary.mean, metric))
    return tuple(_worst(name, told, criteria, whole=whole.get(name)) for name, told in found.items())


def _worst(name: str, told: Sequence[tuple[float, JudgedMetric]], criteria: Criteria, *, whole: float | None) -> WorstSegment:
    better = direction(name, criteria)
    # Of equal ones the first: the order of segments is that of their values.
    lowest, highest = min(told, key=lambda one: one[0])[1], max(told, key=lambda one: one[0])[1]
    worst = {"higher": lowest, "lower": highest}.get(better)
    return WorstSegment(
        metric=name,
        better=better,
        segment=worst.summary.segment if worst else "",
        mean=worst.summary.mean if worst else None,
        interval=worst.interval if worst else None,
        whole=whole,
        lowest=lowest.summary.segment,
        highest=highest.summary.segment,
    )


def failed_only_in(run: RunResult) -> str:
    """The segments that failed a run whose checks hold over all rows: `region=north and 2 more`; "" where that is not why."""
    failed = dict.fromkeys(check.segment for check in run.checks if check.outcome == "fail")
    if run.status != "failed" or not failed or "" in failed:
        return ""
    first, *others = failed
    return f"{first} and {len(others)} more" if others else first


def untold(validation: Validation, checks: Sequence[JudgedCheck]) -> Iterator[str]:
    """What can't be told of segments, and why."""
    problems = [run.segments.problem for run in validation.runs if run.segments is not None and run.segments.problem is not None]
    if problems:
        yield f"the held-out rows of {len(problems)} of {len(validation.runs)} runs can't be divided: {problems[0].what}"
    for check in checks:
        if check.count.segment and check.failing is None:
            yield f"check {check.count.name} [{check.count.segment}]: {_reason(validation, check)}"


def _reason(validation: Validation, check: JudgedCheck) -> str:
    told = (run.check(check.count.name, check.count.segment) for run in validation.runs)
    return next((one.message for one in told if one is not None and one.message), "no run came to it")
