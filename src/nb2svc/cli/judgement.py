"""What a validation's judgement prints: how sure its numbers are, what moves them, what it is compared with, and the verdict.

how sure        auc  mean 0.8911  between 0.8786 and 0.9036 is likely
                good_auc  fails in 2 of 20 (between 1% and 32% is likely)  flaky
what moves auc  model  81%  'gb' 0.905, 'lr' 0.877
verdict: fail   check good_auc does not pass in 2 of 20 (between 1% and 32% is likely): it passes in some runs only
"""

from collections.abc import Iterator

from nb2svc.cli.table import section
from nb2svc.ir.judgement import Comparison, Gated, JudgedMetric, Judgement, ParameterEffect
from nb2svc.validate.checking import failing_words
from nb2svc.validate.compared import metric_name

_LEVELS = 6
_OUTCOMES = {"no_worse": "no worse", "worse": "worse", "open": "can't be told"}
_GATES = {"pass": "open", "warn": "open, with a warning", "fail": "closed", "open": "can't be told"}
_VERDICTS = {"pass": "pass", "warn": "pass, with a warning", "fail": "fail", "open": "can't be told"}


def judgement_blocks(judgement: Judgement) -> Iterator[str]:
    """What it stands on, a block each; those that have nothing to say are empty."""
    yield section("how sure that is", list(_sure(judgement)))
    for metric in judgement.metrics:
        # What moves it in each segment would be many tables of few rows.
        yield "" if metric.summary.segment else _moves(metric)
    if judgement.baseline is not None:
        base = judgement.baseline
        title = (
            f"compared with {base.source}, {base.runs} run{'s' if base.runs != 1 else ''} of {base.began[:16] or 'no known time'}"
        )
        yield section(title, [_comparison(one) for one in judgement.comparisons])
    if judgement.gate is not None:
        yield _gate(judgement.gate)


def verdict_block(judgement: Judgement) -> str:
    """The verdict in a line, and why below it."""
    return "\n".join([f"verdict: {_VERDICTS[judgement.outcome]}", *(f"  {reason}" for reason in judgement.reasons)])


def _sure(judgement: Judgement) -> Iterator[tuple[str, ...]]:
    for metric in judgement.metrics:
        if metric.interval is not None and not metric.summary.segment:
            between = f"{metric.interval.low:.4g} and {metric.interval.high:.4g}"
            note = f"; {metric.interval_note}" if metric.interval_note else ""
            yield _title(metric), f"its mean lies between {between}, with 95 % confidence{note}"
        elif metric.interval_note and not metric.summary.segment:
            yield _title(metric), metric.interval_note
    for check in judgement.checks:
        if check.failing is not None and not check.count.segment:
            why = " - flaky" if check.flaky else f" - it {check.depends}" if check.depends else ""
            yield check.count.name, f"fails in {failing_words(check)}{why}"


def _moves(metric: JudgedMetric) -> str:
    if not metric.parameters or metric.summary.mean is None:
        return ""
    rows = [(effect.parameter, _share(effect), _levels(effect)) for effect in metric.parameters]
    note = f"\n  no shares: {metric.shares_note}" if metric.shares_note else ""
    return section(f"what moves {_title(metric)}", rows) + note


def _gate(gate: Gated) -> str:
    base = gate.champion
    title = (
        f"gate: against the {gate.name} {base.source}, {base.runs} run{'s' if base.runs != 1 else ''} of"
        f" {base.began[:16] or 'no known time'}: {_GATES[gate.outcome]}"
    )
    told = section(title, [_comparison(one) for one in gate.comparisons]) or title
    told += f"\n  other parameters: {'; '.join(gate.parameters)}" if gate.parameters else ""
    return told + (f"\n  on other data, as was said: {'; '.join(gate.other_data)}" if gate.data_stated else "")


def _title(metric: JudgedMetric) -> str:
    summary = metric.summary
    return f"{summary.name} [{summary.segment}]" if summary.segment else summary.name


def _share(effect: ParameterEffect) -> str:
    return f"{effect.share:.0%} of its variance" if effect.share is not None else ""


def _levels(effect: ParameterEffect) -> str:
    told = [f"{level.value}: {level.mean:.4g}" for level in effect.levels[:_LEVELS] if level.mean is not None]
    more = [f"… {len(effect.levels) - _LEVELS} more"] if len(effect.levels) > _LEVELS else []
    return "  ".join(told + more)


def _comparison(one: Comparison) -> tuple[str, ...]:
    better = {"higher": "higher is better", "lower": "lower is better", "unknown": "direction unknown"}[one.better]
    runs = f"{one.count} pairs" if one.paired else f"{one.count} runs, {one.baseline_count} before, not paired"
    by = f" ({one.declared_in})" if one.declared_in else "" if one.declared else " (nobody declared it)"
    margin = f"margin {one.margin:.4g}{by}"
    now = "-" if one.mean is None else f"{one.mean:.4g}"
    before = "-" if one.baseline_mean is None else f"{one.baseline_mean:.4g}"
    return (metric_name(one), _OUTCOMES[one.outcome], f"{now}, was {before}", better, _most(one.worse_by), margin, runs)


def _most(worse_by: float | None) -> str:
    if worse_by is None:
        return ""
    return f"at most {worse_by:.4g} worse" if worse_by > 0 else f"at least {-worse_by:.4g} better" if worse_by < 0 else "equal"
