"""R9: `pd.factorize(x)`, `np.unique(x, return_inverse=True)`: the levels are state, the codes their positions (-1: a new one)."""

from __future__ import annotations

import ast
from typing import Iterator

from ..edits import identifier, is_text, render, text
from ..sites import Candidate, Site, column_in, target_name
from .shape import called


def levels(site: Site) -> Iterator[Candidate]:
    """The pair of codes and levels, or of levels and codes."""
    node = site.node
    if called(node) == "unique" and isinstance(node, ast.Call):
        yield from _unique(site, node)
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


def _unique(site: Site, node: ast.Call) -> Iterator[Candidate]:
    """`np.unique(x, return_inverse=True)`: sorted levels, then codes."""
    pandas = site.program.module_name("pandas")
    if len(node.args) != 1 or [item.arg for item in node.keywords] != ["return_inverse"] or pandas is None:
        return
    data = site.compose(node.args[0])
    own = site.text(node)
    column = column_in(node.args[0])
    hint = column + "_levels" if column else "levels"
    name = identifier(hint)
    learned = site.learn(hint, own + "[0]")
    codes = "{}.Index({}).get_indexer(".format(pandas, name)
    inline = [text("(("), text(name + " := "), learned, text("), " + codes), *data, text("))")]
    if site.compound:
        yield Candidate("R9", inline)
        return
    yield Candidate(
        "R9", [text("({}, {}".format(name, codes)), *data, text("))")], before=[[text(name + " = "), learned]], check=inline
    )
