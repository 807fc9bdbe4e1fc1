"""What runs say of segments together: how many rows each has, and where a metric is worst. Pure."""

import statistics
from collections.abc import Iterator, Sequence

from nb2svc.ir.judgement import Criteria, Interval, JudgedCheck, JudgedMetric, JudgedSegment, WorstSegment
from nb2svc.ir.validation import RunResult, RunSpec, Validation
from nb2svc.validate.comparing import direction
from nb2svc.validate.judge import finite
from nb2svc.validate.ranges import range_of
from nb2svc.validate.units import interval_of


def judged_segments(runs: Sequence[RunResult]) -> tuple[JudgedSegment, ...]:
    """Each segment with its rows, in the order in which runs tell them."""
    rows: dict[str, list[int]] = {}
    for run in runs:
        for one in run.segments.rows if run.segments else ():
            rows.setdefault(one.segment, []).append(one.rows)
    return tuple(
        JudgedSegment(segment=segment, runs=len(counts), fewest=min(counts), most=max(counts)) for segment, counts in rows.items()
    )


def worst_segments(runs: Sequence[RunResult], metrics: Sequence[JudgedMetric], criteria: Criteria) -> tuple[WorstSegment, ...]:
    """Of each metric that segments tell the one in which it is worst."""
    told: dict[str, list[str]] = {}
    for one in metrics:
        if one.summary.segment and one.summary.count:
            told.setdefault(one.summary.name, []).append(one.summary.segment)
    return tuple(_worst(name, segments, runs, criteria) for name, segments in told.items())


def _worst(name: str, segments: Sequence[str], runs: Sequence[RunResult], criteria: Criteria) -> WorstSegment:
    told = [run for run in runs if any(_number(run, name, segment) is not None for segment in segments)]
    # A mean of four runs and one of twelve differ by their runs, too.
    same = [run for run in told if all(_number(run, name, segment) is not None for segment in segments)]
    means = {segment: mean for segment in segments if (mean := _mean(same, name, segment)) is not None}
    # Of equal ones the first: the order of segments is that of their values.
    lowest, highest = (min(means, key=means.__getitem__), max(means, key=means.__getitem__)) if means else ("", "")
    better = direction(name, criteria)
    worst = {"higher": lowest, "lower": highest}.get(better, "")
    return WorstSegment(
        metric=name,
        better=better,
        segment=worst,
        mean=means.get(worst),
        interval=_interval(same, name, worst) if worst else None,
        whole=_mean(same, name, ""),
        lowest=lowest,
        highest=highest,
        runs=len(same),
        of=len(told),
    )


def _interval(runs: Sequence[RunResult], name: str, segment: str) -> Interval | None:
    told = _told(runs, name, segment)
    return interval_of(told, limits=range_of(name, (value for _, value in told)))


def _mean(runs: Sequence[RunResult], name: str, segment: str) -> float | None:
    values = _numbers(runs, name, segment)
    return finite(statistics.fmean, values) if values else None


def _numbers(runs: Sequence[RunResult], name: str, segment: str) -> list[float]:
    # The order of runs must not show in the last digit.
    return sorted(value for _, value in _told(runs, name, segment))


def _told(runs: Sequence[RunResult], name: str, segment: str) -> list[tuple[RunSpec, float]]:
    return [(run.spec, value) for run in runs if (value := _number(run, name, segment)) is not None]


def _number(run: RunResult, name: str, segment: str) -> float | None:
    metric = run.metric(name, segment)
    return metric.value if metric is not None else None


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
