"""Where two values of the same rows differ, cell by cell.

Labels, integers, booleans and strings are compared exactly, floats by relative tolerance; NaN equals NaN, and an integer
column equals a float column of the same values.
"""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

import numpy as np

IN_PROCESS = 1e-9
THROUGH_JSON = 1e-7
# Differences of the last bits of a column's largest value: what a sum leaves near zero when it adds in another order.
LAST_BITS = 1e-14
SHOWN = 20


class Cell(NamedTuple):
    """One value that differs; row -1 stands for all rows (a column is missing, or stands elsewhere)."""

    row: int
    column: str
    expected: str
    actual: str


class Comparison(NamedTuple):
    """What a comparison found: some of the differing cells, and every differing row."""

    cells: List[Cell]
    rows: Set[int]


def length(value: Any) -> int:
    """How many rows a table, array, series or list has; -1 for anything else."""
    shape = getattr(value, "shape", None)
    if shape is not None:
        return int(shape[0]) if len(shape) else -1
    return len(value) if isinstance(value, (list, tuple)) else -1


def take(value: Any, positions: Any) -> Any:
    """The rows at `positions`, in that order."""
    if hasattr(value, "iloc"):
        return value.iloc[positions]
    if isinstance(value, (list, tuple)):
        return [value[int(position)] for position in positions]
    return value[positions]


def columns(value: Any, name: str = "value") -> List[Tuple[str, Any]]:
    """A value as named columns: a frame's own, `0`, `1`, … for an array's, `name` for a single one."""
    if hasattr(value, "columns") and hasattr(value, "iloc"):
        return [(str(label), value.iloc[:, place]) for place, label in enumerate(value.columns)]
    if hasattr(value, "iloc"):
        return [(str(value.name) if value.name is not None else name, value)]
    if hasattr(value, "toarray"):
        value = value.toarray()
    array = _array(value)
    if array.ndim <= 1:
        return [(name, array.reshape(-1))]
    array = array.reshape(len(array), -1)
    return [(str(place), array[:, place]) for place in range(array.shape[1])]


def compare(
    expected: Any, actual: Any, ordinals: Sequence[int], *, rtol: float = IN_PROCESS, name: str = "value", shown: int = SHOWN
) -> Comparison:
    """Compare two values of the same rows; `ordinals` are the main rows that their rows stand for.

    Of each column at most `shown` cells are told, of all together at most that many times the columns.
    """
    left, right = columns(expected, name), columns(actual, name)
    rows = [int(row) for row in ordinals]
    if length(actual) != len(rows):
        return Comparison([Cell(-1, "", f"{len(rows)} rows", f"{length(actual)} rows")], set(rows))
    cells = _structure(left, right) if _named(expected) and _named(actual) else _widths(left, right)
    bad = set(rows) if cells else set()
    by_name = dict(right) if _named(expected) and _named(actual) else None
    for place, (label, column) in enumerate(left):
        other = by_name.get(label) if by_name is not None else right[place][1] if place < len(right) else None
        if other is not None:
            _compare_column(label, column, other, rows=rows, rtol=rtol, shown=shown, cells=cells, bad=bad)
    return Comparison(cells, bad)


def unequal(expected: Any, actual: Any, rtol: float) -> Any:
    """Which entries differ, as an array of booleans."""
    left, right = plain(expected), plain(actual)
    if left.dtype.kind in "iub" and right.dtype.kind in "iub":
        return left != right
    if left.dtype.kind in "iubf" and right.dtype.kind in "iubf":
        return _floats_differ(left.astype("float64"), right.astype("float64"), 0.0 if left.dtype.kind in "iub" else rtol)
    if left.dtype.kind in "mM" and left.dtype.kind == right.dtype.kind:
        return (left != right) & ~(np.isnat(left) & np.isnat(right))
    pairs = zip(left.tolist() if left.dtype.kind in "iubf" else left, right.tolist() if right.dtype.kind in "iubf" else right)
    return np.fromiter((not same(one, other, rtol) for one, other in pairs), dtype=bool, count=len(left))


def same(expected: Any, actual: Any, rtol: float) -> bool:
    """Whether two single values are equal: missing equals missing, floats by tolerance, all else exactly."""
    if missing(expected) or missing(actual):
        return missing(expected) and missing(actual)
    if isinstance(expected, (float, np.floating)) and isinstance(actual, (int, float, np.number)):
        left, right = float(expected), float(actual)
        return left == right or abs(left - right) <= rtol * max(abs(left), abs(right))
    if isinstance(expected, (list, tuple, np.ndarray)):
        if not isinstance(actual, (list, tuple, np.ndarray)) or len(expected) != len(actual):
            return False
        return all(same(one, other, rtol) for one, other in zip(expected, actual))
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(same(expected[key], actual[key], rtol) for key in expected)
    try:
        return bool(expected == actual)
    except (TypeError, ValueError):
        return False


