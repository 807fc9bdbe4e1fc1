"""What all runs of a validation say together. Pure: a function of their results."""

import math
import statistics
from collections.abc import Callable, Iterable, Sequence

from nb2svc.errors import RunError, VerdictError
from nb2svc.ir.judgement import CheckCount, MetricSummary
from nb2svc.ir.validation import CheckOutcome, MetricValue, RunResult, RunSpec, Validation

INTERRUPTED = 130
BROKEN = frozenset({"error", "timeout", "died"})


def check_counts(validation: Validation) -> tuple[CheckCount, ...]:
    """A count for each check, in the notebook's order: those of all held-out rows, then those of each segment."""
    runs = ended_runs(validation)
    names = dict.fromkeys((check.name, check.cell, check.segment) for run in runs for check in run.checks)
    return tuple(
        _check_count(name, cell, segment, [check for run in runs if (check := run.check(name, segment))])
        for name, cell, segment in sorted(names, key=lambda one: one[2] != "")
    )


def metric_summaries(validation: Validation) -> tuple[MetricSummary, ...]:
    """A summary of each metric, in the order in which runs tell them."""
    runs = ended_runs(validation)
    names = dict.fromkeys((metric.name, metric.segment) for run in runs for metric in run.metrics)
    whole = sorted(names, key=lambda one: one[1] != "")
    return tuple(_summary(name, segment, [run.metric(name, segment) for run in runs]) for name, segment in whole)


def ended_runs(validation: Validation) -> tuple[RunResult, ...]:
    """The runs that began."""
    return tuple(run for run in validation.runs if run.status != "not_run")


def exit_code(validation: Validation) -> int:
    """0 where all is well; 130 interrupted, 4 where a run did not come to its end, 1 where a check or a comparison failed.

    Also 1 where the service was to be compared and could not be: who asked for that must not read 0 as a yes.
    """
    if validation.interrupted:
        return INTERRUPTED
    if any(run.status in BROKEN for run in validation.runs):
        return RunError.exit_code
    failed = any(run.status == "failed" for run in validation.runs)
    rejected = validation.judgement is not None and validation.judgement.outcome == "fail"
    untold = any(run.service is not None and run.service.status == "not_evaluated" for run in validation.runs)
    return VerdictError.exit_code if failed or rejected or untold else 0


def finite(function: Callable[[Sequence[float]], float], values: Sequence[float]) -> float | None:
    """What a function says of numbers; None where it is too large for a number."""
    try:
        result = function(values)
    except OverflowError:
        return None
    return result if math.isfinite(result) else None


def varying(specs: Iterable[RunSpec]) -> frozenset[str]:
    """The names of the parameters that tell runs apart."""
    values: dict[str, set[str]] = {}
    seen = tuple(specs)
    for spec in seen:
        for each in spec.parameters:
            values.setdefault(each.name, set()).add(each.shown)
    everywhere = {name for name in values if all(spec.value(name) is not None for spec in seen)}
    return frozenset(name for name, found in values.items() if len(found) > 1 or name not in everywhere)


def label(spec: RunSpec, names: frozenset[str]) -> str:
    """A run in a line, by what tells it from the others: `seed=3 model='lr'`."""
    parts = [spec.case] if spec.case else []
    parts += [f"{each.name}={each.shown}" for each in spec.parameters if each.name in names]
    parts += [f"#{spec.repeat}"] if spec.repeat > 1 else []
    parts += [spec.segment] if spec.segment else []
    return " ".join(parts) or ("#1" if not names else spec.shown)


def _check_count(name: str, cell: int, segment: str, outcomes: Sequence[CheckOutcome]) -> CheckCount:
    def count(state: str) -> int:
        return sum(outcome.outcome == state for outcome in outcomes)

    return CheckCount(
        name=name,
        cell=cell,
        passed=count("pass"),
        failed=count("fail"),
        errors=count("error"),
        not_reached=count("not_reached"),
        segment=segment,
    )


def _summary(name: str, segment: str, told: Sequence[MetricValue | None]) -> MetricSummary:
    values = [metric.value for metric in told if metric is not None and metric.value is not None]
    special = sum(metric is not None and bool(metric.special) for metric in told)
    return MetricSummary(
        name=name,
        segment=segment,
        count=len(values),
        mean=finite(statistics.fmean, values) if values else None,
        spread=finite(statistics.stdev, values) if len(values) > 1 else None,
        low=min(values, default=None),
        high=max(values, default=None),
        special=special,
        missing=len(told) - len(values) - special,
    )
