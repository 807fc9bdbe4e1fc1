"""R11: scikit-learn's `scale` and scipy's `zscore`, as the author would by hand."""

from __future__ import annotations

import ast
from typing import Iterator

from ..edits import text
from ..sites import Candidate, Site
from .shape import called


def scale(site: Site) -> Iterator[Candidate]:
    """`(A - mean) / std` with training's mean and standard deviation."""
    node = site.node
    if called(node) not in ("scale", "zscore") or not isinstance(node, ast.Call) or len(node.args) != 1 or node.keywords:
        return
    own, data = site.text(node.args[0]), site.compose(node.args[0])
    for suffix in ("", "(axis=0, ddof=0)", "(axis=0)"):
        if not suffix:
            continue
        mean = site.learn("mean", "({}).mean(axis=0)".format(own))
        std = site.learn("std", "({}).std{}".format(own, suffix))
        yield Candidate("R11", [text("(("), *data, text(" - "), mean, text(") / "), std, text(")")])
