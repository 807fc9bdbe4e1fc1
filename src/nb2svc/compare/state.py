"""What training left, old and new: learned values, lookup tables and fitted objects, value by value.

{"income_mean": 2317.51}, {"income_mean": 2400.1}  →  income_mean: 2317.5 → 2400.1 (+3.6 %)
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nb2svc.compare.arrays import Array, read_arrays, read_text_array
from nb2svc.compare.documents import Members, Table, Value, read_document
from nb2svc.compare.estimators import Fitted, Learned, read_fitted
from nb2svc.compare.words import Coded, counted, listed, pair, relative, said
from nb2svc.ir.difference import StateChange
from nb2svc.ir.snapshot import Stored

SHOWN = 5
# How long a fit took is not what it learned.
_TIMES = ("time_",)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    what: str
    details: tuple[str, ...] = ()


def state_changes(old: Sequence[Stored], new: Sequence[Stored]) -> tuple[tuple[StateChange, ...], int]:
    """What changed, was added or dropped, and how many values are the same."""
    before, after = ({(each.role, each.name): each for each in side} for side in (old, new))
    found, same = [], 0
    for key in dict.fromkeys([*before, *after]):
        one, two = before.get(key), after.get(key)
        change: _Said | None
        if one is None or two is None:
            change = _Said(what=f"new: {_summary(two)}" if two else f"gone; it was {_summary(one)}")
        elif (one.document, one.content) == (two.document, two.content):
            same += 1
            continue
        else:
            change = _compared(one, two, settings=key[0] != "model")
        if change is None:
            same += 1
        else:
            found.append(StateChange(name=key[1], role=key[0], what=change.what, details=change.details))
    return tuple(found), same


def _summary(stored: Stored | None) -> str:
    """A value in a few words."""
    if stored is None:
        return ""
    if stored.content:
        fitted = read_fitted(stored.content)
        return f"a fitted {fitted.kind}" if fitted else f"{stored.file}, {len(stored.content):,} bytes"
    match read_document(json.loads(stored.document)):
        case Members(items=items):
            return listed([Coded(item) if not isinstance(item, str) else item for item in items])
        case Table(rows=rows):
            return f"a table of {counted(len(rows), 'row')}"
        case value:
            return said(value)


def _compared(old: Stored, new: Stored, *, settings: bool) -> _Said | None:
    """What changed between two values; the settings of a model are told elsewhere."""
    if old.document and new.document:
        return _values(read_document(json.loads(old.document)), read_document(json.loads(new.document)))
    fitted = read_fitted(old.content), read_fitted(new.content)
    if fitted[0] and fitted[1]:
        return _fitted(fitted[0], fitted[1], told=settings)
    if old.file.endswith(".npz") and new.file.endswith(".npz"):
        return _tables_in_files(old.content, new.content)
    return _Said(what=f"was {_summary(old)}, is {_summary(new)}")


def _values(old: Value, new: Value) -> _Said | None:
    if isinstance(old, Members) and isinstance(new, Members):
        return _members(old.items, new.items)
    if isinstance(old, Table) and isinstance(new, Table):
        return _tables(old, new)
    if isinstance(old, Members | Table) or isinstance(new, Members | Table):
        return _Said(what="is a value of another form now")
    return None if same(old, new) else _Said(what=moved(old, new))


def same(old: object, new: object) -> bool:
    """Whether two plain values are the same; NaN is NaN."""
    both_nan = isinstance(old, float) and isinstance(new, float) and math.isnan(old) and math.isnan(new)
    return both_nan or (isinstance(old, bool) == isinstance(new, bool) and old == new)


def moved(old: object, new: object) -> str:
    """`2317.5 → 2400.1 (+3.6 %)`."""
    if _is_number(old) and _is_number(new):
        texts, share = pair(old, new), relative(old, new)  # type: ignore[arg-type]  # numbers, as just asked
        return f"{texts[0]} → {texts[1]}" + (f" ({share})" if share else "")
    return f"{said(old)} → {said(new)}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _members(old: Sequence[object], new: Sequence[object]) -> _Said | None:
    if list(old) == list(new):
        return None
    if len(old) == len(new) and all(map(_is_number, [*old, *new])):
        return _rows(
            {str(place): one for place, one in enumerate(old)}, {str(place): one for place, one in enumerate(new)}, "value"
        )
    gone, come = [each for each in old if each not in new], [each for each in new if each not in old]
    parts = [f"{listed(come)} new"] * bool(come) + [f"{listed(gone)} gone"] * bool(gone)
    return _Said(what="; ".join(parts) or "the same values in another order")


def _tables(old: Table, new: Table) -> _Said | None:
    found = _rows(old.rows, new.rows, "row")
    gone, come = (
        [each for each in old.columns if each not in new.columns],
        [each for each in new.columns if each not in old.columns],
    )
    parts = [f"column {listed(come)} new"] * bool(come) + [f"column {listed(gone)} gone"] * bool(gone)
    if not parts:
        return found
    return _Said(what="; ".join([*parts, *([found.what] if found else [])]), details=found.details if found else ())


def _rows(old: Mapping[str, Any], new: Mapping[str, Any], what: str) -> _Said | None:
    """Entries by key: `2 of 6 rows changed, 1 new`, and the largest changes first."""
    changed = [key for key in old if key in new and not _same_row(old[key], new[key])]
    gone, come = [key for key in old if key not in new], [key for key in new if key not in old]
    counts = [f"{len(changed):,} of {counted(len(new), what)} changed"] * bool(changed)
    counts += [f"{listed([*map(Coded, come)])} new"] * bool(come) + [f"{listed([*map(Coded, gone)])} gone"] * bool(gone)
    if not counts:
        return None
    largest = sorted(changed, key=lambda key: -_size(old[key], new[key]))[:SHOWN]
    details = [f"{key}: {_row_moved(old[key], new[key])}" for key in largest]
    if len(changed) > len(largest):
        details.append(f"and {len(changed) - len(largest):,} more")
    return _Said(what=", ".join(counts), details=tuple(details))


def _same_row(old: Any, new: Any) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(same(old[name], new[name]) for name in old)
    return same(old, new)


def _row_moved(old: Any, new: Any) -> str:
    if isinstance(old, dict) and isinstance(new, dict):
        names = [name for name in dict.fromkeys([*old, *new]) if not same(old.get(name), new.get(name))]
        return ", ".join(f"{name} {moved(old.get(name), new.get(name))}" for name in names)
    return moved(old, new)


def _size(old: Any, new: Any) -> float:
    """How large a change is, relative to the old value; what is no number comes first."""
    if isinstance(old, dict) and isinstance(new, dict):
        return max((_size(old.get(name), new.get(name)) for name in {*old, *new}), default=0.0)
    if not _is_number(old) or not _is_number(new):
        return 0.0 if same(old, new) else math.inf
    return abs(new - old) / abs(old) if old else (math.inf if new else 0.0)


def _fitted(old: Fitted, new: Fitted, *, told: bool) -> _Said | None:
    """Fitted objects by their settings, where these are to be `told`, and by what they learned."""
    if old.kind != new.kind:
        return _Said(what=f"was a fitted {old.kind}, is a fitted {new.kind}")
    names = feature_names(old.learned), feature_names(new.learned)
    both = [*old.settings, *new.settings] if told else []
    settings = [key for key in dict.fromkeys(both) if old.settings.get(key) != new.settings.get(key)]
    details = [f"{key}: {old.settings.get(key, 'unset')} → {new.settings.get(key, 'unset')}" for key in settings]
    parts = [f"{counted(len(settings), 'setting')} changed"] if settings else []
    for key in dict.fromkeys([*old.learned, *new.learned]):
        found = None if key.endswith(_TIMES) else _learned(old.learned.get(key), new.learned.get(key), names)
        if found is not None:
            details += [f"{key}: {found.what}", *(f" {line}" for line in found.details)]
            parts += [f"another fitted {new.kind}"] * (f"another fitted {new.kind}" not in parts)
    inside = f"{new.kind}: its settings and what it says of itself are the same, its inside (trees and the like) is not"
    return _Said(what=", ".join(parts) or inside, details=tuple(details))


def feature_names(learned: Mapping[str, Learned]) -> tuple[str, ...]:
    """The names of the columns that a fitted object was fitted on, where it knows them."""
    found = learned.get("feature_names_in_")
    return tuple(map(str, found)) if isinstance(found, tuple) else ()


def _learned(old: Learned, new: Learned, names: tuple[tuple[str, ...], tuple[str, ...]]) -> _Said | None:
    if isinstance(old, Array) and isinstance(new, Array):
        if (old.dtype, old.shape, old.content) == (new.dtype, new.shape, new.content):
            return None
        return _arrays(old, new, names)
    if isinstance(old, Array) or isinstance(new, Array):
        return _Said(what="is a value of another form now")
    if isinstance(old, tuple) and isinstance(new, tuple):
        return _members(old, new)
    return None if same(old, new) else _Said(what=moved(old, new))


def _arrays(old: Array, new: Array, names: tuple[tuple[str, ...], tuple[str, ...]]) -> _Said | None:
    """Arrays by the names of the columns that they have a value for; without names by place, where they are of one size."""
    values = old.values(), new.values()
    if len(values[0]) == len(values[1]) == 1:
        return _values(values[0][0], values[1][0])
    if len(values[0]) == len(names[0]) and len(values[1]) == len(names[1]):
        return _rows(dict(zip(names[0], values[0], strict=True)), dict(zip(names[1], values[1], strict=True)), "value")
    if len(values[0]) != len(values[1]):
        return _Said(what=f"{len(values[0]):,} → {counted(len(values[1]), 'value')}")
    return _rows(_by_place(values[0]), _by_place(values[1]), "value")


def _by_place(values: Sequence[Any]) -> dict[str, Any]:
    return {f"[{place}]": value for place, value in enumerate(values)}


def _tables_in_files(old: bytes, new: bytes) -> _Said | None:
    """Large tables by their columns' bytes: how many rows hold another value."""
    try:
        arrays = read_arrays(old), read_arrays(new)
    except ValueError:
        return _Said(what="is another file now")
    sizes = [max((len(_cells(side[place])) for place in _columns(side).values()), default=0) for side in arrays]
    details, changed = [], 0
    for name, place in _columns(arrays[1]).items():
        one, two = arrays[0].get(place), arrays[1][place]
        if one is not None and (one.dtype, one.content) != (two.dtype, two.content):
            count = sum(before != after for before, after in zip(_cells(one), _cells(two), strict=False))
            changed = max(changed, count)
            details.append(f"{name}: {count:,} of {len(_cells(two)):,} values changed")
    grown = f"{counted(sizes[0], 'row')} → {sizes[1]:,}; " if sizes[0] != sizes[1] else ""
    return _Said(what=f"{grown}at least {changed:,} of {counted(sizes[1], 'row')} changed", details=tuple(details[:SHOWN]))


def _cells(array: Array) -> Sequence[Any]:
    """A column's values; texts are JSON written as bytes."""
    if array.dtype == "|u1":
        try:
            found = read_text_array(array)
            return found if isinstance(found, list) else [found]
        except ValueError:
            return array.values()
    return array.values()


def _columns(arrays: Mapping[str, Array]) -> dict[str, str]:
    """Column names and their places in the file."""
    places = [name for name in arrays if name.startswith("column_") or name == "values"]
    names: list[str] = []
    if "head" in arrays:
        found = read_document(read_text_array(arrays["head"]).get("columns"))
        names = [str(item) for item in found.items] if isinstance(found, Members) else []
    return dict(zip(names if len(names) == len(places) else places, places, strict=True))
