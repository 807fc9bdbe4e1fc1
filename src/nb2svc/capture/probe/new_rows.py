"""Rows that learning never saw: does the served code find anything for them, or does its state only know training's rows?

Some rows of the sample are held out, the edited program learns on the others and serves the held ones. The notebook's own
model inputs of these rows are known from the training run; statistics shift a little, but an entry that is missing shows.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Set, Tuple

import numpy as np
import pandas as pd

from . import findings as say
from .edits import Edit
from .probing import Probing
from .program import Stopped
from .sample import Tables, portion
from .served import FlatRunner, learning_texts, positions_of, serving_texts
from .tabular import count, is_rows, is_sparse, take

HELD = 40
# Fewer rows than this hold too little to hold some out.
ENOUGH = 120
# A table has "a key for nearly every row" from this share of the training rows on.
NEARLY = 0.5
CHANGED = 0.05


def check_new_rows(flat: FlatRunner, found: Probing, tables: Tables, state: Any, edits: Dict[int, Edit]) -> List[say.Finding]:
    """Frozen tables with a key for nearly every training row that say nothing of new rows."""
    kept = _tables_by_row(state, tables.rows)
    if not kept or found.fit_rows is None:
        return []
    lost = _lost(flat, found, edits)
    if lost is not None and lost[0] * 2 < lost[1]:
        return []
    told = []
    for number, labels in kept.items():
        column = _identifying(tables, labels)
        if column is not None:
            told.append(say.own_key(flat.program, number, column))
        else:
            told.append(say.memorised(flat.program, number, len(labels), tables.rows, lost=lost))
    return told


def _tables_by_row(state: Any, rows: int) -> Dict[int, Set[Any]]:
    """The keys of learned tables that are nearly as many as the rows, by the expression that learned them."""
    found: Dict[int, Set[Any]] = {}
    for name, value in state.entries().items():
        number = name.split("_")[0][1:]
        labels = _labels(value)
        if name[0] == "s" and number.isdigit() and len(labels) >= max(30, NEARLY * rows):
            found[int(number)] = labels
    return found


def _labels(value: Any) -> Set[Any]:
    """What a table is looked up by, or a list of levels holds; an index that only counts is not a key."""
    try:
        return _hashable_labels(value)
    except TypeError:  # lists of lists are no keys
        return set()


def _hashable_labels(value: Any) -> Set[Any]:
    if isinstance(value, dict):
        return set(value)
    if isinstance(value, (pd.Series, pd.DataFrame)) and not isinstance(value.index, pd.RangeIndex):
        return set(value.index)
    if isinstance(value, pd.DataFrame):
        return max((set(value[name]) for name in value.columns if value[name].is_unique), key=len, default=set())
    if isinstance(value, (list, pd.Series, pd.Index, pd.api.extensions.ExtensionArray)):
        return set(value)
    return set(value.tolist()) if isinstance(value, np.ndarray) and value.ndim == 1 else set()


def _identifying(tables: Tables, labels: Set[Any]) -> Optional[str]:
    """The column of the main table that names its rows one by one and is what the table is looked up by."""
    own = tables.values[tables.main]
    for name in own.columns if isinstance(own, pd.DataFrame) else []:
        if own[name].is_unique and len(labels & set(own[name])) > NEARLY * len(labels):
            return str(name)
    return None


def _lost(flat: FlatRunner, found: Probing, edits: Dict[int, Edit]) -> Optional[Tuple[int, int]]:
    """How many held-out rows, of how many, get another model input than the notebook gave them; None where it can't be seen."""
    rows = found.fit_rows
    if rows is None or flat.program.fit_input is None or found.tables.rows < ENOUGH:
        return None
    known = np.unique(rows.ids[rows.ids >= 0])
    held = np.sort(np.random.RandomState(7).permutation(known)[:HELD])
    rest = np.setdiff1d(np.arange(found.tables.rows), held)
    from .request import runtime_module

    state = runtime_module("state").State(learning=True)
    try:
        flat.run(_to_fit(learning_texts(flat.program, edits)), portion(found.tables, rest, fresh=False)[0], state)
        texts = _to_fit(serving_texts(flat.program, edits, found.removed))
        served = flat.run(texts, portion(found.tables, held)[0], state.remember()).served
    except Stopped:
        return (len(held), len(held))
    expected = take(found.served, positions_of(rows.ids, held))
    if not is_rows(served) or count(served) != len(held) or is_sparse(served):
        return None
    return _differing(expected, served), len(held)


def _to_fit(texts: List[Any]) -> List[Any]:
    """Only what leads to the model's input: with fewer rows it may have fewer columns than the model wants."""
    last = max(place for place, (_, part, _) in enumerate(texts) if part == "fit")
    return [text for place, text in enumerate(texts) if place <= last]


def _differing(expected: Any, served: Any) -> int:
    """Rows of which a value is missing, or is off by more than a statistic shifts."""
    left, right = pd.DataFrame(np.asarray(expected)), pd.DataFrame(np.asarray(served))
    if left.shape != right.shape:
        return 0
    different = np.zeros(len(left), dtype=bool)
    for name in left.columns:
        one, other = pd.to_numeric(left[name], errors="coerce"), pd.to_numeric(right[name], errors="coerce")
        gaps = one.notna() & other.isna()
        off = (one - other).abs() > CHANGED * one.abs().clip(lower=float(one.std() or 0.0))
        different |= (gaps | off).to_numpy()
    return int(different.sum())
