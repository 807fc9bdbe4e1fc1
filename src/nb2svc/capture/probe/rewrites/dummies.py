"""R1: `pd.get_dummies(X, columns=["region"])` → `pd.get_dummies(state.categories(X, ["region"]), columns=["region"])`.

Categories, not reindex: with `drop_first` one row has no columns, and reindex then answers 0 everywhere.
"""

from __future__ import annotations

import ast
from typing import Any, Iterator, List

import pandas as pd

from ..edits import is_text, render, text
from ..sites import Candidate, Site
from .shape import argument, called, replace_inside


def dummies(site: Site) -> Iterator[Candidate]:
    """Dummies of a frame's or series' categories."""
    if called(site.node) != "get_dummies" or not isinstance(site.node, ast.Call):
        return
    data = argument(site.node, 0, "data")
    if data is None or isinstance(data, ast.Starred):
        return
    value = site.value(data)
    columns = dummy_columns(value, site.value(argument(site.node, 99, "columns") or ast.Constant(None)))
    if not columns:
        return
    parts = site.compose(data)
    if is_text(parts):
        learned = [site.categories(columns, render(parts))]
        yield Candidate("R1", replace_inside(site, data, learned))
    elif not site.compound:
        name = columns[0].lower() + "_input" if columns[0].isidentifier() else "dummies_input"
        again = site.categories(columns, name)
        check = replace_inside(site, data, [dict(again, frame=site.text(data))])
        yield Candidate("R1", replace_inside(site, data, [again]), before=[[text(name + " = "), *parts]], check=check)


def dummy_columns(value: Any, wanted: Any) -> List[str]:
    """The columns that get_dummies turns into dummies."""
    if isinstance(value, pd.Series):
        return [str(value.name or "value")]
    if not isinstance(value, pd.DataFrame):
        return []
    if wanted is not None:
        return [str(name) for name in wanted] if isinstance(wanted, (list, tuple, pd.Index)) else []
    kinds = value.select_dtypes(include=list(_text_kinds())).columns
    return [name for name in kinds if isinstance(name, str)]


def _text_kinds() -> Any:
    kinds: Any = ["object", "category", "string"]
    try:
        pd.DataFrame({"a": ["x"]}).select_dtypes(include=[*kinds, "str"])
        return [*kinds, "str"]
    except (TypeError, ValueError):
        return kinds
