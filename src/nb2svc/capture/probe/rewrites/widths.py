"""R10: columns that depend on the data: training's columns.

loans["flags"].str.get_dummies("|")  →  ….reindex(columns=state.flags_columns(lambda: ….columns), fill_value=0)
loans.dropna(axis=1)                 →  loans[state.columns(lambda: loans.dropna(axis=1).columns)]
"""

from __future__ import annotations

import ast
from typing import Iterator

import pandas as pd

from ..compare import equal
from ..edits import text
from ..sites import Candidate, Site, column_in
from .shape import called

SPLITS = frozenset({"get_dummies", "split", "rsplit", "extract", "partition"})


def widths(site: Site) -> Iterator[Candidate]:
    """Columns made of texts, and columns chosen by what is in them."""
    node = site.node
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    inner = node.func.value
    if isinstance(inner, ast.Attribute) and inner.attr == "str" and called(node) in SPLITS:
        own = site.compose(node)
        hint = (column_in(inner.value) or "text") + "_columns"
        learned = site.learn(hint, site.text(node) + ".columns")
        tail = ", fill_value=0)" if called(node) == "get_dummies" else ")"
        yield Candidate("R10", [*own, text(".reindex(columns="), learned, text(tail)])
        return
    whole, chosen = site.value(inner), site.value(node)
    if isinstance(whole, pd.DataFrame) and isinstance(chosen, pd.DataFrame) and _is_choice(whole, chosen):
        yield Candidate("R10", [*site.compose(inner), text("["), site.learn("columns", site.text(node) + ".columns"), text("]")])


def _is_choice(whole: pd.DataFrame, chosen: pd.DataFrame) -> bool:
    """Whether the call did nothing but choose columns."""
    if len(whole) != len(chosen) or not whole.columns.is_unique or not set(chosen.columns) < set(whole.columns):
        return False
    return equal(whole[list(chosen.columns)], chosen, labels=False)
