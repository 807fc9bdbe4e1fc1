"""R5: `qcut` and `cut` into a number of bins: the edges are state; a value outside training falls in the end bins, not NaN."""

from __future__ import annotations

import ast
from typing import Any, Iterator, List

from ..edits import Part, identifier, text
from ..sites import Candidate, Site, column_in
from .shape import argument, called, other_arguments


def bins(site: Site) -> Iterator[Candidate]:
    """Quantile bins and equal bins of a column."""
    node = site.node
    if called(node) not in ("qcut", "cut") or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    data, count = argument(node, 0, "x"), argument(node, 1, "q" if called(node) == "qcut" else "bins")
    if data is None or count is None or any(item.arg == "retbins" for item in node.keywords):
        return
    own, pandas = site.text(node), site.text(node.func.value)
    edges_how = own[:-1].rstrip().rstrip(",") + ", retbins=True)[1]"
    hint = (column_in(data) or "value") + "_edges"
    name = _free_name(site, identifier(hint))
    rest = other_arguments(site, node, but=[data, count, "x", "q", "bins", "duplicates", "include_lowest", "precision"])
    rest += "".join(", precision=" + site.text(item.value) for item in node.keywords if item.arg == "precision")
    learned = site.learn(hint, edges_how)
    column = site.compose(data)
    inline: List[Part] = [text(pandas + ".cut("), *column, text(".clip(("), text(name + " := "), learned]
    inline += [text(")[0], {0}[-1]), {0}{1}, include_lowest=True)".format(name, rest))]
    if site.compound:
        yield Candidate("R5", inline)
        return
    parts = [text(pandas + ".cut("), *column, text(".clip({0}[0], {0}[-1]), {0}{1}, include_lowest=True)".format(name, rest))]
    yield Candidate("R5", parts, before=[[text(name + " = "), learned]], check=inline)


def _free_name(site: Site, wanted: str) -> str:
    used: Any = {node.id for s in site.program.statements for node in ast.walk(s.tree) if isinstance(node, ast.Name)}
    while wanted in used:
        wanted += "_"
    return wanted
