"""R6: `rank(pct=True)` as the position among training's sorted values (the average method only)."""

from __future__ import annotations

import ast
from typing import Iterator

import pandas as pd

from ..edits import identifier, is_text, render, text
from ..sites import Candidate, Site, column_in
from .shape import called


def rank(site: Site) -> Iterator[Candidate]:
    """`loans["income"].rank(pct=True)`."""
    node = site.node
    if called(node) != "rank" or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.args:
        return
    named = {item.arg: item.value for item in node.keywords}
    if set(named) != {"pct"} or site.value(named["pct"]) is not True:
        return
    base = node.func.value
    parts = site.compose(base)
    if not isinstance(site.value(base), pd.Series) or not is_text(parts) or site.compound:
        return
    own = render(parts)
    hint = (column_in(base) or "value") + "_sorted"
    name = identifier(hint)
    learned = site.learn(hint, "{}.dropna().sort_values(ignore_index=True)".format(own))
    below, upto = "{0}.searchsorted({1})", '{0}.searchsorted({1}, "right")'
    body = "(({} + {} + 1) / (2 * len({{0}})))".format(below, upto)
    shown = "({1} * 0 + " + body + ")"
    before = [[text(name + " = "), learned]]
    inline = [text("(lambda {}: {})(".format(name, shown.format(name, own))), learned, text(")")]
    yield Candidate("R6", [text(shown.format(name, own))], before=before, check=inline)
