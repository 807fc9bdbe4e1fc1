"""R7: `groupby(key)[column].transform("mean")` is a table by key, looked up.

loans.groupby("region")["income"].transform("mean")
→  loans["region"].map(state.income_by_region(lambda: loans.groupby("region")["income"].mean()))
"""

from __future__ import annotations

import ast
from typing import Any, Iterator, Optional, Tuple

from ..edits import text
from ..sites import Candidate, Site
from .shape import called


def group_transform(site: Site) -> Iterator[Candidate]:
    """The transform of a named reduction within one column's groups, or several columns'."""
    node = site.node
    if called(node) != "transform" or not isinstance(node.func, ast.Attribute) or len(node.args) != 1 or node.keywords:
        return
    reduction = node.args[0]
    picked, column = _picked(node.func.value)
    if called(picked) != "groupby" or column is None or not isinstance(picked.func, ast.Attribute) or len(picked.args) != 1:
        return
    frame, key = picked.func.value, site.value(picked.args[0])
    base = site.text(node.func.value)
    how = "{}.agg({})".format(base, site.text(reduction))
    if isinstance(reduction, ast.Constant) and isinstance(reduction.value, str) and reduction.value.isidentifier():
        how = "{}.{}()".format(base, reduction.value)
    own = site.compose(frame)
    if isinstance(key, str):
        table = site.learn("{}_by_{}".format(column, key), how)
        yield Candidate("R7", [*own, text("[{!r}].map(".format(key).replace("'", '"')), table, text(")")])
    elif isinstance(key, list) and all(isinstance(part, str) for part in key):
        name = "{}_by_{}".format(column, "_".join(key))
        table = site.learn(name, "{}.rename({!r})".format(how, "_" + name).replace("'", '"'))
        lookup = "[{0}].join(".format(site.text(picked.args[0]))
        tail = ', on={})["_{}"].rename("{}")'.format(site.text(picked.args[0]), name, column)
        yield Candidate("R7", [*own, text(lookup), table, text(tail)])


def _picked(node: Any) -> Tuple[Any, Optional[str]]:
    """`loans.groupby("region")["income"]` → the groupby call and the column."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        return node.value, node.slice.value
    if isinstance(node, ast.Attribute):
        return node.value, node.attr
    return node, None
