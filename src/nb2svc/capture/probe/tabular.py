"""The few things the probe must know of a value: how many rows it has, how to take some, how to copy it."""

from __future__ import annotations

import collections.abc
import copy
import functools
import pickle
import types
from typing import Any, Iterator, List, Optional, Sequence

import numpy as np
import pandas as pd

PLAIN = (type(None), bool, int, float, complex, str, bytes, np.generic, type(Ellipsis), type(NotImplemented), type(pd.NaT))
NOT_DATA = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType, type, functools.partial, np.ufunc)
COPY_ON_WRITE = int(pd.__version__.split(".")[0]) >= 3


def is_sparse(value: Any) -> bool:
    """Whether it is a scipy sparse matrix or array (scipy itself is not needed to tell)."""
    return hasattr(value, "tocsr") and hasattr(value, "nnz") and hasattr(value, "shape")


def is_frame(value: Any) -> bool:
    """A DataFrame or Series: rows with labels."""
    return isinstance(value, (pd.DataFrame, pd.Series))


def is_rows(value: Any) -> bool:
    """Whether the value could have one entry a row (frames, series, arrays of at least one dimension, sparse, lists)."""
    if isinstance(value, (pd.DataFrame, pd.Series, pd.Index, pd.api.extensions.ExtensionArray)):
        return True
    if isinstance(value, np.ndarray):
        return value.ndim >= 1
    return is_sparse(value) or type(value) is list


def estimators_of(value: Any) -> List[Any]:
    """A fitted value and the parts of its lists and dictionaries, without plain values and tables."""
    if isinstance(value, (list, tuple, dict)):
        parts = list(value.values()) if isinstance(value, dict) else list(value)
        inner = [found for part in parts for found in estimators_of(part)]
        return [value, *inner] if inner else []
    return [] if isinstance(value, PLAIN) or is_rows(value) or not hasattr(value, "__dict__") else [value]


def count(value: Any) -> int:
    """Number of rows of a value for which `is_rows` holds."""
    return int(value.shape[0]) if is_sparse(value) else len(value)


def is_iterator(value: Any) -> bool:
    """Whether iterating it consumes it: generators, `zip`, `enumerate`, `map`."""
    return isinstance(value, collections.abc.Iterator)


def is_booster_data(value: Any) -> bool:
    """Whether it is a booster's own form of rows (`xgb.DMatrix`, `lgb.Dataset`), which lies outside Python's memory."""
    kind = type(value)
    return (kind.__module__ or "").split(".")[0] in ("xgboost", "lightgbm") and kind.__name__.endswith(("DMatrix", "Dataset"))


def is_carrier(value: Any) -> bool:
    """Objects that hold rows and are no rows themselves: GroupBy, `.str`, `.dt`, `.loc`, rolling windows, iterators."""
    if is_iterator(value) or isinstance(value, range) or is_booster_data(value):
        return True
    module = type(value).__module__ or ""
    if module.split(".")[0] != "pandas":
        return False
    name = type(value).__name__
    return name.endswith(
        ("GroupBy", "Indexer", "Methods", "Properties", "Accessor", "Rolling", "Expanding", "Window", "Resampler")
    ) or (name.endswith("Plot") or "Indexer" in name or "Grouper" in name)


def take(value: Any, positions: np.ndarray) -> Any:
    """Rows of a value at integer positions; the labels go with them."""
    if isinstance(value, (pd.DataFrame, pd.Series)):
        return value.iloc[positions]
    if isinstance(value, (pd.Index, pd.api.extensions.ExtensionArray)):
        return value.take(positions)
    if is_sparse(value):
        return value.tocsr()[positions]
    if isinstance(value, np.ndarray):
        return value[positions]
    if isinstance(value, list):
        return [value[int(position)] for position in positions]
    raise TypeError("no rows in a " + type(value).__name__)


def fresh_rows(value: Any, positions: np.ndarray) -> Any:
    """A private copy of some rows with a fresh index, as a request has."""
    part = take(value, positions)
    if is_frame(part):
        return part.reset_index(drop=True).copy()
    return copy.copy(part)


def snapshot(value: Any) -> Any:
    """A copy that later in-place statements do not reach.

    Frames share their data under copy-on-write (pandas 3) and are copied before it. Where an object can't be copied, its
    `__dict__` is; `None` of `Uncopied` stands for what can't be recorded at all.
    """
    if isinstance(value, (PLAIN, NOT_DATA)):
        return value
    if isinstance(value, (pd.DataFrame, pd.Series)):
        return value.copy(deep=not COPY_ON_WRITE)
    if isinstance(value, (np.ndarray, pd.Index, pd.api.extensions.ExtensionArray)) or is_sparse(value):
        return value.copy()
    if is_booster_data(value):
        return Uncopied
    try:
        return copy.deepcopy(value)
    except Exception:
        return _copy_by_parts(value)


def _copy_by_parts(value: Any) -> Any:
    try:
        return pickle.loads(pickle.dumps(value))
    except Exception:
        pass
    try:
        kind: Any = type(value)
        twin = kind.__new__(kind)
        twin.__dict__.update({name: snapshot(part) for name, part in vars(value).items()})
        return twin
    except Exception:
        return Uncopied


class Uncopied:
    """Stands for a value that can't be copied: it is not judged."""


def parts_of(value: Any, depth: int = 4) -> Iterator[Any]:
    """The values that a container holds, at any depth (lists, tuples, dicts, sets of at most 1,000 entries)."""
    if depth == 0:
        return
    if isinstance(value, dict):
        inner: Sequence[Any] = list(value.values())
    elif isinstance(value, (list, tuple, set, frozenset)):
        inner = list(value)
    else:
        return
    for part in inner[:1000]:
        yield part
        if not isinstance(part, PLAIN):
            yield from parts_of(part, depth - 1)


def column_names(value: Any) -> Optional[List[Any]]:
    """A frame's column labels, or None for anything else."""
    return list(value.columns) if isinstance(value, pd.DataFrame) else None


def hash_rows(value: Any) -> Optional[np.ndarray]:
    """One 64-bit hash a row of a frame, series or array, without its labels; None where the rows can't be hashed."""
    try:
        if isinstance(value, pd.DataFrame):
            return np.asarray(pd.util.hash_pandas_object(value.reset_index(drop=True), index=False))
        if isinstance(value, pd.Series):
            return np.asarray(pd.util.hash_pandas_object(value.reset_index(drop=True), index=False))
        if isinstance(value, np.ndarray) and value.dtype != object:
            flat = np.ascontiguousarray(value).reshape(len(value), -1)
            return np.asarray(pd.util.hash_pandas_object(pd.DataFrame(flat), index=False))
    except (TypeError, ValueError):
        return None
    return None
