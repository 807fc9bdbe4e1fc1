"""When two values count as equal: rtol 1e-6, whatever the order of summation, int or float, index labels of aligned rows."""

from __future__ import annotations

import pickle
from typing import Any, Collection, Dict

import numpy as np
import pandas as pd

from .tabular import NOT_DATA, Uncopied, is_iterator, is_sparse

RTOL = 1e-6
ATOL = 1e-9


def equal(left: Any, right: Any, *, labels: bool = True, skip: Collection[Any] = (), rtol: float = RTOL, depth: int = 6) -> bool:
    """Whether two values are the same to the probe.

    `labels` also compares the index labels of frames and series (for values that are not row-aligned these are keys).
    `skip` are columns left out of frames: keys, which a probe renumbers.
    """
    if left is right or left is Uncopied or right is Uncopied or depth == 0:
        return True
    if isinstance(left, pd.DataFrame) or isinstance(right, pd.DataFrame):
        return _frames(left, right, labels=labels, skip=skip, rtol=rtol)
    if isinstance(left, pd.Series) or isinstance(right, pd.Series):
        return _series(left, right, labels=labels, skip=skip, rtol=rtol)
    if isinstance(left, pd.Categorical) and isinstance(right, pd.Categorical):
        return _columns(pd.Series(left), pd.Series(right), rtol=rtol)
    if is_sparse(left) or is_sparse(right):
        return _sparse(left, right, rtol=rtol)
    if isinstance(left, (np.ndarray, pd.Index, pd.api.extensions.ExtensionArray)) or isinstance(right, (np.ndarray, pd.Index)):
        return _arrays(left, right, rtol=rtol)
    if isinstance(left, NOT_DATA) or isinstance(right, NOT_DATA):
        return _names(left) == _names(right)
    if is_iterator(left) or is_iterator(right):
        return True
    return _plain(left, right, rtol=rtol, depth=depth)


def _plain(left: Any, right: Any, *, rtol: float, depth: int) -> bool:
    if _is_number(left) and _is_number(right):
        return bool(np.isclose(complex(left), complex(right), rtol=rtol, atol=ATOL, equal_nan=True))
    if _is_missing(left) or _is_missing(right):
        return _is_missing(left) and _is_missing(right)
    if isinstance(left, (str, bytes)) or isinstance(right, (str, bytes)):
        return bool(left == right)
    if isinstance(left, dict) and isinstance(right, dict):
        return _dicts(left, right, rtol=rtol, depth=depth)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(equal(a, b, rtol=rtol, depth=depth - 1) for a, b in zip(left, right))
    if _names(type(left)) != _names(type(right)):
        return False
    return _objects(left, right, rtol=rtol, depth=depth)


def _dicts(left: Dict[Any, Any], right: Dict[Any, Any], *, rtol: float, depth: int) -> bool:
    if len(left) != len(right):
        return False
    # NaN keys are not equal to themselves: compare in order of insertion then.
    if set(map(str, left)) != set(map(str, right)):
        return False
    if all(key in right for key in left):
        return all(equal(left[key], right[key], rtol=rtol, depth=depth - 1) for key in left)
    return all(equal(a, b, rtol=rtol, depth=depth - 1) for a, b in zip(left.values(), right.values()))


def _objects(left: Any, right: Any, *, rtol: float, depth: int) -> bool:
    inner = getattr(left, "__dict__", None)
    if inner and not isinstance(left, (pd.api.extensions.ExtensionDtype, np.dtype)) and _own_equality(left) is None:
        other = vars(right)
        return set(inner) == set(other) and all(equal(inner[name], other[name], rtol=rtol, depth=depth - 1) for name in inner)
    try:
        same = left == right
        if isinstance(same, (bool, np.bool_)) and (same or _own_equality(left) is not None):
            return bool(same)
    except Exception:
        pass
    try:
        return pickle.dumps(left) == pickle.dumps(right)
    except Exception:
        return True  # can't be recorded: not judged


def _own_equality(value: Any) -> Any:
    method: Any = type(value).__eq__
    default: Any = object.__eq__
    return None if method is default else method


def _names(value: Any) -> str:
    return (
        str(getattr(value, "__module__", ""))
        + "."
        + str(getattr(value, "__qualname__", getattr(value, "__name__", type(value).__name__)))
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float, complex, np.number, np.bool_)) and not isinstance(value, np.timedelta64)


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value)


