"""Rows of the raw tables for a run: the sample that is classified, and the portions that probes take of it."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

import numpy as np
import pandas as pd

from .rowids import Keys
from .tabular import count, fresh_rows, is_frame, snapshot, take

LOW_CARDINALITY = 50


class Tables:
    """The raw values of a run: the main table, its children by key, and everything that is passed whole."""

    def __init__(
        self, values: Dict[str, Any], *, main: str, main_key: Optional[str] = None, children: Optional[Dict[str, str]] = None
    ) -> None:
        self.values = values
        self.main, self.main_key = main, main_key
        self.children = dict(children or {})

    @property
    def rows(self) -> int:
        """Number of main rows."""
        return count(self.values[self.main])

    def keys(self) -> Keys:
        """How child rows find their main row here."""
        labels = None
        if self.main_key is not None:
            labels = pd.Index(self.values[self.main][self.main_key])
        return Keys(self.main, self.main_key, self.children, labels)

    def domains(self) -> List[str]:
        """Tables whose rows have ids: main first."""
        return [self.main, *list(self.children)]

    def with_values(self, values: Dict[str, Any]) -> "Tables":
        """The same tables with other values for some of them."""
        return Tables(dict(self.values, **values), main=self.main, main_key=self.main_key, children=self.children)

    def copies(self) -> Dict[str, Any]:
        """A private copy of each value."""
        return {name: snapshot(value) for name, value in self.values.items()}


def numbered(tables: Tables) -> Tables:
    """The same tables with row ordinals for keys, in the key's dtype: what a request has."""
    if tables.main_key is None:
        return tables
    return portion(tables, np.arange(tables.rows), fresh=False)[0]


def portion(tables: Tables, rows: np.ndarray, *, fresh: bool = True) -> Tuple[Tables, Dict[str, np.ndarray]]:
    """Some main rows with their child rows, lookups whole; and for each table the ordinals that its rows had.

    A key becomes the row's ordinal; a row taken twice gets a key of its own the second time, so that its children stay apart.
    """
    main = tables.values[tables.main]
    values = dict(tables.values)
    values[tables.main] = fresh_rows(main, rows) if fresh else snapshot(take(main, rows))
    origin = {tables.main: np.asarray(rows, dtype=np.int64)}
    if tables.main_key is not None:
        labels = main[tables.main_key]
        twice = pd.Series(rows).duplicated().to_numpy()
        ordinals = np.where(twice, tables.rows + np.arange(len(rows)), rows)
        values[tables.main][tables.main_key] = _as_key(ordinals, labels).set_axis(values[tables.main].index)
        for name, key in tables.children.items():
            values[name], origin[name] = _children(
                tables.values[name], key, labels=labels, rows=rows, ordinals=ordinals, fresh=fresh
            )
    return Tables(values, main=tables.main, main_key=tables.main_key, children=tables.children), origin


def _children(
    child: pd.DataFrame, key: str, *, labels: pd.Series, rows: np.ndarray, ordinals: np.ndarray, fresh: bool
) -> Tuple[Any, np.ndarray]:
    wanted = pd.DataFrame({"label": labels.to_numpy()[rows], "ordinal": ordinals, "order": np.arange(len(rows))})
    places = pd.DataFrame({"label": child[key].to_numpy(), "place": np.arange(len(child))})
    found = wanted.merge(places, on="label", how="inner")
    found = found.sort_values(["order", "place"] if fresh else ["place"], kind="stable")
    taken = found["place"].to_numpy(dtype=np.int64)
    part = fresh_rows(child, taken) if fresh else snapshot(take(child, taken))
    part[key] = _as_key(found["ordinal"].to_numpy(), child[key]).set_axis(part.index)
    return part, taken


def _as_key(ordinals: np.ndarray, like: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(like.dtype):
        return pd.Series(ordinals).astype(like.dtype)
    return pd.Series([str(int(ordinal)) for ordinal in ordinals]).astype(like.dtype)


def choose_sample(main: Any, size: int, *, keep: np.ndarray, seed: int) -> np.ndarray:
    """Main rows to classify on: each category of each low-cardinality column, missing values of each column, else random.

    `keep` are rows that reached the model input: most of the sample comes from them, some from the others.
    """
    total = count(main)
    if total <= size:
        return np.arange(total)
    random = np.random.RandomState(seed)
    chosen = set(_strata(main, random))
    rest = [row for row in random.permutation(keep).tolist() if row not in chosen]
    chosen.update(rest[: max(0, int(size * 0.85) - len(chosen))])
    others = [row for row in random.permutation(total).tolist() if row not in chosen]
    chosen.update(others[: max(0, size - len(chosen))])
    return np.array(sorted(chosen), dtype=np.int64)


def _strata(main: Any, random: np.random.RandomState) -> List[int]:
    found: List[int] = []
    if not is_frame(main):
        return found
    frame = main if isinstance(main, pd.DataFrame) else main.to_frame("value")
    for position in range(frame.shape[1]):
        column = frame.iloc[:, position]
        missing = np.nonzero(column.isna().to_numpy())[0]
        found.extend(random.permutation(missing)[:10].tolist())
        try:
            codes, levels = pd.factorize(column)
        except TypeError:
            continue
        if len(levels) > LOW_CARDINALITY:
            continue
        for level in range(len(levels)):
            found.extend(random.permutation(np.nonzero(codes == level)[0])[:4].tolist())
    return found


def single_rows(main: Any, survivors: np.ndarray, *, limit: int, children: List[np.ndarray], seed: int) -> np.ndarray:
    """Rows to send alone: with and without a missing value of each column, one of each rare category, else random.

    `children` are, for each child table, the numbers of child rows of each main row: one without any is included.
    """
    random = np.random.RandomState(seed)
    pool = random.permutation(survivors)
    chosen: List[int] = []
    for counts in children:
        chosen.extend(pool[counts[pool] == 0][:1].tolist() + pool[counts[pool] > 0][:1].tolist())
    if isinstance(main, pd.DataFrame):
        for position in range(main.shape[1]):
            missing = main.iloc[pool, position].isna().to_numpy()
            if missing.any():
                chosen.extend(pool[missing][:1].tolist() + pool[~missing][:1].tolist())
        chosen.extend(_rare(main.iloc[pool], pool))
    ordered = list(dict.fromkeys(chosen))
    ordered.extend(row for row in pool.tolist() if row not in set(ordered))
    return np.array(ordered[: max(limit, min(len(set(chosen)), 2 * limit))], dtype=np.int64)


def _rare(frame: pd.DataFrame, rows: np.ndarray) -> List[int]:
    found = []
    for position in range(frame.shape[1]):
        column = frame.iloc[:, position]
        if pd.api.types.is_float_dtype(column.dtype) or column.nunique() > LOW_CARDINALITY:
            continue
        counts = column.value_counts()
        if len(counts) > 1:
            found.append(int(rows[int(np.argmax((column == counts.index[-1]).to_numpy()))]))
    return found


def child_counts(tables: Tables) -> List[np.ndarray]:
    """For each child table the number of its rows of each main row."""
    if tables.main_key is None:
        return []
    labels = tables.values[tables.main][tables.main_key]
    found = []
    for name, key in tables.children.items():
        counts: pd.Series = tables.values[name][key].value_counts()
        found.append(labels.map(counts).fillna(0).to_numpy(dtype=np.int64))
    return found
