"""What rows and columns a value of the notebook has, whatever library it is of: sent to the kernel beside `kernel_side.py`.

It imports the standard library only, and runs on Python 3.9.
"""

from __future__ import annotations

import contextlib
import math
import sys
from typing import Any


def kind(table: Any, by: Any) -> str:
    """`X[features]` of a table chooses columns, `X[test]` of an array chooses rows."""
    frame = hasattr(table, "columns")
    if isinstance(by, str):
        return "columns" if frame else ""
    values = listed(by)
    if values and all(isinstance(value, bool) or type(value).__name__ in ("bool_", "bool") for value in values):
        return "rows"
    if frame:
        return "columns"
    whole = all(isinstance(value, int) or hasattr(value, "__index__") for value in values)
    return "rows" if whole and hasattr(table, "dtype") and not hasattr(table, "iloc") else ""


def length(value: Any) -> int | None:
    """How many rows a value has; None where it has none."""
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return int(shape[0]) if shape else None
    if isinstance(value, (list, tuple)) or type(value).__name__.endswith("Index"):
        return len(value)
    return None


def cut(value: Any, mask: Any) -> Any:
    """The rows of a mask, as the same kind of value."""
    if isinstance(value, (list, tuple)):
        return type(value)(value if mask is None else [one for one, wanted in zip(value, mask) if wanted])
    numpy = sys.modules["numpy"]
    by = numpy.ones(length(value), dtype=bool) if mask is None else numpy.asarray(mask, dtype=bool)
    if hasattr(value, "iloc"):
        return value.iloc[by].copy()
    if type(value).__module__.partition(".")[0] == "torch":
        return value[sys.modules["torch"].as_tensor(by)]
    return value[by]


def column_of(name: str, value: Any, wanted: str) -> Any:
    """A column of a table, or a value with one column that is named so; None where there is none."""
    columns = getattr(value, "columns", None)
    if columns is not None and hasattr(value, "iloc"):
        places = [place for place, column in enumerate(columns) if column == wanted]
        return value.iloc[:, places[0]] if len(places) == 1 else None
    flat = isinstance(value, list) or len(getattr(value, "shape", ())) == 1
    return value if flat and (name == wanted or getattr(value, "name", None) == wanted) else None


def column_names(name: str, value: Any) -> list[str]:
    """What may be named of a value."""
    columns = getattr(value, "columns", None)
    if columns is not None and hasattr(value, "iloc"):
        return [column for column in columns if isinstance(column, str)]
    own = getattr(value, "name", None)
    return [own] if isinstance(own, str) else [name] if len(getattr(value, "shape", ())) == 1 else []


def listed(values: Any) -> list[Any]:
    """Values one by one, as Python's own where they have one."""
    if hasattr(values, "tolist"):
        return list(values.tolist())
    return list(values)


def missing_or(value: Any) -> Any:
    """A value, or None where it is missing."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    with contextlib.suppress(Exception):
        if value != value:
            return None
    return value


def text(value: Any) -> str:
    """A value as a segment's name: text as it is, but in quotes where it could be another's (a number's, a missing one's)."""
    if isinstance(value, float) and value.is_integer() and math.isfinite(value):
        return str(int(value))
    if not isinstance(value, str):
        return str(value)
    plain = value.strip() == value and value.isprintable() and value not in ("", "missing", "None", "True", "False", "nan")
    with contextlib.suppress(ValueError):
        float(value)
        plain = False
    return value if plain else repr(value)


def order_of(value: Any) -> tuple[int, Any]:
    """What segments are sorted by: numbers by size, then all else by its text."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return (0, value) if number else (1, str(value))


def said(error: BaseException) -> str:
    """An error in one line."""
    first = str(error).strip().split("\n", 1)[0]
    return (f"{type(error).__name__}: {first}" if first else type(error).__name__)[:300]
