"""R10: width that depends on the data (`str.get_dummies`, `str.split(expand=True)`): training's columns."""

from __future__ import annotations

import ast
from typing import Iterator

from ..edits import text
from ..sites import Candidate, Site, column_in
from .shape import called


def text_dummies(site: Site) -> Iterator[Candidate]:
    """`loans["flags"].str.get_dummies("|")` and `str.split(…, expand=True)`."""
    node = site.node
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    inner = node.func.value
    if not (isinstance(inner, ast.Attribute) and inner.attr == "str") or called(node) not in (
        "get_dummies",
        "split",
        "rsplit",
        "extract",
    ):
        return
    own = site.compose(node)
    hint = (column_in(inner.value) or "text") + "_columns"
    learned = site.learn(hint, site.text(node) + ".columns")
    tail = ", fill_value=0)" if called(node) == "get_dummies" else ")"
    yield Candidate("R10", [*own, text(".reindex(columns="), learned, text(tail)])
