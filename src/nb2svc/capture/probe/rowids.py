"""Which raw rows a value's rows are: an array of ordinals beside the value, never inside it.

`infer` reads it off the operands; the first rule that matches wins (see each function). Ordinals count rows of a raw
table in this run; -1 stands for a row of no raw row (another table's, a synthetic one).
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
import pandas as pd

from .compare import equal
from .tabular import count, hash_rows, is_frame, is_rows, is_sparse, take


class Rows:
    """Row ids: ordinals of the rows of raw table `domain` in this run."""

    __slots__ = ("domain", "ids", "_places")

    def __init__(self, domain: str, ids: np.ndarray) -> None:
        self.domain = domain
        self.ids = np.asarray(ids, dtype=np.int64)
        self._places: Optional[np.ndarray] = None

    def places(self) -> Optional[np.ndarray]:
        """The place of each ordinal, -1 where it is missing; None where an ordinal stands twice."""
        if self._places is None:
            known = self.ids[self.ids >= 0]
            places = np.full(int(known.max()) + 1 if len(known) else 0, -1, dtype=np.int64)
            places[known] = np.nonzero(self.ids >= 0)[0]
            self._places = places if int((places >= 0).sum()) == len(known) else np.empty((0, 0), dtype=np.int64)
        return self._places if self._places.ndim == 1 else None

    def same(self, other: Optional["Rows"]) -> bool:
        """Whether both are the same rows in the same order."""
        return other is not None and (other is self or (self.domain == other.domain and np.array_equal(self.ids, other.ids)))


Operand = Tuple[Any, Rows]


class Keys:
    """How child rows find their main row in this run: key columns by table, and the main rows' key values in order."""

    def __init__(self, main: str, main_key: Optional[str], children: Dict[str, str], labels: Optional[pd.Index]) -> None:
        self.main, self.main_key, self.children = main, main_key, children
        self.labels = labels if labels is not None and labels.is_unique else None

    def names(self) -> List[str]:
        """All columns that hold a main row's key."""
        return [name for name in [self.main_key, *list(self.children.values())] if name is not None]


def infer(value: Any, operands: Sequence[Operand], keys: Keys) -> Optional[Rows]:
    """Row ids of a value just made from `operands`; None where it has none."""
    if not is_rows(value):
        return None
    if is_frame(value):
        found = _by_key(value, operands, keys) or _same_index(value, operands) or _subset_of_labels(value, operands)
        if found is not None:
            return found
    if isinstance(value, pd.Index):
        return _index_of(value, operands)
    return _by_length(value, operands) or _lost_labels(value, operands)


def _by_key(value: Any, operands: Sequence[Operand], keys: Keys) -> Optional[Rows]:
    """A child table's result with one entry per main key belongs to the main rows: groupby("applicant_id").agg(…)."""
    name = _child_key(operands, keys)
    if name is None or keys.labels is None:
        return None
    named = value.index.name == name  # an empty result has the index of any empty operand
    if any(len(rows.ids) == count(value) and _index_is(value, part) and not named for part, rows in operands):
        return None
    labels: Any = None
    index = value.index
    if index.name == name and index.is_unique:
        labels = index
    elif isinstance(index, pd.MultiIndex) and name in index.names:
        labels = index.get_level_values(name)
    elif isinstance(value, pd.DataFrame) and name in value.columns:
        labels = pd.Index(value[name])
    return None if labels is None else Rows(keys.main, keys.labels.get_indexer(labels))


def _child_key(operands: Sequence[Operand], keys: Keys) -> Optional[str]:
    """The key of the child table that a value is made of: of its rows, or of what was grouped by the key and one thing more."""
    if any(rows.domain == keys.main and not _grouped_by(operand, keys) for operand, rows in operands):
        return None
    for operand, rows in operands:
        if rows.domain in keys.children:
            return keys.children[rows.domain]
        if rows.domain == keys.main:
            return _grouped_by(operand, keys)
    return None


def _grouped_by(operand: Any, keys: Keys) -> Optional[str]:
    """The child's key among the index levels: `payments.groupby(["loan_id", "kind"]).size()`."""
    levels = operand.index.names if is_frame(operand) and isinstance(operand.index, pd.MultiIndex) else []
    return next((name for name in keys.children.values() if name in levels), None)


def _index_is(value: Any, operand: Any) -> bool:
    return is_frame(operand) and (value.index is operand.index or value.index.equals(operand.index))


