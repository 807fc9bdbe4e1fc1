"""The verdict of a validation. Pure: a function of its runs, of what was declared, and of the baseline's runs.

A failed check, a broken run or a declared comparison that does not hold rejects; a margin that nobody declared only warns.
"""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from nb2svc.ir.judgement import (
    UNDECLARED,
    Baseline,
    CheckCount,
    Comparison,
    Criteria,
    JudgedCheck,
    JudgedMetric,
    Judgement,
    Outcome,
)
from nb2svc.ir.validation import Validation
from nb2svc.validate.comparing import comparisons
from nb2svc.validate.intervals import mean_interval, share_interval
from nb2svc.validate.judge import BROKEN, check_counts, ended_runs, metric_summaries
from nb2svc.validate.moves import effects


def judge(
    validation: Validation, *, criteria: Criteria = UNDECLARED, baseline: Validation | None = None, source: str = ""
) -> Judgement:
    """What the runs say together, and whether they are worse than those of the baseline, which was read at `source`."""
    checks = tuple(judged_check(count) for count in check_counts(validation))
    metrics = judged_metrics(validation)
    compared = comparisons(validation, baseline, criteria) if baseline else ()
    bad = (*_bad_runs(validation), *_bad_checks(checks), *_bad_comparisons(compared), *_unknown(criteria, compared, baseline))
    warned = tuple(_warnings(compared))
    open_ = tuple(_open(validation, checks=checks, metrics=metrics))
    outcome: Outcome = "fail" if bad else "open" if open_ else "warn" if warned else "pass"
    return Judgement(
        outcome=outcome,
        reasons=(*bad, *open_, *warned),
        checks=checks,
        metrics=metrics,
        criteria=criteria,
        baseline=_baseline(baseline, source) if baseline else None,
        comparisons=compared,
    )


def judged_check(count: CheckCount) -> JudgedCheck:
    """A check with the share of runs that it does not pass in."""
    bad = count.failed + count.errors
    return JudgedCheck(count=count, failing=share_interval(bad, bad + count.passed), flaky=bad > 0 and count.passed > 0)


def judged_metrics(validation: Validation) -> tuple[JudgedMetric, ...]:
    """Each metric with where its mean lies and what moves it."""
    runs = ended_runs(validation)
    found = []
    for summary in metric_summaries(validation):
        told = [
            (run, metric.value)
            for run in runs
            if (metric := run.metric(summary.name, summary.segment)) is not None and metric.value is not None
        ]
        parameters, note = effects(told, runs, validation.defaults)
        interval = mean_interval(sorted(value for _, value in told))
        found.append(JudgedMetric(summary=summary, interval=interval, parameters=parameters, shares_note=note))
    return tuple(found)


def metric_name(one: Comparison) -> str:
    """`auc`, or `auc [region=north]`."""
    return f"{one.metric} [{one.segment}]" if one.segment else one.metric


def failing_words(check: JudgedCheck) -> str:
    """`2 of 20 runs (10 %; 1.2 % to 32 % is likely)`."""
    count = check.count
    bad, seen = count.failed + count.errors, count.passed + count.failed + count.errors
    if check.failing is None:
        return "no run came to it"
    if bad == 0:
        return f"none of {seen} (up to {check.failing.high:.0%} is likely)"
    return f"{bad} of {seen} (between {check.failing.low:.0%} and {check.failing.high:.0%} is likely)"


def _bad_runs(validation: Validation) -> Iterator[str]:
    broken = sum(run.status in BROKEN for run in validation.runs)
    if broken:
        yield f"{broken} of {len(validation.runs)} runs did not come to their end"


def _bad_checks(checks: Sequence[JudgedCheck]) -> Iterator[str]:
    for check in checks:
        if check.count.failed or check.count.errors:
            some = ": it passes in some runs only" if check.flaky else ""
            yield f"check {check.count.name} does not pass in {failing_words(check)}{some}"


def _bad_comparisons(compared: Sequence[Comparison]) -> Iterator[str]:
    for one in compared:
        if one.declared and one.outcome != "no_worse":
            yield f"{metric_name(one)}: {one.reason}"


def _warnings(compared: Sequence[Comparison]) -> Iterator[str]:
    for one in compared:
        if not one.declared and one.outcome != "no_worse":
            yield f"{metric_name(one)}: {one.reason} (nobody declared a margin: it only warns)"


def _unknown(criteria: Criteria, compared: Sequence[Comparison], baseline: Validation | None) -> Iterator[str]:
    """A margin that nothing was compared with: a misspelt name must not pass."""
    names = {one.metric for one in compared}
    for name, _ in criteria.margins:
        if baseline is not None and name not in names:
            yield unknown_metric(name, names)


def unknown_metric(name: str, names: set[str]) -> str:
    """What is said of a margin for a metric that the baseline has not."""
    close = get_close_matches(name, sorted(names), n=1)
    told = f"; did you mean {close[0]}?" if close else f"; it has {', '.join(sorted(names)) or 'no metric'}"
    return f"the baseline has no metric {name}{told}"


def _open(validation: Validation, *, checks: Sequence[JudgedCheck], metrics: Sequence[JudgedMetric]) -> Iterator[str]:
    left = len(validation.runs) - len(ended_runs(validation))
    if left:
        yield f"{left} of {len(validation.runs)} runs were not made"
    if not checks and not metrics:
        yield "no check and no metric judged the runs"
    for check in checks:
        if check.failing is None:
            yield f"check {check.count.name}: no run came to it"


def _baseline(baseline: Validation, source: str) -> Baseline:
    return Baseline(
        source=source,
        notebook=baseline.notebook,
        notebook_digest=baseline.notebook_digest,
        began=baseline.began,
        runs=len(ended_runs(baseline)),
    )
