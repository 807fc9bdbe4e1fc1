"""Which runs say something new: of a grid of 8 seeds and 3 thresholds the seeds are the sample, not the 24 runs. Pure.

What one seed comes to with several settings goes together: where the settings hardly matter to the number, each run said the same
again, and an interval of all of them would be too narrow. So do repeats of one set of parameters. It is the analysis by means of
clusters (Donner and Klar, *Design and Analysis of Cluster Randomization Trials*, 2000, chapter 7), the seed being the cluster.

Without a seed there are only sets of parameters, which somebody chose. Those that differ in nothing that matters to a number are
one: the area under a curve at three thresholds is one area, told three times.
"""

import math
import statistics
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from nb2svc.ir.judgement import Interval
from nb2svc.ir.validation import RunSpec
from nb2svc.validate.intervals import mean_interval
from nb2svc.validate.judge import finite, varying
from nb2svc.validate.ranges import within

T = TypeVar("T")

_CHOSEN = "which were chosen and not drawn by chance: seeds would tell how sure it is"


def units(told: Iterable[tuple[RunSpec, T]]) -> list[list[T]]:
    """What runs told, by what makes one differ from another by chance.

    seed=1 cut=0.2: a   seed=1 cut=0.3: b   seed=2 cut=0.2: c    →    [a b] [c]
    seed=1: a   seed=1 #2: b   seed=2: c                         →    [a b] [c]
    cut=0.2: a   cut=0.3: b                                      →    [a] [b]
    #1: a   #2: b                                                →    [a] [b]
    """
    known = list(told)
    key = next((each for each in (_seed, _parameters) if len({each(spec) for spec, _ in known}) > 1), None)
    if key is None:
        return [[one] for _, one in known]
    return list(_grouped(known, key).values())


def distinct(told: Iterable[tuple[RunSpec, T]]) -> list[list[T]]:
    """The units of numbers: without a seed, sets of parameters that differ in nothing that matters to them are one.

    model=a cut=0.2: 0.7   model=a cut=0.3: 0.7   model=b cut=0.2: 0.8   model=b cut=0.3: 0.8   →   [0.7 0.7] [0.8 0.8]
    cut=0.2: 0.7   cut=0.3: 0.7                                                                 →   [0.7 0.7]
    """
    known = list(told)
    names = varying(spec for spec, _ in known)
    matters = _mattering(known, names)
    if _seeded(known) or matters == names:
        return units(known)
    # Where no parameter matters, only what a repeat does could be chance.
    key = _values_of(matters) if matters else _repeat
    return list(_grouped(known, key).values())


def sample_words(told: Iterable[tuple[RunSpec, object]]) -> str:
    """What `units` of these runs are: `8 seeds`, `3 sets of parameters`, `5 repeats`; "" of one."""
    known = list(told)
    kinds: tuple[tuple[Callable[[RunSpec], Hashable], str], ...] = (
        (_seed, "seeds"),
        (_parameters, "sets of parameters"),
        (_repeat, "repeats"),
    )
    counts = ((len({of(spec) for spec, _ in known}), word) for of, word in kinds)
    return next((f"{count} {word}" for count, word in counts if count > 1), "")


def sample_note(told: Sequence[tuple[RunSpec, float]]) -> str:
    """What a metric's sample is short of, in words: chance. "" where seeds differ, or one set of parameters was run."""
    names = varying(spec for spec, _ in told)
    if _seeded(told) or not names:
        return ""
    count = len({_parameters(spec) for spec, _ in told})
    matters = sorted(_mattering(told, names))
    if not matters:
        return f"it is the same with all {count} sets of parameters, so they count as one: seeds would tell how sure it is"
    if len(matters) < len(names):
        only, fewer = " and ".join(matters), len(distinct(told))
        return f"it depends on {only} only, so {count} sets of parameters count as {fewer}, {_CHOSEN}"
    return f"its sample are {count} sets of parameters, {_CHOSEN}"


def unit_means(told: Iterable[tuple[RunSpec, float]]) -> list[float]:
    """A value for each distinct unit, by size: the order of runs must not show. None where one is too large for a number."""
    means = [finite(statistics.fmean, sorted(values)) for values in distinct(told)]
    known = [mean for mean in means if mean is not None]
    return sorted(known) if len(known) == len(means) else []


def interval_of(told: Sequence[tuple[RunSpec, float]], *, limits: Interval | None = None) -> Interval | None:
    """Where the mean of what runs told lies, within the metric's range; None of fewer than two units."""
    found = mean_interval(unit_means(told))
    mean = finite(statistics.fmean, sorted(value for _, value in told)) if told else None
    if found is None or mean is None:
        return None
    # Units may have told different numbers of values.
    half = (found.high - found.low) / 2
    return within(Interval(low=mean - half, high=mean + half), limits)


def _mattering(told: Sequence[tuple[RunSpec, object]], names: frozenset[str]) -> frozenset[str]:
    """The parameters without which what runs told could not be known; none where all told the same."""
    if all(_alike(one, told[0][1]) for _, one in told):
        return frozenset()
    left = names
    for name in sorted(names):
        rest = left - {name}
        # Of equal repeats: two of one set may differ by chance.
        groups = [group for group in _grouped(told, _values_of(rest, repeat=True)).values() if len(group) > 1]
        if groups and all(_alike(one, group[0]) for group in groups for one in group):
            left = rest
    return left


def _alike(one: object, other: object) -> bool:
    """Whether two numbers, or pairs of them, are the same: another number of threads may change the last digits."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return all(map(_alike, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9)
    return one == other


def _grouped(told: Iterable[tuple[RunSpec, T]], key: Callable[[RunSpec], Hashable]) -> dict[Hashable, list[T]]:
    found: dict[Hashable, list[T]] = {}
    for spec, one in told:
        found.setdefault(key(spec), []).append(one)
    return found


def _seeded(told: Iterable[tuple[RunSpec, object]]) -> bool:
    return len({spec.seed for spec, _ in told}) > 1


def _values_of(names: Iterable[str], *, repeat: bool = False) -> Callable[[RunSpec], Hashable]:
    asked = sorted(names)
    return lambda spec: (*(spec.value(name) for name in asked), spec.repeat if repeat else 1)


def _repeat(spec: RunSpec) -> Hashable:
    return spec.repeat


def _seed(spec: RunSpec) -> Hashable:
    return spec.seed


def _parameters(spec: RunSpec) -> Hashable:
    return tuple((each.name, each.shown) for each in spec.parameters)
