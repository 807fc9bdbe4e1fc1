"""What each raw column is used for, by blinding: a column that can be replaced by one value without effect is not read."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterator, List, Optional, Set

import numpy as np
import pandas as pd

from .compare import equal
from .program import Stopped
from .sample import Tables, portion
from .served import Outcome
from .tabular import count, is_rows, is_sparse

MANY_NUMBERS = 50

Replay = Callable[[Tables], Outcome]


class Uses:
    """Uses by table and column, and the target column; `discrete` are whole numbers of the main table that name categories.

    `passed` are the columns of the model input that only show the target, and that the model does not take.
    """

    def __init__(self) -> None:
        self.by_table: Dict[str, Dict[Any, str]] = {}
        self.target: Optional[str] = None
        self.leaking: Optional[str] = None
        self.discrete: Set[Any] = set()
        self.passed: List[str] = []


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
    found.discrete = {column for column, use in own.items() if use == "read" and is_discrete(replay, tables, column)}
    for column in candidates:
        if own.get(column) == "read":
            passed = _passed_on(replay, tables, column, base)
            found.passed, own[column] = passed, "unused" if passed else "read"
        if own.get(column) == "unused":
            found.target = column
            own[column] = "target"
            break
    if found.target is None and candidates and own.get(candidates[0]) == "read":
        found.leaking = candidates[0]
    return found


def reads(replay: Replay, tables: Tables, name: str, column: Any, base: Outcome) -> bool:
    """Whether some replacement of a column by a fixed value changes the model input or the answer."""
    try:
        return any(
            not (equal(base.served, other.served, labels=False) and equal(base.output, other.output, labels=False))
            for other in _blinded(replay, tables, name, column)
        )
    except Stopped:
        return True


def _blinded(replay: Replay, tables: Tables, name: str, column: Any) -> Iterator[Outcome]:
    """What comes out where a column has one value in every row: its first one, then another."""
    value = tables.values[name]
    present = value[column].dropna()
    if len(present) == 0:
        return
    different = present[present != present.iloc[0]]
    for chosen in [present.iloc[0], *different.iloc[-1:]]:
        blind = value.copy()
        blind[column] = pd.Series([chosen] * len(value), index=value.index).astype(value[column].dtype)
        yield replay(tables.with_values({name: blind}))


def _passed_on(replay: Replay, tables: Tables, target: str, base: Outcome) -> List[str]:
    """The columns of the model input that change with the target, where the answer does not: the model takes none of them.

    `model.fit(loans, loans["rate"])` where the model is a Pipeline that chooses its columns.
    """
    passed: Set[str] = set()
    try:
        for other in _blinded(replay, tables, tables.main, target):
            before, after = base.served, other.served
            alike = isinstance(before, pd.DataFrame) and isinstance(after, pd.DataFrame) and before.columns.equals(after.columns)
            if not alike or not before.columns.is_unique or not equal(base.output, other.output, labels=False):
                return []
            passed |= {name for name in before.columns if not equal(before[name], after[name], labels=False)}
    except Stopped:
        return []
    return sorted(passed, key=str)


def is_discrete(replay: Replay, tables: Tables, column: Any) -> bool:
    """Whether a whole number that training never saw, between those that it saw, finds no entry: it raises, or leaves a gap."""
    whole = tables.values[tables.main][column]
    if whole.dtype.kind not in "iu" or not 2 <= whole.nunique() <= MANY_NUMBERS:
        return False
    seen = set(whole.tolist())
    new = next((number for number in range(int(whole.min()), int(whole.max())) if number not in seen), None)
    if new is None:
        return False
    few = portion(tables, np.arange(min(3, len(whole))))[0]
    values = {tables.main: few.values[tables.main].assign(**{column: np.array([new] * few.rows, dtype=whole.dtype)})}
    try:
        base = replay(few)
        other = replay(few.with_values(values))
    except Stopped:
        return True
    return _gaps(other.served) > _gaps(base.served)


def _gaps(value: Any) -> int:
    return int(pd.isna(pd.DataFrame(np.asarray(value))).to_numpy().sum()) if is_rows(value) and not is_sparse(value) else 0


def guarded_columns(replay: Replay, tables: Tables, columns: List[Any]) -> List[Any]:
    """The columns that only guards read: blinded, other rows are outside."""
    whole = _outside(replay, tables)
    found = []
    for column in columns:
        value = tables.values[tables.main]
        present = value[column].dropna()
        for chosen in [] if len(present) == 0 else [present.iloc[0], present.iloc[-1], present.mode().iloc[0]]:
            blind = value.assign(**{column: pd.Series([chosen] * len(value), index=value.index).astype(value[column].dtype)})
            if _outside(replay, tables.with_values({tables.main: blind})) != whole:
                found.append(column)
                break
    return found


def _outside(replay: Replay, tables: Tables) -> Any:
    try:
        return [each.places for each in replay(tables).outside]
    except Stopped:
        return None


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
