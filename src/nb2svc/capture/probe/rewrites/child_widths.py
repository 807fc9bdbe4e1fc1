"""R13: what is made of a child table and has a column for each kind of its rows: training's columns, however few rows there are.

payments.pivot_table(index="loan_id", columns="kind", values="paid", aggfunc="sum", fill_value=0)
→  ….reindex(columns=state.kind_columns(lambda: ….columns), fill_value=0)
"""

from __future__ import annotations

import ast
from typing import Iterator

import pandas as pd

from ..edits import text
from ..sites import Candidate, Site, target_name
from .shape import argument, called

# What stands in a column for rows that have nothing there: of the call's own, else nothing.
COUNTED = frozenset({"crosstab"})
WIDENING = frozenset({"pivot_table", "pivot", "unstack", "crosstab", "apply", "get_dummies"})


def child_widths(site: Site) -> Iterator[Candidate]:
    """A frame with one row for each main row that has children."""
    node = site.node
    if called(node) not in WIDENING or not isinstance(node, ast.Call):
        return
    value, records = site.value(node), site.records.get(site.number, [])
    main = site.found.tables.main
    if not site.found.tables.children:
        return
    if not isinstance(value, pd.DataFrame) or not all(
        record.rows is not None and record.rows.domain == main for record in records
    ):
        return
    fill = argument(node, 99, "fill_value")
    filled = ", fill_value=" + site.text(fill) if fill is not None else ", fill_value=0" if called(node) in COUNTED else ""
    hint = (target_name(site) or called(node)) + "_columns"
    learned = site.learn(hint, site.text(node) + ".columns")
    yield Candidate("R13", [*site.compose(node), text(".reindex(columns="), learned, text(filled + ")")])
