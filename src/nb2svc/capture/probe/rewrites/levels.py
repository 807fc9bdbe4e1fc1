"""R9: `pd.factorize(x)`, `np.unique(x, return_inverse=True)`: the levels are state, the codes their positions."""

from __future__ import annotations

import ast
from typing import Iterator

from ..edits import identifier, is_text, render, text
from ..sites import Candidate, Site, column_in, target_name
from .shape import called


def levels(site: Site) -> Iterator[Candidate]:
    """The pair of codes and levels."""
    node = site.node
    if called(node) != "factorize" or not isinstance(node, ast.Call):
        return
    method = isinstance(node.func, ast.Attribute) and not node.args
    data = node.func.value if method and isinstance(node.func, ast.Attribute) else (node.args[0] if node.args else None)
    if data is None:
        return
    parts = site.compose(data)
    if not is_text(parts):
        return
    own, column = site.text(node), render(parts)
    column_name = column_in(data)
    hint = column_name + "_levels" if column_name else target_name(site) or "levels"
    name = identifier(hint)
    learned = site.learn(hint, own + "[1]")
    inline = [text("(("), text(name + " := "), learned, text(").get_indexer({}), {})".format(column, name))]
    if site.compound:
        yield Candidate("R9", inline)
        return
    yield Candidate(
        "R9", [text("({0}.get_indexer({1}), {0})".format(name, column))], before=[[text(name + " = "), learned]], check=inline
    )
