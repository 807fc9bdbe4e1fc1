"""The verdict of a validation. Pure: a function of its runs, of what was declared, and of the baseline's runs.

A failed check, a broken run or a declared comparison that does not hold rejects; a margin that nobody declared only warns.
"""

from collections.abc import Collection, Iterator, Sequence

from nb2svc.ir.judgement import UNDECLARED, Comparison, Criteria, Gated, JudgedCheck, JudgedMetric, Judgement, Outcome
from nb2svc.ir.validation import Validation
from nb2svc.validate.checking import check_name, failing_words, judged_check
from nb2svc.validate.compared import (
    compared_with,
    doubtful,
    new_metrics,
    nothing_compared,
    on_command_line,
    rejected,
    uncompared,
    undirected,
)
from nb2svc.validate.comparing import comparisons
from nb2svc.validate.gate import Champion, differing_data, judge_gate
from nb2svc.validate.judge import BROKEN, check_counts, ended_runs, metric_summaries
from nb2svc.validate.moves import effects
from nb2svc.validate.ranges import cut_note, range_of, within
from nb2svc.validate.segments.judging import judged_segments, untold, worst_segments
from nb2svc.validate.service.outcome import services_said
from nb2svc.validate.units import interval_of, sample_note


def judge(
    validation: Validation,
    *,
    criteria: Criteria = UNDECLARED,
    baseline: Validation | None = None,
    source: str = "",
    champion: Champion | None = None,
    idle: Collection[str] = (),
) -> Judgement:
    """What the runs say together, and whether they are worse than those of the baseline, which was read at `source`.

    Where there is a champion, the gate has to let them pass, too. `idle` are checks that can't fail: their passes judge nothing.
    """
    runs = ended_runs(validation)
    checks = tuple(judged_check(count, runs, validation.defaults) for count in check_counts(validation))
    metrics = judged_metrics(validation)
    compared = comparisons(validation, baseline, criteria) if baseline else ()
    unmet = uncompared(on_command_line(criteria), compared, of="the baseline") if baseline else ()
    gate = judge_gate(validation, champion, criteria) if champion else None
    bad = (
        *_bad_runs(validation),
        *_bad_checks(checks),
        *services_said(validation, "fail"),
        *rejected(compared),
        *unmet,
        *_gate(gate, "fail"),
    )
    # A tag's metric is told, and new to a baseline that has it not: the next one will have it.
    new = tuple(new_metrics(criteria, compared)) if baseline else ()
    unlike = _unlike(validation, baseline, compared) if baseline else ()
    names = {each.summary.name for each in metrics} | {one.metric for one in compared}
    unsaid = (*_idle(checks, idle), *_numberless(metrics), *undirected(criteria, names), *unlike)
    warned = (*services_said(validation, "warn"), *unsaid, *doubtful(compared), *new, *_gate(gate, "warn"))
    asserting = [check for check in checks if check.count.name not in idle]
    open_ = tuple(_open(validation, checks=checks, judges=bool(asserting or metrics)))
    outcome: Outcome = "fail" if bad else "open" if open_ else "warn" if warned else "pass"
    return Judgement(
        outcome=outcome,
        reasons=(*bad, *open_, *warned),
        checks=checks,
        metrics=metrics,
        criteria=criteria,
        baseline=compared_with(baseline, source) if baseline else None,
        comparisons=compared,
        gate=gate,
        segments=judged_segments(runs),
        worst=worst_segments(runs, metrics, criteria),
    )


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
        limits = range_of(summary.name, (value for _, value in told))
        parameters, note = effects(told, runs, validation.defaults, limits=limits)
        by_spec = [(run.spec, value) for run, value in told]
        interval = interval_of(by_spec)
        notes = (sample_note(by_spec), cut_note(interval, limits) if interval else "")
        found.append(
            JudgedMetric(
                summary=summary,
                interval=within(interval, limits) if interval else None,
                parameters=parameters,
                shares_note=note,
                interval_note="; ".join(note for note in notes if note),
            )
        )
    return tuple(found)


def _bad_runs(validation: Validation) -> Iterator[str]:
    broken = sum(run.status in BROKEN for run in validation.runs)
    if broken:
        yield f"{broken} of {len(validation.runs)} runs did not come to their end"


def _bad_checks(checks: Sequence[JudgedCheck]) -> Iterator[str]:
    for check in checks:
        if check.count.failed or check.count.errors:
            some = ": it passes in some runs only" if check.flaky else f": it {check.depends}" if check.depends else ""
            yield f"check {check_name(check)} does not pass in {failing_words(check)}{some}"


def _unlike(validation: Validation, baseline: Validation, compared: Sequence[Comparison]) -> Iterator[str]:
    """What a comparison with the baseline says less for than it seems to."""
    told, before = ({summary.name for summary in metric_summaries(each)} for each in (validation, baseline))
    yield from nothing_compared(compared, told=told, before=before)
    known = any(run.inputs for run in baseline.runs)
    other = differing_data(validation, baseline, one="this validation", other="the baseline") if known else ()
    if other:
        yield f"the baseline is of other data ({'; '.join(other)}): that may be the whole difference"


def _idle(checks: Sequence[JudgedCheck], idle: Collection[str]) -> Iterator[str]:
    """Checks that assert nothing: they passed whatever the model did."""
    for check in checks:
        if check.count.name in idle and not check.count.segment:
            yield f"check {check.count.name} asserts nothing, so it can't fail: say what must hold, as in `assert auc > 0.7`"


def _numberless(metrics: Sequence[JudgedMetric]) -> Iterator[str]:
    """A slip in a name, or a metric that is not a number: it reads like one that was looked at."""
    for each in metrics:
        if each.summary.mean is None and not each.summary.segment:
            why = "it is not finite" if each.summary.special else "is that its name where its cell ends?"
            yield f"metric {each.summary.name} has no number in any run: {why}"


def _gate(gate: Gated | None, outcome: Outcome) -> Iterator[str]:
    """Why the gate is closed, or what it warns of."""
    if gate is not None and gate.outcome == outcome:
        yield from (f"gate, against the {gate.name}: {reason}" for reason in gate.reasons)


def _open(validation: Validation, *, checks: Sequence[JudgedCheck], judges: bool) -> Iterator[str]:
    left = len(validation.runs) - len(ended_runs(validation))
    if left:
        yield f"{left} of {len(validation.runs)} runs were not made"
    yield from services_said(validation, "not_evaluated")
    if not judges and not any(run.service is not None and run.service.compared for run in validation.runs):
        yield "no check and no metric judged the runs"
    for check in checks:
        if check.failing is None and not check.count.segment:
            yield f"check {check.count.name}: no run came to it"
    yield from untold(validation, checks)
