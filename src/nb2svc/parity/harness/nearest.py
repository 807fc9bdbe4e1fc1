"""The captured row that an edited request is most like: a scaled distance over the fields of a request.

numbers: the difference in parts of the captured range; texts and truth values: 0 or 1; a missing value: 1 from any other
child rows: how many there are, and the mean of each of their columns
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

import numpy as np

from .compare import missing, plain, same
from .tables import Tables


class Nearest(NamedTuple):
    """A captured row, and how far it is: 0 where nothing differs."""

    row: int
    distance: float


class Distances:
    """The captured rows as columns of numbers or entries, made once."""

    def __init__(self, tables: Tables) -> None:
        self.size = tables.size
        self._numbers: Dict[str, Any] = {}
        self._scales: Dict[str, float] = {}
        self._entries: Dict[str, List[Any]] = {}
        self._children = {spec["name"]: spec for spec in tables.children}
        main = tables.values[tables.main["name"]]
        if hasattr(main, "columns"):
            for spec in tables.main["columns"]:
                if spec["use"] in ("read", "unused"):
                    self._add(spec["name"], plain(main[spec["name"]]))
        elif tables.size:
            self._add_rows(tables.main["name"], main)
        for spec in tables.children:
            self._add_children(tables, spec)

    def nearest(self, request: Mapping[str, Any], among: Sequence[int]) -> Optional[Nearest]:
        """The nearest of some rows; of several as near the first."""
        if not len(among):
            return None
        rows = np.asarray(among, dtype="int64")
        total = np.zeros(len(rows))
        for name, items in self._numbers.items():
            wanted = self._wanted(name, request)
            found = items[rows]
            gap = np.abs(found - wanted) / self._scales[name] if wanted == wanted else np.where(np.isnan(found), 0.0, 1.0)
            total += np.where(np.isnan(gap), 1.0, gap)
        for name, entries in self._entries.items():
            entry = request.get(name)
            total += np.array([0.0 if same(entries[row], entry, 0.0) else 1.0 for row in rows.tolist()])
        at = int(np.argmin(total))
        return Nearest(int(rows[at]), float(total[at]))

    def _wanted(self, name: str, request: Mapping[str, Any]) -> float:
        table, _, column = name.partition("\0")
        if not column:
            return number(request.get(name))
        rows = request.get(table)
        rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        return float(len(rows)) if column == "\0" else _mean([number(row.get(column)) for row in rows])

    def _add(self, name: str, values: Any) -> None:
        if values.dtype.kind in "mM":
            values = np.array([number(str(value)) for value in values.tolist()] if values.dtype.kind == "m" else
                              [np.nan if missing(value) else value.astype("datetime64[s]").astype("int64") for value in values],
                              dtype="float64")  # fmt: skip
        if values.dtype.kind in "iuf":
            self._put(name, values.astype("float64"))
        else:
            self._entries[name] = [None if missing(value) else value for value in values.tolist()]

    def _add_rows(self, name: str, main: Any) -> None:
        """A main table that is an array, a series or a list: one field of each row."""
        self._entries[name] = [each.tolist() if hasattr(each, "tolist") else each for each in main]

    def _add_children(self, tables: Tables, spec: Mapping[str, Any]) -> None:
        name = spec["name"]
        self._put(name + "\0\0", tables.child_counts(dict(spec)).astype("float64"))
        child = tables.values[name]
        places = [tables.child_rows(name, row) for row in range(tables.size)]
        for column in spec["columns"]:
            values = plain(child[column["name"]])
            if column["use"] in ("read", "unused") and values.dtype.kind in "iuf":
                items = values.astype("float64")
                self._put(name + "\0" + column["name"], np.array([_mean(items[at].tolist()) for at in places]))

    def _put(self, name: str, values: Any) -> None:
        known = values[np.isfinite(values)]
        spread = float(known.max() - known.min()) if len(known) else 0.0
        self._numbers[name] = np.where(np.isfinite(values), values, np.nan)
        self._scales[name] = spread or 1.0


def number(value: Any) -> float:
    """A number, or the seconds of a moment in ISO 8601; NaN for anything else."""
    if isinstance(value, bool) or value is None:
        return float(value) if isinstance(value, bool) else float("nan")
    if isinstance(value, (int, float)):
        return float(value)
    try:
        moment = dt.datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        return float("nan")
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.timezone.utc)).timestamp()


def differing(one: Mapping[str, Any], two: Mapping[str, Any]) -> List[str]:
    """The fields in which two requests differ."""
    names = [*one, *(name for name in two if name not in one)]
    return [name for name in names if not same(one.get(name), two.get(name), 0.0)]


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if value == value]
    return sum(known) / len(known) if known else float("nan")