def _frames(left: Any, right: Any, *, labels: bool, skip: Collection[Any], rtol: float) -> bool:
    if not (isinstance(left, pd.DataFrame) and isinstance(right, pd.DataFrame)) or left.shape != right.shape:
        return False
    if list(map(str, left.columns)) != list(map(str, right.columns)):
        return False
    if labels and not _arrays(left.index, right.index, rtol=rtol):
        return False
    for position, name in enumerate(left.columns):
        if name in skip:
            continue
        if not _columns(left.iloc[:, position], right.iloc[:, position], rtol=rtol):
            return False
    return True


def _series(left: Any, right: Any, *, labels: bool, skip: Collection[Any], rtol: float) -> bool:
    if not (isinstance(left, pd.Series) and isinstance(right, pd.Series)) or len(left) != len(right):
        return False
    if left.name in skip and right.name in skip:
        return True
    if labels and not _arrays(left.index, right.index, rtol=rtol):
        return False
    return _columns(left, right, rtol=rtol)


def _columns(left: pd.Series, right: pd.Series, *, rtol: float) -> bool:
    if isinstance(left.dtype, pd.CategoricalDtype) or isinstance(right.dtype, pd.CategoricalDtype):
        if not (isinstance(left.dtype, pd.CategoricalDtype) and isinstance(right.dtype, pd.CategoricalDtype)):
            return False
        if (
            len(left) != len(right)
            or left.cat.ordered != right.cat.ordered
            or not _arrays(left.cat.categories, right.cat.categories, rtol=rtol)
        ):
            return False
        return bool(np.array_equal(np.asarray(left.cat.codes), np.asarray(right.cat.codes)))
    return _arrays(left.array, right.array, rtol=rtol)


def _arrays(left: Any, right: Any, *, rtol: float) -> bool:
    if isinstance(left, pd.IntervalIndex) and isinstance(right, pd.IntervalIndex):
        return _arrays(left.left, right.left, rtol=rtol) and _arrays(left.right, right.right, rtol=rtol)
    try:
        first, second = np.asarray(left), np.asarray(right)
    except Exception:
        return True
    if first.shape != second.shape:
        return False
    if first.dtype.kind in "biufc" and second.dtype.kind in "biufc":
        return bool(np.allclose(first, second, rtol=rtol, atol=ATOL, equal_nan=True))
    if first.dtype.kind in "mM" and second.dtype.kind in "mM":
        first, second = first.astype(first.dtype.str[:2] + "8[ns]"), second.astype(second.dtype.str[:2] + "8[ns]")
        return bool(np.array_equal(first.view("i8"), second.view("i8")))
    return _elements(first, second, rtol=rtol)


def _elements(first: np.ndarray, second: np.ndarray, *, rtol: float) -> bool:
    same = np.empty(0)
    try:
        same = np.asarray(first == second)
        if same.shape == first.shape and same.dtype == bool and bool(same.all()):
            return True
    except Exception:
        pass
    return all(equal(a, b, rtol=rtol, depth=3) for a, b in zip(first.ravel().tolist(), second.ravel().tolist()))


def _sparse(left: Any, right: Any, *, rtol: float) -> bool:
    if not (is_sparse(left) and is_sparse(right)) or left.shape != right.shape:
        return False
    difference = abs(left - right)
    return difference.nnz == 0 or float(difference.max()) <= ATOL + rtol * float(abs(right).max())


def first_difference(left: Any, right: Any) -> str:
    """Where two tables differ first, for a message: a column's name, a shape, or ''."""
    if isinstance(left, pd.DataFrame) and isinstance(right, pd.DataFrame):
        if list(left.columns) != list(right.columns):
            extra = [
                name for name in list(left.columns) + list(right.columns) if (name in left.columns) != (name in right.columns)
            ]
            return "column {!r}".format(extra[0]) if extra else "the order of the columns"
        if len(left) != len(right):
            return "the number of rows ({} and {})".format(len(left), len(right))
        for position, name in enumerate(left.columns):
            if not _columns(left.iloc[:, position], right.iloc[:, position], rtol=RTOL):
                return "column {!r}".format(name)
    first, second = getattr(left, "shape", None), getattr(right, "shape", None)
    if first != second:
        return "the shape ({} and {})".format(first, second)
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray) and left.ndim == 2:
        for position in range(left.shape[1]):
            if not _arrays(left[:, position], right[:, position], rtol=RTOL):
                return "column {}".format(position)
    return "its values"
