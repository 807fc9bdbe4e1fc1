"""Learned values made wrong: what a service would compute if its state were another."""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
from typing import Any, Iterator, Optional

from .patching import Unmade


@contextlib.contextmanager
def other_state(capture: Any, name: str) -> Iterator[None]:
    """The served state with another value under one name, until the block ends."""
    entries = capture.predictor.state._entries
    if name not in entries:
        raise Unmade("the service remembers no " + name)
    before = entries[name]
    changed = another(before)
    if changed is None:
        raise Unmade(name + " has no value that could be another")
    entries[name] = changed
    try:
        yield
    finally:
        entries[name] = before


def another(value: Any) -> Optional[Any]:
    """Another value of the same kind; None where none is known.

    40.0 → 40.41; a day later; a list, category or other table in another order; of an object one thing that it learned
    """
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return not value
    if isinstance(value, str):
        return value + "?"
    if isinstance(value, (dt.datetime, dt.date)):
        return value + dt.timedelta(days=1)
    if isinstance(value, dict):
        places = [(key, another(item)) for key, item in value.items()]
        found = next(((key, item) for key, item in places if item is not None), None)
        return None if found is None else _with(copy.copy(value), found[0], found[1])
    if isinstance(value, (list, tuple)):
        return type(value)([*value[1:], *value[:1]]) if len(value) > 1 else type(value)(map(another, value))
    if hasattr(value, "categories") and hasattr(value, "ordered"):
        return type(value)(list(value.categories)[::-1], ordered=value.ordered)
    if hasattr(value, "dtype") and hasattr(value, "__len__"):
        return value * 1.01 + 0.01 if value.dtype.kind in "iufc" else value[::-1]
    if hasattr(value, "iloc"):
        return value.iloc[::-1].set_axis(value.index)
    try:
        return value * 1.01 + 0.01
    except TypeError:
        return _other_object(value)


def _with(value: Any, key: Any, item: Any) -> Any:
    value[key] = item
    return value


def _other_object(value: Any) -> Optional[Any]:
    """A fitted object with one of the arrays that it learned changed."""
    for name, member in sorted(getattr(value, "__dict__", {}).items()):
        if name.endswith("_") and getattr(getattr(member, "dtype", None), "kind", "") == "f":
            other = copy.copy(value)
            setattr(other, name, member * 1.01 + 0.01)
            return other
    for name, member in sorted(getattr(value, "__dict__", {}).items()):
        if name.endswith("_") and isinstance(member, (dict, list)) and len(member) > 1:
            changed = another(member)
            if changed is not None:
                return _set(copy.copy(value), name, changed)
    return None


def _set(value: Any, name: str, member: Any) -> Any:
    setattr(value, name, member)
    return value
