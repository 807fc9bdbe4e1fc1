"""Files that the proof compares with: row ordinals of the captured inputs, and what names held after each statement."""

from __future__ import annotations

import datetime as dt
from typing import Any, Dict, List, Optional, Tuple

import numpy as np
import pandas as pd

from .joined_rows import Joined
from .learn import write_pickle
from .probing import Trace
from .record import Run
from .request import Statement
from .rowids import Rows
from .tabular import count, is_rows, snapshot, take

# Types that a signature can name, as the notebook would write them.
_TITLES = ((pd.DataFrame, "pandas.DataFrame"), (pd.Series, "pandas.Series"), (np.ndarray, "numpy.ndarray"))


class Checkpoints:
    """Collects {statement: {name: (row ordinals or None, value[, child table])}} while the own slice runs on all rows."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.found: Dict[int, Dict[str, Tuple[Any, ...]]] = {}
        self.types: Dict[Tuple[int, str], str] = {}

    def __call__(self, trace: Trace, run: Run, statement: Statement, part: str, namespace: Dict[str, Any]) -> None:
        """Note what a statement of the fit path or the answer assigned."""
        if part not in ("fit_path", "answer"):
            return
        names = bound_names(statement)
        kept: Dict[str, Tuple[Any, ...]] = {}
        for name in names:
            value = namespace.get(name)
            for known, title in _TITLES:
                if isinstance(value, known):
                    self.types[statement.number, name] = title
            if is_rows(value) and not isinstance(value, pd.Index):
                noted = self._rows(value, run.rows_of(value), main=run.keys.main)
                if noted is not None:
                    kept[name] = noted
            elif isinstance(value, (bool, int, float, str, dt.date, dt.timedelta, np.generic)):
                kept[name] = (None, value)
        if kept:
            self.found[statement.number] = kept

    def _rows(self, value: Any, rows: Any, *, main: str) -> Any:
        """A table as (ordinals, rows), a child's rows with the child's name behind, one that belongs to no table whole."""
        places = np.arange(min(count(value), self.limit))
        if rows is None:
            return (None, snapshot(value)) if len(places) == count(value) else None
        part = (rows.ids[places], snapshot(take(value, places)))
        return part if rows.domain == main else (*part, rows.domain)


def bound_names(statement: Statement) -> Tuple[str, ...]:
    """Names that a statement binds or stores into."""
    import ast

    found: Dict[str, None] = {}
    for node in ast.walk(statement.tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] = None
        elif isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, ast.Store):
            base: Any = node.value
            while isinstance(base, (ast.Subscript, ast.Attribute)):
                base = base.value
            if isinstance(base, ast.Name):
                found[base.id] = None
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
            if isinstance(node.value.func.value, ast.Name):
                found[node.value.func.value.id] = None
    return tuple(found)


def write_oracles(
    folder: str, traced: Trace, checkpoints: Checkpoints, *, main: str, selections: List[int], joined: Optional[Joined]
) -> Dict[str, Any]:
    """Write the files; their names and digests. `selections` are the expressions of the selections, in their order."""
    seen = [traced.selections.get(number) for number in selections]
    files: Dict[str, Any] = {
        "dropped": [np.empty(0, dtype=np.int64) if each is None else each.dropped for each in seen],
        "fit_rows": _ids(traced.fit_rows, traced.served, main=main),
        "predict_rows": _ids(traced.predict_rows, traced.predict, main=main) if joined is None else joined.rows.ids,
        "checkpoints": checkpoints.found,
    }
    if joined is not None:
        files["main"] = joined.table
    found: Dict[str, Any] = {"main": ""}
    digests = []
    for name, value in files.items():
        found[name] = "oracles/{}.pkl".format(name)
        digests.append([name, write_pickle(folder, found[name], value)])
    found["sha256"] = digests
    return found


def _ids(rows: Any, value: Any, *, main: str) -> np.ndarray:
    """The main row of each row of a model input; -1 where it has none, as the rows of a file of their own (`test.csv`)."""
    if isinstance(rows, Rows) and rows.domain == main:
        return rows.ids
    return np.full(count(value) if is_rows(value) else 0, -1, dtype=np.int64)
