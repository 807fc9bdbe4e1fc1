"""What `model.answer` gave, as JSON values, one a row."""

import datetime as dt
import math
from typing import Any, List, Optional, Sequence

from .schema import Answer

# A prediction that is no value: NaN, None, infinity.
NOTHING = object()


def per_row(output: Any, answer: Answer) -> Optional[List[Any]]:
    """The output as one JSON value a row (`NOTHING` where there is none); None where it has no rows.

    Several outputs of a row are an object where they have names, else a list.
    """
    if hasattr(output, "columns") and hasattr(output, "iloc"):
        columns = [output.iloc[:, place].tolist() for place in range(output.shape[1])]
        rows: List[Any] = [list(row) for row in zip(*columns)] if columns else []
        return [_several(row, answer.names or [str(name) for name in output.columns]) for row in rows]
    if hasattr(output, "tolist"):
        output = output.tolist()
    if isinstance(output, tuple):
        output = list(output)
    if not isinstance(output, list):
        return None
    if answer.kind in ("label", "number"):
        output = [row[0] if isinstance(row, (list, tuple)) and len(row) == 1 else row for row in output]
    return [_several(list(row), answer.names) if isinstance(row, (list, tuple)) else scalar(row) for row in output]


def _several(row: List[Any], names: Sequence[str]) -> Any:
    values = [scalar(item) for item in row]
    if any(value is NOTHING for value in values):
        return NOTHING
    return dict(zip(names, values)) if len(names) == len(values) else values


def scalar(value: Any) -> Any:
    """A value of numpy, pandas or Python as a JSON scalar; what JSON has no form for becomes its text."""
    if hasattr(value, "item") and type(value).__module__ == "numpy":
        value = value.item()
    if value is None or type(value).__name__ in ("NaTType", "NAType"):
        return NOTHING
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else NOTHING
    if isinstance(value, (bool, int, str)):
        return value
    return value.isoformat() if isinstance(value, (dt.datetime, dt.date)) else str(value)


def same(left: Any, right: Any) -> bool:
    """Whether two outputs hold the same values in the same order."""
    one, two = per_row(left, Answer("label")), per_row(right, Answer("label"))
    return one is not None and one == two
