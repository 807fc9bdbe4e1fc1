"""Where a share of a distribution ends: Beta, and Student's t by way of it. Pure.

`scipy.special` has both. To import it takes as much processor time as several runs in forked kernels, at the end of each
validation; the tests hold these to it.
"""

import math
from functools import lru_cache

_TINY = 1e-300
_MOST = 100_000


@lru_cache(maxsize=1024)
def t_quantile(share: float, freedom: float) -> float:
    """Below it lies that share of Student's t; `freedom` need not be whole.

    t_quantile(0.975, 4) → 2.776
    """
    if share < 1 / 2:
        return -t_quantile(1 - share, freedom)
    # t² / (t² + freedom) of both tails is a Beta of 1/2 and freedom/2.
    part = beta_quantile(2 * share - 1, 1 / 2, freedom / 2)
    return math.inf if part == 1 else math.sqrt(freedom * part / (1 - part))


@lru_cache(maxsize=1024)
def beta_quantile(share: float, first: float, second: float) -> float:
    """Below it lies that share of the Beta distribution."""
    low, high = 0.0, 1.0
    place = first / (first + second)
    while True:
        missed = beta_share(place, first, second) - share
        low, high = (low, place) if missed > 0 else (place, high)
        slope = _density(place, first, second)
        # Newton's step, where it stays between what is known to be too low and too high.
        step = place - missed / slope if slope else low
        found = step if low < step < high else (low + high) / 2
        if abs(found - place) <= 4e-16 * found or not low < found < high:
            return found
        place = found


def beta_share(place: float, first: float, second: float) -> float:
    """The share of the Beta distribution that lies below a place: the regularised incomplete beta function."""
    if place <= 0 or place >= 1:
        return float(place >= 1)
    if place > (first + 1) / (first + second + 2):
        # The fraction converges fast on one side of the middle only.
        return 1 - beta_share(1 - place, second, first)
    return math.exp(_log_density(place, first, second)) * place * (1 - place) / first * _fraction(place, first, second)


def _density(place: float, first: float, second: float) -> float:
    return math.exp(_log_density(place, first, second)) if 0 < place < 1 else 0.0


def _log_density(place: float, first: float, second: float) -> float:
    whole = math.lgamma(first + second) - math.lgamma(first) - math.lgamma(second)
    return whole + (first - 1) * math.log(place) + (second - 1) * math.log1p(-place)


def _fraction(place: float, first: float, second: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method (Numerical Recipes, 6.4)."""
    above, below = 1.0, 1 / _away(1 - (first + second) * place / (first + 1))
    value = below
    for number in range(1, _MOST):
        twice = first + 2 * number
        for part in (
            number * (second - number) * place / ((twice - 1) * twice),
            -(first + number) * (first + second + number) * place / (twice * (twice + 1)),
        ):
            below = 1 / _away(1 + part * below)
            above = _away(1 + part / above)
            value *= above * below
        if abs(above * below - 1) < 1e-15:
            break
    return value


def _away(number: float) -> float:
    """The number, but not zero."""
    return number if abs(number) > _TINY else _TINY
