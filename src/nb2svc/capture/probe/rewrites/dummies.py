"""R1: `pd.get_dummies(X, columns=["region"])` → `pd.get_dummies(state.categories(X, ["region"]), columns=["region"])`.

Categories, not reindex: with `drop_first` one row has no columns, and reindex then answers 0 everywhere.
"""

from __future__ import annotations

import ast
from typing import Any, Iterator, List, Optional, Tuple

import pandas as pd

from ..edits import identifier, is_text, render, text
from ..sites import Candidate, Site, target_name
from .shape import argument, called, replace_inside


def dummies(site: Site) -> Iterator[Candidate]:
    """Dummies of a frame's or series' categories."""
    if called(site.node) != "get_dummies" or not isinstance(site.node, ast.Call):
        return
    data = argument(site.node, 0, "data")
    if data is None or isinstance(data, ast.Starred):
        return
    columns, wanted = _columns(site, data, argument(site.node, 99, "columns"))
    if not columns:
        return
    parts = site.compose(data)
    if is_text(parts):
        learned = [site.categories(columns, render(parts), wanted=wanted)]
        yield Candidate("R1", replace_inside(site, data, learned))
    elif not site.compound:
        name = identifier(target_name(site) or columns[0]) + "_input"
        again = site.categories(columns, name, wanted=wanted)
        check = replace_inside(site, data, [dict(again, frame=site.text(data))])
        yield Candidate("R1", replace_inside(site, data, [again]), before=[[text(name + " = "), *parts]], check=check)


def _columns(site: Site, data: ast.expr, chosen: Optional[ast.expr]) -> Tuple[List[str], str]:
    """The columns that become dummies, and an expression for them where they are others at each evaluation."""
    values, wishes = site.values(data), site.values(chosen) if chosen is not None else [None]
    each = [dummy_columns(value, wishes[min(place, len(wishes) - 1)]) for place, value in enumerate(values)]
    if all(columns == each[0] for columns in each):
        return each[0], ""
    found = list(dict.fromkeys(name for columns in each for name in columns))
    if isinstance(values[0], pd.Series):
        key = site.key_named([columns[0] for columns in each])
        return found, "[{}]".format(key or site.text(data) + ".name")
    return (found, site.text(chosen)) if chosen is not None else ([], "")


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
