"""How sure a number of few runs is. Pure.

Means have Student's t: with five values it holds what it promises, a bootstrap does not.
"""

import math
import statistics
from collections.abc import Sequence

from nb2svc.ir.judgement import Interval
from nb2svc.validate.judge import finite
from nb2svc.validate.quantiles import beta_quantile, t_quantile

CONFIDENCE = 0.95


def mean_interval(values: Sequence[float]) -> Interval | None:
    """Where the mean lies; None of fewer than two values.

    1 2 3 → 2 ± 4.303 · 1 / √3
    """
    mean, spread = finite(statistics.fmean, values) if values else None, _spread(values)
    if mean is None or spread is None:
        return None
    half = t_quantile((1 + CONFIDENCE) / 2, len(values) - 1) * spread / math.sqrt(len(values))
    return Interval(low=mean - half, high=mean + half) if math.isfinite(half) else None


def share_interval(count: float, total: int) -> Interval | None:
    """Where a share lies of which `count` of `total` were seen: exact, so that none of ten may still be 31 %.

    Of voices that are divided in themselves `count` need not be whole.
    """
    if total == 0:
        return None
    # Clopper and Pearson's.
    low = beta_quantile((1 - CONFIDENCE) / 2, count, total - count + 1) if count else 0.0
    high = beta_quantile((1 + CONFIDENCE) / 2, count + 1, total - count) if count < total else 1.0
    return Interval(low=low, high=high)


def most_of_mean(values: Sequence[float]) -> float | None:
    """What the mean is at most, one-sided; None of fewer than two values."""
    spread = _spread(values)
    if spread is None:
        return None
    return _bound(values, error=spread / math.sqrt(len(values)), freedom=len(values) - 1)


def most_of_difference(first: Sequence[float], second: Sequence[float]) -> float | None:
    """What the mean of the first less that of the second is at most, one-sided, whatever their spreads (Welch)."""
    one, other = _spread(first), _spread(second)
    if one is None or other is None:
        return None
    mean, other_mean = finite(statistics.fmean, first), finite(statistics.fmean, second)
    if mean is None or other_mean is None:
        return None
    difference, largest = mean - other_mean, max(one, other)
    if largest == 0:
        return difference
    # Scaled, so that squares neither overflow nor vanish.
    parts = (one / largest) ** 2 / len(first), (other / largest) ** 2 / len(second)
    total = sum(parts)
    freedom = total**2 / (parts[0] ** 2 / (len(first) - 1) + parts[1] ** 2 / (len(second) - 1))
    return _bound([difference], error=largest * math.sqrt(total), freedom=freedom)


def _bound(values: Sequence[float], *, error: float, freedom: float) -> float | None:
    mean = finite(statistics.fmean, values)
    if mean is None:
        return None
    bound = mean + t_quantile(CONFIDENCE, freedom) * error
    return bound if math.isfinite(bound) else None


def _spread(values: Sequence[float]) -> float | None:
    return finite(statistics.stdev, values) if len(values) > 1 else None
