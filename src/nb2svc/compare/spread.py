"""How numbers that were answered twice differ, as figures and as the bars of a small picture.

[(10.0, 12.0), (10.0, 10.0)]  →  1 of 2 changed, largest +2.0, bins {"0": 1, "0 to 0.5": 0, … "1.5 to 2": 1}
"""

import math
from collections.abc import Sequence

from nb2svc.ir.difference import Count, Spread

_BARS = 8


def spread(name: str, values: Sequence[tuple[float, float]], tolerance: float) -> Spread:
    """The differences of some pairs (old, new); `largest` keeps its sign."""
    differences = [new - old for old, new in values]
    changed = [not math.isclose(old, new, rel_tol=tolerance, abs_tol=1e-12) for old, new in values]
    return Spread(
        name=name,
        compared=len(values),
        changed=sum(changed),
        largest=max(differences, key=abs, default=0.0),
        mean=sum(differences) / len(differences) if differences else 0.0,
        old_mean=sum(old for old, _ in values) / len(values) if values else 0.0,
        new_mean=sum(new for _, new in values) / len(values) if values else 0.0,
        bins=bins([difference for difference, other in zip(differences, changed, strict=True) if other]),
    )


def bins(differences: Sequence[float]) -> tuple[Count, ...]:
    """Differences by size, in at most some ten steps of a round width, the smallest first."""
    if not differences:
        return ()
    low, high = min(differences), max(differences)
    step = _round((high - low) / _BARS) or _round(abs(high)) or 1.0
    first, last = math.floor(low / step), math.floor(high / step)
    counts = dict.fromkeys(range(first, last + 1), 0)
    for difference in differences:
        counts[min(math.floor(difference / step), last)] += 1
    return tuple(
        Count(name=f"{_edge(place * step, step)} to {_edge((place + 1) * step, step)}", rows=rows)
        for place, rows in counts.items()
    )


def _round(width: float) -> float:
    """A width of 1, 2 or 5 times a power of ten that is not below the given one; 0 for 0."""
    if width <= 0 or not math.isfinite(width):
        return 0.0
    power = 10.0 ** math.floor(math.log10(width))
    return next((factor * power for factor in (1, 2, 5) if factor * power >= width * (1 - 1e-9)), 10 * power)


def _edge(value: float, step: float) -> str:
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    text = f"{value:+.{decimals}f}" if decimals <= 6 else f"{value:+.2g}"
    return "0" if float(text) == 0 else text
