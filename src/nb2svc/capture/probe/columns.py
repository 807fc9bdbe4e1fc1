"""The raw tables as the schema needs them: dtypes, ranges, categories, missing values, and what each column is used for."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any, Collection, Dict, List, Optional

import numpy as np
import pandas as pd

from .rowids import Rows
from .tabular import count, is_sparse

MANY_VALUES = 200


def table_json(name: str, value: Any, *, role: str, rows: Optional[np.ndarray], uses: Dict[Any, str], key: Optional[str],
               main_key: Optional[str], discrete: Collection[Any] = ()) -> Dict[str, Any]:  # fmt: skip
    """A raw value's facts; `rows` are positions of the rows that reached the model input (None: all of them).

    `discrete` are columns of whole numbers that name categories.
    """
    kind = kind_of(value)
    found: Dict[str, Any] = {"name": name, "role": role, "kind": kind, "rows": 0 if kind == "value" else count(value)}
    found.update(columns=[], shape=[], dtype="", key=key, main_key=main_key)
    part: Any
    if isinstance(value, pd.DataFrame):
        part = value if rows is None else value.iloc[rows]
        found["columns"] = [
            column_json(
                str(label), value.iloc[:, place], part.iloc[:, place], uses.get(label, "read"), discrete=label in discrete
            )
            for place, label in enumerate(value.columns)
        ]
    elif isinstance(value, pd.Series):
        part = value if rows is None else value.iloc[rows]
        found.update(columns=[column_json(str(value.name or name), value, part, "read")], dtype=str(value.dtype))
    elif kind == "array":
        part = value if rows is None else value[rows]
        flat = pd.Series(part.toarray().ravel() if is_sparse(part) else np.asarray(part).ravel())
        found.update(columns=[column_json(name, flat, flat, "read")], dtype=str(value.dtype), shape=list(value.shape[1:]))
    elif kind == "list":
        part = value if rows is None else [value[int(row)] for row in rows]
        series = pd.Series(part)
        found.update(columns=[column_json(name, series, series, "read")], dtype=str(series.dtype))
    return found


def kind_of(value: Any) -> str:
    """frame, array, series, list, or value for anything that is no table."""
    if isinstance(value, pd.DataFrame):
        return "frame"
    if isinstance(value, pd.Series):
        return "series"
    if is_sparse(value) or (isinstance(value, np.ndarray) and value.ndim >= 1):
        return "array"
    return "list" if type(value) is list else "value"


def column_json(name: str, whole: pd.Series, part: pd.Series, use: str, *, discrete: bool = False) -> Dict[str, Any]:
    """One column: what all rows show of its type, and what the rows that reached the model input show of its values."""
    kind = column_kind(whole)
    present = part.dropna()
    low = high = None
    if kind in ("integer", "float", "datetime") and len(present):
        low, high = scalar(present.min()), scalar(present.max())
    return {
        "name": name, "dtype": str(whole.dtype), "kind": kind, "nullable": bool(part.isna().any()), "low": low, "high": high,
        "values": known_values(present, kind, discrete=discrete), "use": use, "fixed": fixed_value(part if len(part) else whole),
        **categories_of(whole.dtype),
    }  # fmt: skip


def categories_of(dtype: Any) -> Dict[str, Any]:
    """All categories in the dtype's own order, which its codes count by."""
    if not isinstance(dtype, pd.CategoricalDtype):
        return {"categories": [], "ordered": False}
    return {"categories": [scalar(value) for value in dtype.categories], "ordered": bool(dtype.ordered)}


def column_kind(column: pd.Series) -> str:
    """integer, float, boolean, string, datetime or other."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return column_kind(pd.Series(dtype.categories))
    if pd.api.types.is_bool_dtype(dtype):
        return "boolean"
    if pd.api.types.is_integer_dtype(dtype):
        return "integer"
    if pd.api.types.is_float_dtype(dtype):
        return "float"
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return "datetime"
    present = column.dropna()
    if len(present) == 0:
        return "string" if pd.api.types.is_string_dtype(dtype) else "other"
    if all(isinstance(value, str) for value in present):
        return "string"
    if all(isinstance(value, (bool, np.bool_)) for value in present):
        return "boolean"
    if all(isinstance(value, (pd.Timestamp, dt.date)) for value in present):
        return "datetime"
    return "other"


def known_values(present: pd.Series, kind: str, *, discrete: bool = False) -> List[Any]:
    """The categories seen, sorted, of strings, category dtypes and `discrete` numbers with at most 200 of them."""
    if kind != "string" and not discrete and not isinstance(present.dtype, pd.CategoricalDtype):
        return []
    try:
        values = present.unique().tolist()
    except TypeError:
        return []
    if len(values) > MANY_VALUES:
        return []
    return sorted((scalar(value) for value in values), key=lambda value: (str(type(value)), value))


def fixed_value(column: pd.Series) -> Any:
    """A value that training saw: the most frequent one (the smallest of several)."""
    present = column.dropna()
    if len(present) == 0:
        return None
    try:
        modes = present.mode()
        return scalar(modes.iloc[0])
    except (TypeError, IndexError):
        return scalar(present.iloc[0])


def scalar(value: Any) -> Any:
    """A value as JSON has it: ISO 8601 for times, None for missing."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, (pd.Timestamp, dt.date)):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, (bool, int, str)) else str(value)


def reached_rows(rows: List[Optional[Rows]], domain: str) -> np.ndarray:
    """Main rows that reached the model input, by fit or by predict."""
    ids = [item.ids for item in rows if item is not None and item.domain == domain]
    found = np.unique(np.concatenate(ids)) if ids else np.empty(0, dtype=np.int64)
    return found[found >= 0]
