"""Values and numbers as a reviewer reads them."""

import json
import math
from collections.abc import Sequence

_SHOWN = 6


def listed(values: Sequence[object], *, most: int = _SHOWN) -> str:
    """`"north", "south" and 3 more`."""
    texts = [value if isinstance(value, Coded) else said(value) for value in values[:most]]
    rest = len(values) - len(texts)
    if rest:
        return f"{', '.join(texts)} and {rest:,} more"
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1]))) if texts else "none"


class Coded(str):
    """A text that is shown without quotes: a field's name."""

    __slots__ = ()


def said(value: object) -> str:
    """A value: texts in quotes, numbers short but never rounded to another one's text."""
    if isinstance(value, float):
        return number(value)
    if isinstance(value, tuple | list):
        return f"({', '.join(said(item) for item in value)})"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str | bool) or value is None else str(value)


def number(value: float) -> str:
    """A float in as many digits as it has, at most ten: 0.1 + 0.2 → 0.3."""
    if not math.isfinite(value):
        return str(value)
    return f"{value:.10g}"


def pair(old: float, new: float) -> tuple[str, str]:
    """Two numbers in as few digits as show their difference, at least four: (0.731244, 0.744001) → ("0.7312", "0.744")."""
    if isinstance(old, int) and isinstance(new, int):
        return f"{old:,}", f"{new:,}"
    whole = len(str(int(min(max(abs(old), abs(new)), 1e15)))) if math.isfinite(old) and math.isfinite(new) else 0
    for digits in range(max(4, whole), 17):
        texts = _plain(old, digits), _plain(new, digits)
        off = abs(float(texts[0]) - old) + abs(float(texts[1]) - new)
        if off <= 0.1 * abs(new - old):
            return texts
    return repr(old), repr(new)


def _plain(value: float, digits: int) -> str:
    """A number in some digits, without an exponent where it is not very large or small: 12.5 in 4 → "12.5"."""
    return repr(float(f"{value:.{digits}g}")).removesuffix(".0")


def relative(old: float, new: float) -> str:
    """How much a number grew: `+3.1 %`; "" where that can't be said."""
    if old == 0 or not math.isfinite(old) or not math.isfinite(new):
        return ""
    share = 100 * (new - old) / abs(old)
    return f"{share:+.1f} %" if abs(share) >= 0.05 else f"{share:+.0e} %"


def counted(count: int, what: str, *, several: str = "") -> str:
    """`1 row`, `2,000 rows`."""
    return f"{count:,} {what if count == 1 else several or what + 's'}"
