"""Which runs say something new: of a grid of 8 seeds and 3 thresholds the seeds are the sample, not the 24 runs. Pure.

What one seed comes to with several settings goes together: where the settings hardly matter to the number, each run said the same
again, and an interval of all of them would be too narrow. So do repeats of one set of parameters. It is the analysis by means of
clusters (Donner and Klar, *Design and Analysis of Cluster Randomization Trials*, 2000, chapter 7), the seed being the cluster.
"""

import statistics
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from nb2svc.ir.judgement import Interval
from nb2svc.ir.validation import RunSpec
from nb2svc.validate.intervals import mean_interval
from nb2svc.validate.judge import finite

T = TypeVar("T")


def units(told: Iterable[tuple[RunSpec, T]]) -> list[list[T]]:
    """What runs told, by what makes one differ from another by chance.

    seed=1 cut=0.2: a   seed=1 cut=0.3: b   seed=2 cut=0.2: c    →    [a b] [c]
    seed=1: a   seed=1 #2: b   seed=2: c                         →    [a b] [c]
    cut=0.2: a   cut=0.3: b                                      →    [a] [b]
    #1: a   #2: b                                                →    [a] [b]
    """
    known = list(told)
    of_run: tuple[Callable[[RunSpec], Hashable], ...] = (_seed, _parameters)
    key = next((each for each in of_run if len({each(spec) for spec, _ in known}) > 1), None)
    if key is None:
        return [[one] for _, one in known]
    found: dict[Hashable, list[T]] = {}
    for spec, one in known:
        found.setdefault(key(spec), []).append(one)
    return list(found.values())


def unit_means(told: Iterable[tuple[RunSpec, float]]) -> list[float]:
    """A value for each unit, in an order in which that of the runs does not show; none where one is too large for a number."""
    means = [finite(statistics.fmean, sorted(values)) for values in units(told)]
    known = [mean for mean in means if mean is not None]
    return sorted(known) if len(known) == len(means) else []


def interval_of(told: Sequence[tuple[RunSpec, float]]) -> Interval | None:
    """Where the mean of what runs told lies; None of fewer than two units."""
    found = mean_interval(unit_means(told))
    mean = finite(statistics.fmean, sorted(value for _, value in told)) if told else None
    if found is None or mean is None:
        return None
    # Units may have told different numbers of values.
    half = (found.high - found.low) / 2
    return Interval(low=mean - half, high=mean + half)


def _seed(spec: RunSpec) -> Hashable:
    return spec.seed


def _parameters(spec: RunSpec) -> Hashable:
    return tuple((each.name, each.shown) for each in spec.parameters)
