"""What moves a metric: its mean by the values of each parameter, and the share of its variance that each explains. Pure."""

import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence

from nb2svc.ir.judgement import Interval, LevelMean, ParameterEffect
from nb2svc.ir.validation import Parameter, RunResult
from nb2svc.validate.judge import finite, varying
from nb2svc.validate.units import interval_of

Told = tuple[RunResult, float]
"""A run, and the metric's value in it."""


def effects(
    told: Sequence[Told], runs: Sequence[RunResult], defaults: Sequence[Parameter], *, limits: Interval | None = None
) -> tuple[tuple[ParameterEffect, ...], str]:
    """The metric by each parameter that differs among the runs, and why no shares are told, or "".

    All intervals lie within `limits`.

    seed=1 model=a: 1   seed=1 model=b: 3   →   model 100 % (a 1, b 3)   seed 0 % (1 2, 2 2)
    seed=2 model=a: 1   seed=2 model=b: 3
    """
    own = {each.name: each.shown for each in defaults}
    names = sorted(varying(run.spec for run in runs))
    note = _no_shares(told, runs, names, own)
    found = []
    for name in names:
        groups = _grouped(told, name, own)
        share = None if note else _share([[value for _, value in group] for group in groups.values()])
        found.append(
            ParameterEffect(parameter=name, share=share, levels=tuple(_level(*group, limits) for group in groups.items()))
        )
    return tuple(found), note


def given(run: RunResult, name: str, own: Mapping[str, str]) -> str:
    """The value that a parameter had in a run: what was asked for, or the notebook's own."""
    value = run.spec.value(name)
    return own.get(name, "") if value is None else value


def _grouped(told: Sequence[Told], name: str, own: Mapping[str, str]) -> Mapping[str, list[Told]]:
    groups: dict[str, list[Told]] = {}
    for run, value in told:
        groups.setdefault(given(run, name, own), []).append((run, value))
    return dict(sorted(groups.items(), key=lambda group: rank(group[0])))


def rank(text: str) -> tuple[bool, float, str]:
    """What values of a parameter are sorted by: numbers by their size, before words."""
    try:
        number = float(text)
    except ValueError:
        return True, 0.0, text
    return False, number if math.isfinite(number) else 0.0, text


def _level(value: str, told: Sequence[Told], limits: Interval | None) -> LevelMean:
    # The order of runs must not show in the last digit.
    values = sorted(number for _, number in told)
    interval = interval_of([(run.spec, number) for run, number in told], limits=limits)
    return LevelMean(value=value, count=len(values), mean=finite(statistics.fmean, values), interval=interval)


def _no_shares(told: Sequence[Told], runs: Sequence[RunResult], names: Sequence[str], own: Mapping[str, str]) -> str:
    """Why the variance can't be divided among the parameters: it can on a full grid, where their effects don't overlap."""
    combinations = Counter(tuple(given(run, name, own) for name in names) for run in runs)
    levels = [len({combination[place] for combination in combinations}) for place in range(len(names))]
    if not names:
        return "no parameter differs among the runs"
    if len(names) == 1 and max(combinations.values()) == 1:
        return f"only {names[0]} differs among the runs"
    if len(combinations) != math.prod(levels) or len(set(combinations.values())) > 1:
        return "the runs are no full grid, so what one parameter does can't be told from what others do"
    if len(told) < len(runs):
        return f"{len(runs) - len(told)} of the grid's {len(runs)} runs have no number"
    if len({value for _, value in told}) == 1:
        return "it is the same in all runs"
    return ""


def _share(groups: Sequence[Sequence[float]]) -> float | None:
    values = sorted(value for group in groups for value in group)
    # Scaled, so that squares neither overflow nor vanish.
    low, span = values[0], values[-1] - values[0]
    if not math.isfinite(span):
        return None
    scaled = [sorted((value - low) / span for value in group) for group in groups]
    mean = statistics.fmean((value - low) / span for value in values)
    total = math.fsum((value - mean) ** 2 for group in scaled for value in group)
    between = math.fsum(len(group) * (statistics.fmean(group) - mean) ** 2 for group in scaled)
    return min(1.0, between / total)
