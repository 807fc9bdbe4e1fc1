"""Raw tables for some of the main rows, as a request has them: children by key, fresh indexes, JSON rows."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence

import numpy as np

from .compare import length, missing, take


class Tables:
    """The captured raw values with their roles; `specs` are the observation's tables as JSON."""

    def __init__(self, specs: List[Dict[str, Any]], values: Dict[str, Any]) -> None:
        self.specs = specs
        self.values = values
        self.main = next(spec for spec in specs if spec["role"] == "main")
        self.children = [spec for spec in specs if spec["role"] == "child"]
        self.size = length(values[self.main["name"]])
        self._groups = {spec["name"]: self._group(spec) for spec in self.children}
        self._wire: Dict[str, List[Dict[str, Any]]] = {}

    def select(self, ordinals: Sequence[int]) -> Dict[str, Any]:
        """New tables for these main rows, in this order; lookups whole.

        Rows in the run's order keep the order of their child rows; otherwise children follow their main rows, and where a row
        stands twice every row gets its ordinal as key (a request does so always).
        """
        rows = np.asarray(ordinals, dtype="int64")
        ordered = bool(np.all(np.diff(rows) > 0)) if len(rows) > 1 else True
        twice = len(np.unique(rows)) < len(rows)
        main = _fresh(take(self.values[self.main["name"]], rows))
        # A lookup that is no raw value (a scaler that was loaded) is the project's own.
        lookups = [spec["name"] for spec in self.specs if spec["role"] == "lookup"]
        tables = {name: self.values[name] for name in lookups if name in self.values}
        for spec in self.children:
            tables[spec["name"]] = self._child(spec, rows, ordered=ordered, twice=twice)
        if twice:
            for key in {spec["main_key"] for spec in self.children}:
                main[key] = _ordinals(main[key], np.arange(len(rows)))
        tables[self.main["name"]] = main
        return {name: _copy(value) for name, value in tables.items()}

    def everything(self) -> Dict[str, Any]:
        """New copies of all tables whole, as the notebook's own statements had them."""
        return {name: _copy(_fresh(value)) for name, value in self.values.items()}

    def child_counts(self, spec: Dict[str, Any]) -> Any:
        """How many child rows each main row has."""
        groups = self._groups[spec["name"]]
        keys = self.values[self.main["name"]][spec["main_key"]].tolist()
        return np.array([len(groups.get(key, ())) for key in keys], dtype="int64")

    def child_rows(self, name: str, row: int) -> List[int]:
        """Where in a child table one main row's own rows stand."""
        spec = next(spec for spec in self.children if spec["name"] == name)
        key = self.values[self.main["name"]][spec["main_key"]].iloc[row]
        return list(self._groups[name].get(key.item() if hasattr(key, "item") else key, ()))

    def json_rows(self, ordinals: Sequence[int]) -> List[Dict[str, Any]]:
        """The rows as a client would send them: a child table nested under its name, no key, no target."""
        main = self._wire_rows(self.main)
        rows = [dict(main[int(row)]) for row in ordinals]
        for spec in self.children:
            records, groups = self._wire_rows(spec), self._groups[spec["name"]]
            keys = self.values[self.main["name"]][spec["main_key"]].tolist()
            for row, ordinal in zip(rows, ordinals):
                row[spec["name"]] = [dict(records[place]) for place in groups.get(keys[int(ordinal)], ())]
        return rows

    def _group(self, spec: Dict[str, Any]) -> Dict[Any, List[int]]:
        groups: Dict[Any, List[int]] = {}
        for place, key in enumerate(self.values[spec["name"]][spec["key"]].tolist()):
            if not missing(key):
                groups.setdefault(key, []).append(place)
        return groups

    def _child(self, spec: Dict[str, Any], rows: Any, *, ordered: bool, twice: bool) -> Any:
        groups = self._groups[spec["name"]]
        keys = take(self.values[self.main["name"]][spec["main_key"]], rows).tolist()
        places = [groups.get(key, []) for key in keys]
        flat = np.array([place for group in places for place in group], dtype="int64")
        child = _fresh(take(self.values[spec["name"]], np.sort(flat) if ordered and not twice else flat))
        if twice:
            child[spec["key"]] = _ordinals(child[spec["key"]], np.repeat(np.arange(len(rows)), [len(group) for group in places]))
        return child

    def _wire_rows(self, spec: Dict[str, Any]) -> List[Dict[str, Any]]:
        name = spec["name"]
        if name not in self._wire:
            self._wire[name] = _records(self.values[name], spec)
        return self._wire[name]


def _fresh(value: Any) -> Any:
    return value.reset_index(drop=True) if hasattr(value, "reset_index") else value


def _copy(value: Any) -> Any:
    if isinstance(value, list):
        return list(value)
    return value.copy() if hasattr(value, "copy") else value


def _ordinals(column: Any, numbers: Any) -> Any:
    kind = getattr(column.dtype, "kind", "O")
    if kind in "iuf":
        return numbers.astype(str(column.dtype).lower())
    return [str(number) for number in numbers]


def _records(value: Any, spec: Dict[str, Any]) -> List[Dict[str, Any]]:
    if not (hasattr(value, "columns") and hasattr(value, "iloc")):
        return [{spec["name"]: _json(item)} for item in _items(value)]
    sent = {column["name"] for column in spec["columns"] if column["use"] in ("read", "unused")}
    fields = [
        (str(name), [_json(item) for item in value.iloc[:, place].tolist()])
        for place, name in enumerate(value.columns)
        if str(name) in sent
    ]
    return [{name: items[row] for name, items in fields} for row in range(len(value))]


def _items(value: Any) -> List[Any]:
    items: List[Any] = value.tolist() if hasattr(value, "tolist") else list(value)
    return items


def _json(item: Any) -> Any:
    if isinstance(item, np.generic):
        item = item.item()
    if missing(item):
        return None
    if isinstance(item, (list, tuple)):
        return [_json(part) for part in item]
    return item.isoformat() if hasattr(item, "isoformat") else item if isinstance(item, (str, bool, int, float)) else str(item)