def missing(value: Any) -> bool:
    """None, NaN, NaT or pandas' NA."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return bool(np.isnat(value))
    return isinstance(value, (float, np.floating)) and value != value


def plain(value: Any) -> Any:
    """A column as a numpy array: numbers and times as they are, anything else (text, categories, nullable) as objects."""
    dtype = getattr(value, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind in "iubfmM":
        return np.asarray(value)
    if dtype is not None and hasattr(value, "to_numpy"):
        return value.astype(object).to_numpy(dtype=object)
    array = _array(value)
    return array.astype(object) if array.dtype.kind not in "iubfmM" else array


def text(value: Any) -> str:
    """A value for a person: plain numbers without their numpy type, at most 80 characters."""
    if isinstance(value, np.generic):
        value = value.item()
    shown = "missing" if missing(value) else repr(value) if not isinstance(value, str) else value
    return shown if len(shown) <= 80 else shown[:77] + "..."


def entry(column: Any, position: int) -> Any:
    """One entry of a column."""
    return column.iloc[position] if hasattr(column, "iloc") else column[position]


def _array(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value
    try:
        array = np.asarray(value)
    except ValueError:  # ragged
        array = np.empty(len(value), dtype=object)
        array[:] = list(value)
    if array.dtype.kind in "US":  # numpy made text of everything in a mixed list
        array = np.array(value, dtype=object)
    return array


def _named(value: Any) -> bool:
    return hasattr(value, "columns") and hasattr(value, "iloc")


def _structure(left: List[Tuple[str, Any]], right: List[Tuple[str, Any]]) -> List[Cell]:
    expected, actual = [label for label, _ in left], [label for label, _ in right]
    if expected == actual:
        return []
    lost = [Cell(-1, label, "a column", "no such column") for label in expected if label not in set(actual)]
    new = [Cell(-1, label, "no such column", "a column") for label in actual if label not in set(expected)]
    if lost or new:
        return (lost + new)[:SHOWN]
    place = next(i for i, pair in enumerate(zip(expected, actual)) if pair[0] != pair[1])
    return [Cell(-1, expected[place], f"column {place + 1}", f"column {actual.index(expected[place]) + 1}")]


def _widths(left: List[Tuple[str, Any]], right: List[Tuple[str, Any]]) -> List[Cell]:
    if len(left) == len(right):
        return []
    return [Cell(-1, "", f"{len(left)} columns", f"{len(right)} columns")]


def _compare_column(
    label: str, expected: Any, actual: Any, *, rows: List[int], rtol: float, shown: int, cells: List[Cell], bad: Set[int]
) -> None:
    categories = _categories_differ(expected, actual)
    if categories is not None:
        cells.append(Cell(-1, label, *categories))
        bad.update(rows)
    positions = np.flatnonzero(unequal(expected, actual, rtol))
    for position in positions[:shown]:
        wanted, got = entry(expected, int(position)), entry(actual, int(position))
        cells.append(Cell(rows[int(position)], label, text(wanted), text(got)))
    bad.update(rows[int(position)] for position in positions)


def _categories_differ(expected: Any, actual: Any) -> Optional[Tuple[str, str]]:
    # A model that reads category codes answers otherwise when the list of categories differs, whatever the row holds.
    left = getattr(getattr(expected, "dtype", None), "categories", None)
    right = getattr(getattr(actual, "dtype", None), "categories", None)
    if left is None or right is None or list(left) == list(right):
        return None
    return text(list(left)), text(list(right))


def _floats_differ(left: Any, right: Any, rtol: float) -> Any:
    with np.errstate(invalid="ignore", over="ignore"):
        size = np.maximum(np.abs(left), np.abs(right))
        finite = np.abs(left[np.isfinite(left)])
        floor = LAST_BITS * (finite.max() if len(finite) else 0.0) if rtol else 0.0
        near = np.abs(left - right) <= np.maximum(rtol * size, floor)
    return ~((left == right) | (np.isnan(left) & np.isnan(right)) | (near & np.isfinite(left) & np.isfinite(right)))


def inexact(expected: Any, actual: Any) -> Dict[str, Any]:
    """The columns of one row that agree within tolerance and yet not bit for bit: {column: the expected value}."""
    found = {}
    others = dict(columns(actual))
    for label, column in columns(expected):
        if label in others and bool(unequal(column, others[label], 0.0).any()):
            found[label] = entry(column, 0)
    return found
