"""Rows that the notebook predicted and that stand in another table than the one it trained on: Kaggle's test.csv.

A request row is a row of the main table. The other table's rows become rows of it, behind the others, so that the proof can
send them too:

    train.csv   id  age  price        test.csv   id  age             id  age  price
                1   31   200                     3   44        →     1   31   200
                2   28   150                                         2   28   150
                                                                     3   44   150      (the target is any that training saw)
"""

from __future__ import annotations

import operator
from typing import Any, Callable, Dict, List, Optional, Sequence

import pandas as pd

from .columns import fixed_value
from .compare import equal
from .program import Program
from .roles import is_used
from .rowids import Rows

HOLDS: Dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "in": lambda column, values: column.isin(values),
    "not in": lambda column, values: ~column.isin(values),
}


class Joined:
    """The main table with the other one's rows behind it; `missing` are columns that these do not have."""

    def __init__(self, table: pd.DataFrame, rows: Rows, missing: List[Any]) -> None:
        self.table, self.rows, self.missing = table, rows, missing

    def has_outside(self, conditions: Sequence[Dict[str, Any]]) -> bool:
        """Whether the notebook predicted rows that a selection with these conditions drops: it keeps none out of the service."""
        return any(self._breaks(each) for each in conditions if each["column"] not in self.missing)

    def _breaks(self, condition: Dict[str, Any]) -> bool:
        column = self.table[condition["column"]].iloc[self.rows.ids]
        if condition["operator"] == "not null":
            return bool(column.isna().any())
        known = column.dropna()
        return not bool(HOLDS[condition["operator"]](known, condition["value"]).all())


def tables_of_the_twin(program: Program, raws: Dict[str, Any]) -> List[str]:
    """The raw frames that only the notebook's own way to its prediction rows reads."""
    return [name for name, value in raws.items() if isinstance(value, pd.DataFrame) and not is_used(program, name)]


def join_predicted(main_name: str, raws: Dict[str, Any], predicted: Optional[Rows]) -> Optional[Joined]:
    """The predicted rows as rows of the main table; None where they are that already, or are of another kind."""
    main, other = raws[main_name], None if predicted is None else raws.get(predicted.domain)
    if (
        predicted is None
        or predicted.domain == main_name
        or not isinstance(main, pd.DataFrame)
        or not isinstance(other, pd.DataFrame)
    ):
        return None
    if not main.columns.is_unique or not other.columns.is_unique or (predicted.ids < 0).any():
        return None
    missing = [name for name in main.columns if name not in other.columns]
    behind: Dict[Any, pd.Series] = {}
    for name in main.columns:
        column = _like(main[name], other[name]) if name not in missing else _filled(main[name], len(other))
        if column is None:
            return None
        behind[name] = column
    table = pd.concat([main.reset_index(drop=True), pd.DataFrame(behind)], ignore_index=True)
    if not all(table[name].dtype == main[name].dtype for name in main.columns):
        return None
    return Joined(table, Rows(main_name, predicted.ids + len(main)), missing)


def _like(column: pd.Series, other: pd.Series) -> Optional[pd.Series]:
    """A column in the other's type, where no value changes by it: what a request would carry."""
    try:
        found: pd.Series = other.reset_index(drop=True).astype(column.dtype)
    except (TypeError, ValueError):
        return None
    return found if equal(found, other, labels=False) and found.isna().sum() == other.isna().sum() else None


def _filled(column: pd.Series, size: int) -> Optional[pd.Series]:
    try:
        return pd.Series([fixed_value(column)] * size).astype(column.dtype)
    except (TypeError, ValueError):
        return None
