"""What each raw column is used for, by blinding: a column that can be replaced by one value without effect is not read."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional

import numpy as np
import pandas as pd

from .compare import equal
from .program import Stopped
from .sample import Tables
from .served import Outcome
from .tabular import count, is_rows

Replay = Callable[[Tables], Outcome]


class Uses:
    """Uses by table and column, and the target column."""

    def __init__(self) -> None:
        self.by_table: Dict[str, Dict[Any, str]] = {}
        self.target: Optional[str] = None
        self.leaking: Optional[str] = None


def find_uses(replay: Replay, tables: Tables, *, candidates: List[str]) -> Uses:
    """Blind every column of the request's tables in turn; `candidates` are target columns, the likeliest first."""
    found = Uses()
    base = replay(tables)
    for name in tables.domains():
        value = tables.values[name]
        if not isinstance(value, pd.DataFrame):
            continue
        uses: Dict[Any, str] = {}
        for column in value.columns:
            if column == (tables.main_key if name == tables.main else tables.children[name]):
                uses[column] = "key"
            else:
                uses[column] = "read" if reads(replay, tables, name, column, base) else "unused"
        found.by_table[name] = uses
    own = found.by_table.get(tables.main, {})
    for column in candidates:
        if own.get(column) == "unused":
            found.target = column
            own[column] = "target"
            break
    if found.target is None and candidates and own.get(candidates[0]) == "read":
        found.leaking = candidates[0]
    return found


def reads(replay: Replay, tables: Tables, name: str, column: Any, base: Outcome) -> bool:
    """Whether some replacement of a column by a fixed value changes the model input or the answer."""
    value = tables.values[name]
    present = value[column].dropna()
    if len(present) == 0:
        return False
    fixed = [present.iloc[0]]
    different = present[present != present.iloc[0]]
    if len(different):
        fixed.append(different.iloc[-1])
    for chosen in fixed:
        blind = value.copy()
        blind[column] = pd.Series([chosen] * len(value), index=value.index).astype(value[column].dtype)
        try:
            other = replay(
                Tables(dict(tables.values, **{name: blind}), main=tables.main, main_key=tables.main_key, children=tables.children)
            )
        except Stopped:
            return True
        if not (equal(base.served, other.served, labels=False) and equal(base.output, other.output, labels=False)):
            return True
    return False


def target_candidates(main: Any, captured: Any, rows: np.ndarray, names: List[str]) -> List[str]:
    """Columns that the captured fit target could be made of: those named in its slice first, then equal ones."""
    if not isinstance(main, pd.DataFrame) or captured is None or not is_rows(captured) or count(captured) != len(rows):
        return [name for name in names if isinstance(main, pd.DataFrame) and name in main.columns]
    wanted = np.asarray(captured).reshape(len(rows), -1)[:, 0]
    labels = pd.factorize(pd.Series(wanted))[0]
    good: List[str] = []
    for name in main.columns:
        column = main[name].iloc[rows]
        try:
            keys = pd.factorize(column)[0]
        except TypeError:
            continue
        function = pd.DataFrame({"key": keys, "label": labels}).drop_duplicates()["key"].is_unique
        if (
            function and (name in names or (len(np.unique(keys)) == len(np.unique(labels)) and len(np.unique(keys)) < len(rows)))
        ) or (function and equal(column.reset_index(drop=True), pd.Series(wanted), labels=False)):
            good.append(str(name))
    return sorted(good, key=lambda name: (name not in names, names.index(name) if name in names else 0))
