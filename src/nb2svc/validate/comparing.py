"""A validation and an earlier one: is a metric worse by more than it may be? Pure.

It is no worse where even the bad end of what is likely (one-sided, 95 %) lies within the margin.
"""

import math
import re
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nb2svc.ir.judgement import Better, Compared, Comparison, Criteria
from nb2svc.ir.validation import MetricValue, RunResult, RunSpec, Validation
from nb2svc.validate.intervals import most_of_difference, most_of_mean
from nb2svc.validate.judge import BROKEN, ended_runs, finite, metric_summaries, varying
from nb2svc.validate.moves import given
from nb2svc.validate.units import distinct, unit_means

DEFAULT_MARGIN = 0.01
"""The share of the baseline's mean that a metric may be worse by where nobody declared a margin: it can only warn."""

# Which direction is better, by a word of the metric's name: `val_rmse`, `roc_auc_score`.
_LOWER = frozenset("rmse mse mae mape smape rmsle msle error errors loss logloss brier deviance pinball wape ece fpr fnr".split())
_HIGHER = frozenset("auc accuracy acc f1 fbeta precision recall r2 ap map ndcg kappa mcc jaccard tpr tnr specificity".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    """The values to compare: now and before, each with its partner where they are paired.

    `lost` is how many had a number only before; without partners, how many have none where fewer had none before. `sets` is how
    many sets of parameters the pairs are of.
    """

    now: tuple[float, ...]
    before: tuple[float, ...]
    paired: bool
    lost: int
    sets: int = 0


def comparisons(
    validation: Validation, baseline: Validation, criteria: Criteria, *, by: frozenset[str] | None = None
) -> tuple[Comparison, ...]:
    """A comparison of each metric that the baseline told, in its order; of segments only where they were asked for again.

    Runs are paired that have the same values of the parameters in `by`, by default of all that differ among any two runs.
    """
    every = varying([run.spec for each in (validation, baseline) for run in each.runs])
    asked = tuple(f"{column}=" for column in validation.segments)
    told = [(summary.name, summary.segment) for summary in metric_summaries(baseline)]
    names = [(name, segment) for name, segment in told if not segment or segment.startswith(asked)]
    keys = tuple(sorted(every if by is None else by))
    return tuple(_compare(name, segment, validation, baseline, criteria=criteria, keys=keys) for name, segment in names)


def direction(name: str, criteria: Criteria) -> Better:
    """Which direction is better: as declared, else as a word of the name says."""
    if name in criteria.lower:
        return "lower"
    if name in criteria.higher:
        return "higher"
    words = set(re.split(r"[^a-z0-9]+", name.lower()))
    lower, higher = bool(words & _LOWER), bool(words & _HIGHER)
    if lower == higher:
        return "unknown"
    # scikit-learn's scores that are losses with their sign turned: `neg_log_loss`.
    if "neg" in words:
        return "higher" if lower else "unknown"
    return "lower" if lower else "higher"


def _compare(
    name: str, segment: str, validation: Validation, baseline: Validation, *, criteria: Criteria, keys: Sequence[str]
) -> Comparison:
    sample = _sample(name, segment, validation, baseline, keys=keys)
    better = direction(name, criteria)
    mean, before = _mean(sample.now), _mean(sample.before)
    margins = dict(criteria.margins)
    margin = margins.get(name, DEFAULT_MARGIN * abs(before or 0.0))
    difference = finite(lambda pair: pair[0] - pair[1], (mean, before)) if mean is not None and before is not None else None
    worse_by = _worse_by(sample, better)
    outcome, reason = _outcome(sample, better, difference=difference, worse_by=worse_by, margin=margin)
    return Comparison(
        metric=name,
        segment=segment,
        better=better,
        paired=sample.paired,
        count=len(sample.now),
        baseline_count=len(sample.before),
        mean=mean,
        baseline_mean=before,
        difference=difference,
        worse_by=worse_by,
        margin=margin,
        declared=name in margins,
        outcome=outcome,
        reason=reason,
        declared_in=dict(criteria.places).get(name, ""),
    )


def _sample(name: str, segment: str, validation: Validation, baseline: Validation, *, keys: Sequence[str]) -> _Sample:
    """The runs that have a partner in the baseline; where these are fewer than two, all runs of both."""
    now, before = _by_set(validation, keys), _by_set(baseline, keys)
    told = []
    lost = 0
    for key in before.keys() & now.keys():
        new, old = _number(now[key].metric(name, segment)), _number(before[key].metric(name, segment))
        if old is not None and new is None:
            lost += 1
        elif old is not None and new is not None:
            told.append((now[key].spec, (new, old)))
    # What one seed comes to with several settings is one voice, and so are settings that do not matter (units.py).
    pairs = [_mean_pair(unit) for unit in distinct(told)]
    every = [unit_means(_told(each, name, segment)) for each in (validation, baseline)]
    if len(pairs) > 1 or lost or (len(pairs) == 1 and min(len(values) for values in every) < 2):
        # The order of runs must not show in the last digit.
        pairs.sort()
        return _Sample(
            now=tuple(new for new, _ in pairs), before=tuple(old for _, old in pairs), paired=True, lost=lost, sets=len(told)
        )
    missing, usual = _numberless(validation, name, segment), _numberless(baseline, name, segment)
    lost = sum(missing) if every[1] and statistics.fmean(missing or [0]) > statistics.fmean(usual or [0]) else 0
    return _Sample(now=tuple(sorted(every[0])), before=tuple(sorted(every[1])), paired=False, lost=lost)


def _by_set(validation: Validation, names: Sequence[str]) -> Mapping[tuple[object, ...], RunResult]:
    """The runs by what was asked of them: the same set of parameters in the same repeat, whatever a case is called."""
    own = {each.name: each.shown for each in validation.defaults}
    return {
        (*(given(run, name, own) for name in names), run.spec.repeat, run.spec.segment): run for run in ended_runs(validation)
    }


def _mean_pair(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    new, old = (_mean_of_some([pair[at] for pair in sorted(pairs)]) for at in (0, 1))
    return new, old


def _mean_of_some(values: Sequence[float]) -> float:
    mean = _mean(values)
    # Numbers whose sum is none have a mean all the same.
    return mean if mean is not None else math.fsum(value / len(values) for value in values)


def _told(validation: Validation, name: str, segment: str) -> Iterator[tuple[RunSpec, float]]:
    for run in ended_runs(validation):
        value = _number(run.metric(name, segment))
        if value is not None:
            yield run.spec, value


def _numberless(validation: Validation, name: str, segment: str) -> list[bool]:
    """Of each run that came to its end, whether it has no number."""
    ended = (run for run in ended_runs(validation) if run.status not in BROKEN)
    return [_number(run.metric(name, segment)) is None for run in ended]


def _number(metric: MetricValue | None) -> float | None:
    return metric.value if metric is not None else None


def _mean(values: Sequence[float]) -> float | None:
    return finite(statistics.fmean, values) if values else None


def _worse_by(sample: _Sample, better: Better) -> float | None:
    """How much worse it is at most, as far as the runs can tell."""
    if better == "unknown":
        return None
    good, bad = (sample.now, sample.before) if better == "higher" else (sample.before, sample.now)
    if sample.paired:
        return most_of_mean([old - new for new, old in zip(good, bad, strict=True)])
    return most_of_difference(bad, good)


def _outcome(
    sample: _Sample, better: Better, *, difference: float | None, worse_by: float | None, margin: float
) -> tuple[Compared, str]:
    if sample.lost:
        of_before = " that had one before" if sample.paired else ", more than before"
        return "worse", f"it has no number in {sample.lost} run{'s' if sample.lost > 1 else ''}{of_before}"
    if difference is None:
        return "open", "no run told a number" if not sample.now else "no number of before can be compared"
    if better == "unknown":
        return "open", "its name does not say which direction is better: declare it with --higher-is-better or --lower-is-better"
    loss = -difference if better == "higher" else difference
    if worse_by is None:
        same = f"{sample.sets} sets of parameters that say the same"
        few = same if sample.sets > 1 else "one run of a set" if sample.paired else "fewer than two runs"
        if loss > margin and not math.isclose(loss, margin, rel_tol=1e-9):
            return "worse", f"it is {loss:.4g} worse, and may be {margin:.4g}; {few} can't say how sure that is"
        return "open", f"{few} can't say how sure the difference is: make more, with --grid seed=1..5"
    # 0.91 - 0.9 is a little more than 0.01.
    if worse_by <= margin or math.isclose(worse_by, margin, rel_tol=1e-9):
        return "no_worse", ""
    if loss > margin:
        return "worse", f"it is {loss:.4g} worse (up to {worse_by:.4g} is likely), and the margin is {margin:.4g}"
    return "open", f"up to {worse_by:.4g} worse is likely, and the margin is {margin:.4g}: more runs would tell"