def _same_index(value: Any, operands: Sequence[Operand]) -> Optional[Rows]:
    """Same labels as an operand: its rows, unless the content shows that they were put in another order."""
    for operand, rows in operands:
        if len(rows.ids) != count(value):
            continue
        if isinstance(operand, pd.Index) and value.index.equals(operand):
            return rows
        if _index_is(value, operand):
            order = _permutation(value, operand)
            return rows if order is None else Rows(rows.domain, rows.ids[order])
    return None


def _permutation(value: Any, operand: Any) -> Optional[np.ndarray]:
    """Positions in the operand of the value's rows where the same rows stand in another order (`ignore_index=True`)."""
    if type(value) is not type(operand) or count(value) < 2:
        return None
    if isinstance(value, pd.DataFrame) and list(value.columns) != list(operand.columns):
        return None
    if isinstance(value, pd.Series) and value.dtype != operand.dtype:
        return None
    left, right = hash_rows(value), hash_rows(operand)
    if left is None or right is None or np.array_equal(left, right):
        return None
    # A mask and its opposite have the same two hashes: only rows that can be told apart show an order.
    if len(np.unique(right)) < 0.5 * len(right) or not np.array_equal(np.sort(left), np.sort(right)):
        return None
    return _match(left, right)


def _match(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """For each hash of `left` its place in `right`, the k-th copy to the k-th copy; -1 where there is none."""
    table = pd.DataFrame({"hash": right, "place": np.arange(len(right))})
    table["copy"] = table.groupby("hash").cumcount()
    wanted = pd.DataFrame({"hash": left})
    wanted["copy"] = wanted.groupby("hash").cumcount()
    found = wanted.merge(table, on=["hash", "copy"], how="left")["place"]
    return found.fillna(-1).to_numpy(dtype=np.int64)


def _subset_of_labels(value: Any, operands: Sequence[Operand]) -> Optional[Rows]:
    """Labels that are some of an operand's, with equal content there: a selection.

    The content test stops `groupby("store").mean()`, whose labels 0…9 look like row labels.
    """
    for operand, rows in operands:
        if not is_frame(operand) or not operand.index.is_unique or len(rows.ids) != count(operand):
            continue
        if isinstance(value.index, pd.MultiIndex) != isinstance(operand.index, pd.MultiIndex):
            continue
        places = operand.index.get_indexer(value.index)
        if len(places) and (places < 0).any():
            continue
        if _shares_content(value, operand, places):
            return Rows(rows.domain, rows.ids[places])
    return None


def _shares_content(value: Any, operand: Any, places: np.ndarray) -> bool:
    if isinstance(value, pd.Series):
        if isinstance(operand, pd.Series):
            return value.name == operand.name and equal(value, operand.iloc[places], labels=False)
        if list(operand.columns).count(value.name) != 1:
            return False
        return equal(value, operand[value.name].iloc[places], labels=False)
    if isinstance(operand, pd.Series):
        return list(value.columns).count(operand.name) == 1 and equal(value[operand.name], operand.iloc[places], labels=False)
    shared = _shared_columns(value, operand)
    return bool(shared) and all(equal(value[name], operand[name].iloc[places], labels=False) for name in shared)


def _shared_columns(value: pd.DataFrame, operand: pd.DataFrame) -> List[Any]:
    return [name for name in value.columns if list(operand.columns).count(name) == 1 and list(value.columns).count(name) == 1]


def _index_of(value: pd.Index, operands: Sequence[Operand]) -> Optional[Rows]:
    for operand, rows in operands:
        own = operand if isinstance(operand, pd.Index) else getattr(operand, "index", None)
        if isinstance(own, pd.Index) and len(own) == len(rows.ids):
            if value is own or value.equals(own):
                return rows
            if own.is_unique and len(value) and not isinstance(value, pd.MultiIndex) and value.dtype == own.dtype:
                places = own.get_indexer(value)
                if (places >= 0).all() and value.is_unique:
                    return Rows(rows.domain, rows.ids[places])
    return _by_length(value, operands)


def _by_length(value: Any, operands: Sequence[Operand]) -> Optional[Rows]:
    """Fresh labels or none, and as many rows: by position (`reset_index`, a left merge, `to_numpy`)."""
    if is_frame(value) and not isinstance(value.index, pd.RangeIndex):
        return None
    for operand, rows in operands:
        if len(rows.ids) != count(value):
            continue
        if isinstance(value, pd.DataFrame) and isinstance(operand, pd.DataFrame):
            shared = _shared_columns(value, operand)
            if shared and not any(equal(value[name], operand[name], labels=False) for name in shared):
                continue
        if isinstance(value, np.ndarray) and isinstance(operand, np.ndarray) and value.shape == operand.shape and value.ndim > 1:
            order = _permutation(value, operand)
            return rows if order is None else Rows(rows.domain, rows.ids[order])
        return rows
    return None


def _lost_labels(value: Any, operands: Sequence[Operand]) -> Optional[Rows]:
    """Other length and lost labels: the ends of a concat, copies after the operand's rows, or rows matched by content."""
    return _end_to_end(value, operands) or _starts_with(value, operands) or _by_content(value, operands)


def _end_to_end(value: Any, operands: Sequence[Operand]) -> Optional[Rows]:
    pieces = [rows for operand, rows in operands if type(operand) is type(value)]
    if len(pieces) < 2 or sum(len(rows.ids) for rows in pieces) != count(value):
        return None
    if len({rows.domain for rows in pieces}) != 1:
        return None
    return Rows(pieces[0].domain, np.concatenate([rows.ids for rows in pieces]))


def _starts_with(value: Any, operands: Sequence[Operand]) -> Optional[Rows]:
    for operand, rows in operands:
        size = len(rows.ids)
        if type(operand) is not type(value) or not 1 < size < count(value) or size != count(operand):
            continue
        if equal(take(value, np.arange(size)), operand, labels=False):
            return Rows(rows.domain, np.concatenate([rows.ids, np.full(count(value) - size, -1)]))
    return None


def _by_content(value: Any, operands: Sequence[Operand]) -> Optional[Rows]:
    for operand, rows in operands:
        if isinstance(value, pd.DataFrame) and isinstance(operand, pd.DataFrame):
            places = _rows_of_frame(value, operand)
        elif isinstance(value, np.ndarray) and isinstance(operand, np.ndarray) and value.ndim > 1:
            places = _rows_of_array(value, operand)
        else:
            continue
        if places is not None and len(rows.ids) == count(operand):
            return Rows(rows.domain, np.where(places >= 0, rows.ids[np.clip(places, 0, None)], -1))
    return None


def _rows_of_frame(value: pd.DataFrame, operand: pd.DataFrame) -> Optional[np.ndarray]:
    shared = _shared_columns(value, operand)
    if not shared or len(operand) == 0:
        return None
    try:
        left, right = hash_rows(value[shared]), hash_rows(operand[shared])
    except (KeyError, ValueError):
        return None
    if left is None or right is None:
        return None
    # Equal rows are interchangeable only where all columns are compared.
    if len(shared) < len(operand.columns) and len(np.unique(right)) < len(right):
        return None
    places = _match(left, right)
    return places if len(places) and (places >= 0).all() else None


def _rows_of_array(value: np.ndarray, operand: np.ndarray) -> Optional[np.ndarray]:
    if value.shape[1:] != operand.shape[1:] or value.dtype != operand.dtype or len(value) > len(operand):
        return None
    left, right = hash_rows(value), hash_rows(operand)
    if left is None or right is None:
        return None
    places = _match(left, right)
    return places if len(places) and (places >= 0).all() else None


def by_sibling(value: Any, siblings: Sequence[Optional[Rows]], operands: Sequence[Operand]) -> Optional[Rows]:
    """The part of a split that has no labels of its own (`y_train`): the rows of a sibling, where the content agrees."""
    if not is_rows(value) or is_sparse(value):
        return None
    for rows in siblings:
        if rows is None or len(rows.ids) != count(value):
            continue
        for operand, whole in operands:
            if type(operand) is not type(value) or whole.domain != rows.domain:
                continue
            places = pd.Index(whole.ids).get_indexer(pd.Index(rows.ids)) if len(np.unique(whole.ids)) == len(whole.ids) else None
            if places is not None and (places >= 0).all() and equal(value, take(operand, places), labels=False):
                return rows
    return None


def by_subscript(rows: Rows, index: Any, size: int) -> Optional[Rows]:
    """Row ids of `x[index]` from those of `x`: exact for masks, slices and positions; None for anything else."""
    if isinstance(index, tuple):
        index = index[0] if index else None
    if isinstance(index, pd.Series):
        index = index.to_numpy() if index.dtype == bool else None
    if isinstance(index, list):
        index = np.asarray(index) if index and isinstance(index[0], (bool, int, np.integer, np.bool_)) else None
    if isinstance(index, np.ndarray) and (index.dtype.kind not in "biu" or index.ndim != 1):
        return None
    if index is None or not isinstance(index, (slice, np.ndarray)):
        return None
    try:
        ids = rows.ids[index]
    except IndexError:
        return None
    return Rows(rows.domain, ids) if len(ids) == size else None
