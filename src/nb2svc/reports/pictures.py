"""A number by the values of a parameter, as a small SVG: no script, nothing loaded, colours from the page's style sheet.

Each run is a ring, a run that is not well a cross; the mean is a diamond on its interval; a broken line is the baseline.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from nb2svc.ir.judgement import Interval

_WIDTH, _HEIGHT = 340, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 8, 10, 42
_LABELS = 8
# Of more values intervals would lie one over the other, and hide the runs; the table has them.
INTERVALS = 24
_LABEL, _AXIS = 24, 44


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A run: its value, whether it went well, and its name."""

    value: float
    well: bool
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """All runs with one value of the parameter; `marked` is told apart by its name in bold."""

    label: str
    points: tuple[Point, ...]
    mean: float | None
    interval: Interval | None
    marked: bool = False


def picture(columns: Sequence[Column], *, title: str, axis: str, span: tuple[float, float], baseline: float | None = None) -> str:
    """The SVG. `span` is from where to where the values go, the same for all pictures that are to be compared."""
    low, high, ticks = scale(*span)
    place = _Place(low=low, high=high, count=len(columns))
    parts = [
        *_grid(ticks, place),
        *(_baseline(baseline, place) if baseline is not None and low <= baseline <= high else ()),
        *(part for at, column in enumerate(columns) for part in _column(column, at, place)),
        *_names(columns, place),
        _text(place.middle, _HEIGHT - 4, _short(axis, _AXIS), anchor="middle", kind="axis"),
    ]
    head = f'<svg class="picture" role="img" viewBox="0 0 {_WIDTH} {_HEIGHT}" aria-label="{escape(title)}">'
    return "\n".join([head, *parts, "</svg>"])


def span_of(values: Iterable[float], *, about: Iterable[float] = ()) -> tuple[float, float]:
    """From the least to the most; something where there is nothing.

    What lies `about` them, the ends of intervals, widens it by half of itself at most on each side: of two runs an interval is
    ten times as wide as they are apart, and would make one line of all of them. Where no value is below zero the picture is not.
    """
    seen = sorted(value for value in values if math.isfinite(value))
    if not seen:
        return 0.0, 1.0
    low, high = seen[0], seen[-1]
    room = high / 2 - low / 2
    more = [min(max(end, low - room), high + room) for end in about if math.isfinite(end)]
    least = min([low, *more])
    return max(least, 0.0) if low >= 0 else least, max([high, *more])


def scale(low: float, high: float) -> tuple[float, float, tuple[float, ...]]:
    """The ends and the ticks of an axis, at round numbers.

    0.863 … 0.929 → 0.86 … 0.94, at 0.86 0.88 0.90 0.92 0.94
    """
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        half = abs(low) * 0.05 or 0.5
        low, high = low - half, high + half
    if not math.isfinite(high - low):
        return low, high, (low, high)
    raw = (high - low) / 4
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * unit for factor in (1, 2, 2.5, 5, 10) if factor * unit >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(round(at * step, 12) if step > 1e-9 else at * step for at in range(first, last + 1))
    return ticks[0], ticks[-1], ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    low: float
    high: float
    count: int

    @property
    def middle(self) -> float:
        return (_LEFT + _WIDTH - _RIGHT) / 2

    @property
    def width(self) -> float:
        return (_WIDTH - _LEFT - _RIGHT) / max(self.count, 1)

    def x(self, at: float) -> float:
        return _LEFT + self.width * (at + 0.5)

    def y(self, value: float) -> float:
        # Halves first: the difference of two large numbers may be none.
        share = (value / 2 - self.low / 2) / (self.high / 2 - self.low / 2)
        return _TOP + (1 - min(1.0, max(0.0, share))) * (_HEIGHT - _TOP - _BOTTOM)


def _grid(ticks: Sequence[float], place: _Place) -> Iterator[str]:
    for tick in ticks:
        y = place.y(tick)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(_LEFT - 6, y + 4, f"{tick:.4g}", anchor="end")


def _baseline(value: float, place: _Place) -> Iterator[str]:
    y = place.y(value)
    yield f'<line class="baseline" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _column(column: Column, at: int, place: _Place) -> Iterator[str]:
    alone, breadth = len(column.points) == 1, min(place.width * 0.7, 60)
    for number, point in enumerate(column.points):
        # Side by side, so that equal values are seen; the mean has the right of them, and hides none.
        share = 0.0 if alone else 0.75 * (number + 1) / (len(column.points) + 1) - 0.5
        x, y = place.x(at) + share * breadth, place.y(point.value)
        told = f"<title>{escape(point.label)}: {point.value:.4g}</title>"
        if point.well:
            yield f'<circle class="run" cx="{x:.1f}" cy="{y:.1f}" r="3">{told}</circle>'
        else:
            yield f'<path class="bad run" d="M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8">{told}</path>'
    # Of one run the mean is the run.
    if column.mean is None or not column.points or alone:
        return
    x, y = place.x(at) + 0.42 * breadth, place.y(column.mean)
    if column.interval is not None and place.count <= INTERVALS:
        yield f'<path class="interval" d="{_bar(column.interval, x, place)}"/>'
    yield f'<path class="mean" d="M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z"/>'


def _bar(interval: Interval, x: float, place: _Place) -> str:
    """From the low end to the high one; an end beyond the picture has no bar."""
    low, high = place.y(interval.low), place.y(interval.high)
    foot = f"M{x - 4:.1f} {low:.1f}h8" if interval.low >= place.low else ""
    head = f"M{x - 4:.1f} {high:.1f}h8" if interval.high <= place.high else ""
    return f"{foot}M{x:.1f} {low:.1f}V{high:.1f}{head}"


def _names(columns: Sequence[Column], place: _Place) -> Iterator[str]:
    step = math.ceil(len(columns) / _LABELS)
    most = max(3, min(_LABEL, int(place.width * step / 6.5)))
    for at in range(0, len(columns), step):
        yield _text(
            place.x(at),
            _HEIGHT - _BOTTOM + 16,
            _short(columns[at].label, most),
            anchor="middle",
            kind="marked" if columns[at].marked else "tick",
        )


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _text(x: float, y: float, text: str, *, anchor: str, kind: str = "tick") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
