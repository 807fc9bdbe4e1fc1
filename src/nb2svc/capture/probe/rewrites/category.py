"""R2: freeze a category dtype where it is made; `.cat.codes` and all that follows is then row-wise.

loans["region"].astype("category")  →  loans["region"].astype(state.region(lambda: loans["region"].astype("category").dtype))
"""

from __future__ import annotations

import ast
from typing import Iterator, List

import pandas as pd

from ..edits import is_text, render, text
from ..sites import Candidate, Site, column_in
from .shape import argument, called, replace_inside


def category(site: Site) -> Iterator[Candidate]:
    """`astype("category")` of a series or frame, and `pd.Categorical(…)`."""
    node = site.node
    if not isinstance(node, ast.Call):
        return
    if called(node) == "astype" and isinstance(node.func, ast.Attribute):
        yield from _astype(site, node, node.func.value)
    elif called(node) == "Categorical" and node.args and len(node.args) == 1:
        own = site.text(node)
        hint = column_in(node) or "levels"
        yield Candidate(
            "R2", [text(own[:-1].rstrip().rstrip(",") + ", categories="), site.learn(hint, own + ".categories"), text(")")]
        )


def _astype(site: Site, node: ast.Call, base: ast.expr) -> Iterator[Candidate]:
    dtype = argument(node, 0, "dtype")
    value = site.value(base)
    if isinstance(value, pd.Series) and dtype is not None:
        how = site.text(node) + ".dtype"
        yield Candidate("R2", replace_inside(site, dtype, [site.learn(column_in(base) or "dtype", how)]))
    elif isinstance(value, pd.DataFrame) and dtype is not None:
        parts = site.compose(base)
        columns = _category_columns(value, site.value(dtype))
        if columns and is_text(parts):
            yield Candidate("R2", replace_inside(site, base, [site.categories(columns, render(parts))]))


def _category_columns(value: pd.DataFrame, dtype: object) -> List[str]:
    if isinstance(dtype, dict):
        return [str(name) for name, kind in dtype.items() if str(kind) == "category"]
    return [str(name) for name in value.columns] if str(dtype) == "category" else []
