"""R0, the rule without a name: a result that is a function of one discrete operand column is a lookup table.

EXPR  →  loans["job"].map(state.job_id(lambda: dict(zip(loans["job"], EXPR))))
"""

from __future__ import annotations

import ast
from typing import Any, Iterator, List, Optional

import numpy as np
import pandas as pd

from ..edits import is_text, render, text
from ..instrument import number_of
from ..sites import Candidate, Site, column_in, target_name


def lookup(site: Site) -> Iterator[Candidate]:
    """The first operand of which the result is a function in all training rows."""
    value = site.value(site.node)
    if isinstance(value, pd.DataFrame):
        yield from _frame(site, value)
        return
    if not isinstance(value, pd.Series) and not (isinstance(value, np.ndarray) and value.ndim == 1):
        return
    for node in _columns(site):
        column = site.value(node)
        parts = site.compose(node)
        if not isinstance(column, pd.Series) or not is_text(parts) or not is_function(column, value):
            continue
        own = render(parts)
        hint = target_name(site) or "{}_by_{}".format(_result(site) or "value", column_in(node) or "key")
        table = site.learn(hint, "dict(zip({}, {}))".format(own, site.text(site.node)))
        tail = ")" if isinstance(value, pd.Series) else ").to_numpy()"
        yield Candidate("R0", [text(own + ".map("), table, text(tail)])


def is_function(column: Any, value: Any) -> bool:
    """Whether equal keys have equal results, with at most a third as many keys as rows."""
    if len(column) != len(value) or len(column) < 6:
        return False
    try:
        codes, keys = pd.factorize(column)
        results, _ = pd.factorize(pd.Series(np.asarray(value)))
    except TypeError:
        return False
    if len(keys) == 0 or len(keys) * 3 > len(column):
        return False
    pairs = pd.DataFrame({"key": codes, "result": results}).drop_duplicates()
    return bool(pairs["key"].is_unique)


def _columns(site: Site) -> List[ast.AST]:
    """Parts of the expression that name a column, the author's first; then columns of the frame they are of."""
    found: List[ast.AST] = []
    for node in ast.walk(site.node):
        if node is site.node or number_of(node) is None:
            continue
        if isinstance(site.value(node), pd.Series) and isinstance(node, (ast.Subscript, ast.Attribute, ast.Name, ast.Call)):
            found.append(node)
    return found


def _frame(site: Site, value: pd.DataFrame) -> Iterator[Candidate]:
    for node in ast.walk(site.node):
        if node is site.node or number_of(node) is None:
            continue
        keys = site.value(node)
        parts = site.compose(node)
        if not isinstance(keys, pd.DataFrame) or list(keys.columns) != list(value.columns) or not is_text(parts):
            continue
        if not all(is_function(keys[name], value[name]) for name in keys.columns):
            continue
        own = render(parts)
        hint = target_name(site) or "codes"
        table = site.learn(hint, "dict(zip(column, ({})[column.name]))".format(site.text(site.node)))
        table = dict(table, key="column.name")
        yield Candidate("R0", [text("({}).apply(lambda column: column.map(".format(own)), table, text("))")])


def _result(site: Site) -> Optional[str]:
    for node in ast.walk(site.statement.tree):
        if isinstance(node, ast.Assign) and node.value is site.node and isinstance(node.targets[0], ast.Subscript):
            return column_in(node.targets[0])
    return None
