"""A learned value's document, as the codec writes it, in one of three forms: a value, members, or rows by key.

{"$type": "float64", "value": 1.5}                          → 1.5
["north", "south"]                                          → Members(("north", "south"))
{"$type": "Series", "pairs": [["income", 2317.51]], …}      → Table(rows={"income": 2317.51})
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """Several values in their order: categories, edges, names."""

    items: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Values by key; those of a table with several columns are values by column."""

    rows: Mapping[str, Any]
    columns: tuple[str, ...] = ()


Value = Members | Table | bool | int | float | str | None


def read_document(document: Any) -> Value:
    """The value that a document holds; what has none of the three forms becomes its text."""
    if isinstance(document, list):
        return Members(items=tuple(_plain(item) for item in document))
    if not isinstance(document, dict):
        return document if isinstance(document, bool | int | float | str) or document is None else str(document)
    kind = document.get("$type")
    if "$keyed" in document:
        return Table(rows=_inner(document["$keyed"]))
    if kind is None:
        return Table(rows=_inner(list(document.items())))
    if kind in ("tuple", "set", "frozenset", "deque"):
        return Members(items=tuple(_plain(item) for item in document["items"]))
    if "pairs" in document:
        return Table(rows=_inner(document["pairs"]))
    if kind == "DataFrame":
        return _frame(document)
    values = document.get("values")
    if isinstance(values, list):
        items = [_plain(item) for item in values]
        keys = _keys(document.get("index"))
        return Table(rows=dict(zip(keys, items, strict=False))) if len(keys) == len(items) > 0 else Members(items=tuple(items))
    value: bool | int | float | str | None = _plain(document)
    return value


def _inner(pairs: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Values by key; what lies deeper is named by a dotted path."""
    rows: dict[str, Any] = {}
    for key, item in pairs:
        name, value = str(_plain(key)), read_document(item)
        if isinstance(value, Table):
            rows.update({f"{name}.{inner}": each for inner, each in value.rows.items()})
        elif isinstance(value, Members):
            rows.update({f"{name}.{place}": each for place, each in enumerate(value.items)})
        else:
            rows[name] = value
    return rows


def _frame(document: Mapping[str, Any]) -> Table:
    """A table's rows by its index; by its first column where that names the rows and the index only counts them."""
    found = read_document(document.get("columns"))
    columns = tuple(str(item) for item in found.items) if isinstance(found, Members) else ()
    cells = [[_plain(item) for item in row] for row in document.get("rows", [])]
    keys = _keys(document.get("index"))
    first = [row[0] for row in cells if row]
    if len(keys) != len(cells):
        named = len(columns) > 1 and len(set(map(str, first))) == len(cells) and all(isinstance(each, str) for each in first)
        keys = [str(each) for each in first] if named else [str(place) for place in range(len(cells))]
    rows = {key: dict(zip(columns, row, strict=False)) for key, row in zip(keys, cells, strict=True)}
    return Table(rows=rows, columns=columns)


def _keys(index: Any) -> list[str]:
    """An index as texts; [] where it only counts the rows, or is of a form that is not read."""
    if not isinstance(index, dict) or index.get("$type") in ("RangeIndex", "MultiIndex"):
        return []
    values = index.get("values")
    keys = [str(_plain(item)) for item in values] if isinstance(values, list) else []
    return keys if len(set(keys)) == len(keys) else []


def _plain(document: Any) -> Any:
    """A value inside another as one that can be compared and told: typed scalars as themselves, anything deeper as text."""
    if isinstance(document, list):
        return "[" + ", ".join(str(_plain(item)) for item in document) + "]"
    if not isinstance(document, dict):
        return document
    kind, value = document.get("$type"), document.get("value")
    if kind == "Interval":
        return f"{_plain(document.get('left'))} to {_plain(document.get('right'))}"
    if kind == "float":
        return float(str(value))
    if isinstance(value, bool | int | float | str):
        text = value
        return text.removesuffix(".000000").removesuffix("T00:00:00") if isinstance(text, str) else text
    return ", ".join(f"{key} {_plain(item)}" for key, item in document.items() if key != "$type")
