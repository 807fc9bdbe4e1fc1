"""Rows made up from what training's columns look like: for the API page and example.json, never a captured row."""

import math
import re
from collections.abc import Sequence
from datetime import datetime

from nb2svc.ir.observation import Column, Condition, Scalar, Table
from nb2svc.ir.plan import Plan

Row = dict[str, object]

# What stands for a column of which training saw no extremes.
_UNKNOWN: dict[str, Scalar] = {"integer": 1, "float": 1.0, "datetime": "2025-01-01"}


def example_rows(plan: Plan) -> list[Row]:
    """Two rows that lie inside training's domain: one in the middle, one with its missing values and other categories.

    age from 18 to 79, region east or north  →  {"age": 48, "region": "east"}, {"age": 33, "region": "north"}
    """
    main = next(table for table in plan.tables if table.role == "main")
    children = [table for table in plan.tables if table.role == "child"]
    conditions = [guard.condition for guard in plan.guards]
    if main.kind != "frame":
        return [{main.name: _nested(_value(main.columns[0], place, ()), main.shape)} for place in range(2)]
    rows = []
    for place in range(2):
        row = _row(main, place, conditions)
        row.update({child.name: [_row(child, inner, ()) for inner in range(2 - place)] for child in children})
        rows.append(row)
    return rows


def _row(table: Table, place: int, conditions: Sequence[Condition]) -> Row:
    read = [column for column in table.columns if column.use == "read"]
    return {column.name: _value(column, place, [each for each in conditions if each.column == column.name]) for column in read}


def _value(column: Column, place: int, conditions: Sequence[Condition]) -> Scalar:
    """A value of the column: the middle of what training saw for row 0, a quarter of the way (or missing) for row 1."""
    for condition in conditions:
        if condition.operator == "==" and not isinstance(condition.value, tuple):
            return condition.value
        if condition.operator == "in" and isinstance(condition.value, tuple) and condition.value:
            return condition.value[place % len(condition.value)]
    if place == 1 and column.nullable and not conditions:
        return None
    if column.values:
        return column.values[place % len(column.values)]
    if column.kind == "boolean":
        return place == 0
    if column.kind == "string":
        return shape_of(column.fixed) if isinstance(column.fixed, str) else "text"
    if column.low is None or column.high is None:
        return _UNKNOWN.get(column.kind)
    return _between(column, 0.5 if place == 0 else 0.25)


def shape_of(text: str) -> str:
    """A made-up text of the same form, so that code which parses the column can parse it; nothing of the original is left.

    "1100 - 1200" → "1111 - 1111"        "2024-05-17" → "2011-11-11"        "Ann Smith" → "aaa aaaaa"
    """
    made = "".join("1" if letter.isdigit() else "a" if letter.isalpha() else letter for letter in text[:80])
    return re.sub(r"\b1111(?=-11-11)", "2011", made) or "text"


def _between(column: Column, share: float) -> Scalar:
    low, high = column.low, column.high
    if column.kind == "datetime":
        return _moment_between(str(low), str(high), share)
    if not isinstance(low, int | float) or not isinstance(high, int | float) or not math.isfinite(low) or not math.isfinite(high):
        return 1.0
    if column.kind == "integer":
        return int(low) + (int(high) - int(low)) * int(share * 4) // 4
    middle = low * (1 - share) + high * share
    # As few digits as lie inside: a person reads the example.
    return next((rounded for rounded in (round(middle, digits) for digits in (0, 1, 2, 4, 8)) if low <= rounded <= high), middle)


def _moment_between(low: str, high: str, share: float) -> str:
    first, last = datetime.fromisoformat(low), datetime.fromisoformat(high)
    middle = first + (last - first) * share
    whole = middle.replace(hour=0, minute=0, second=0, microsecond=0)
    if first <= whole and whole.tzinfo is None:
        return whole.date().isoformat()
    return middle.replace(microsecond=0).isoformat() if first <= middle.replace(microsecond=0) else low


def _nested(value: Scalar, shape: tuple[int, ...]) -> object:
    for width in reversed(shape):
        value = [value] * width  # type: ignore[assignment]
    return value
