"""What segments of held-out rows came to, as text: a line each, with its rows, metrics and checks, and where a metric is worst.

segments               rows        auc                        check good_auc
  region=coast         476 to 480  0.7411 (0.7302 to 0.752)   2 of 2 passed
  region=north         279 to 282  0.6502 (0.6401 to 0.6603)  1 of 2 passed, 1 failed
"""

from collections.abc import Iterator

from nb2svc.cli.table import section
from nb2svc.ir.judgement import CheckCount, JudgedMetric, JudgedSegment, Judgement, WorstSegment
from nb2svc.ir.validation import Validation

_METRICS = 4
_CHECKS = 4


def segment_blocks(validation: Validation, judgement: Judgement) -> Iterator[str]:
    """The blocks; none where no segments were asked for."""
    if not judgement.segments:
        return
    metrics = list(dict.fromkeys(one.summary.name for one in judgement.metrics if one.summary.segment))[:_METRICS]
    checks = list(dict.fromkeys(one.count.name for one in judgement.checks if one.count.segment))[:_CHECKS]
    rows = [_segment(one, judgement, metrics=metrics, checks=checks) for one in judgement.segments]
    yield section("segments", [("", "rows", *metrics, *(f"check {name}" for name in checks)), *rows]) + "".join(
        f"\n  {line}" for line in _notes(validation)
    )
    if judgement.worst:
        yield section("worst segments", [_worst(one) for one in judgement.worst])


def _segment(one: JudgedSegment, judgement: Judgement, *, metrics: list[str], checks: list[str]) -> tuple[str, ...]:
    told = {metric.summary.name: metric for metric in judgement.metrics if metric.summary.segment == one.segment}
    counts = {check.count.name: check.count for check in judgement.checks if check.count.segment == one.segment}
    numbers = [_number(told[name]) if name in told else "" for name in metrics]
    outcomes = [_outcomes(counts[name]) if name in counts else "" for name in checks]
    return (one.segment, rows_of(one), *numbers, *outcomes)


def rows_of(one: JudgedSegment) -> str:
    """`480`, or `476 to 480` where runs have different ones."""
    return f"{one.fewest:,}" if one.fewest == one.most else f"{one.fewest:,} to {one.most:,}"


def _number(metric: JudgedMetric) -> str:
    if metric.summary.mean is None:
        return "no number"
    less = f" in {metric.summary.count} of {metric.summary.count + missing} runs" if (missing := _missing(metric)) else ""
    if metric.interval is None:
        return f"{metric.summary.mean:.4g}{less}"
    return f"{metric.summary.mean:.4g} ({metric.interval.low:.4g} to {metric.interval.high:.4g}){less}"


def _missing(metric: JudgedMetric) -> int:
    return metric.summary.missing + metric.summary.special


def _outcomes(count: CheckCount) -> str:
    told = [f"{count.passed} of {count.runs} passed"]
    told += [f"{count.failed} failed"] if count.failed else []
    told += [f"{count.not_reached + count.errors} can't be told"] if count.not_reached + count.errors else []
    return ", ".join(told)


def _notes(validation: Validation) -> Iterator[str]:
    """Where columns were found, and which checks say the same of each segment."""
    divided = [run.segments for run in validation.runs if run.segments is not None]
    found = dict.fromkeys(pair for one in divided for pair in one.found)
    yield from (f"{column}: as in {place}" for column, place in found if place != "itself")
    untouched = dict.fromkeys(name for one in divided for name in one.untouched)
    if untouched:
        yield f"not by segment, since they read no held-out row: {', '.join(untouched)}"


def _worst(one: WorstSegment) -> tuple[str, ...]:
    if not one.runs:
        return (one.metric, "can't be told: no run has a number of each segment", "", "", "")
    whole = f"{one.whole:.4g} in all" if one.whole is not None else ""
    same = f"over the {one.runs} of {one.of} runs with a number of each segment" if one.runs < one.of else ""
    if not one.segment or one.mean is None:
        return (one.metric, f"lowest in {one.lowest}, highest in {one.highest}", whole, "which is better is not known", same)
    interval = f"between {one.interval.low:.4g} and {one.interval.high:.4g}, with 95 % confidence" if one.interval else ""
    return (one.metric, f"{one.segment}: {one.mean:.4g}", whole, interval, same)
