"""R11: scaling functions without an object, as the author would by hand; and outer values drawn in.

scale(A)                 →  (A - state.mean(lambda: A.mean(axis=0))) / state.std(lambda: A.std(axis=0))
winsorize(x, limits=…)   →  x.clip(state.x_low(lambda: winsorize(x, limits=…).min()), state.x_high(lambda: …))
"""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterator, List, Optional, Tuple

import numpy as np
import pandas as pd

from ..edits import Part, text
from ..sites import Candidate, Site, column_in
from .shape import called, grouped

# What is taken away, and what is divided by; the widest reduction that each library's own has.
SCALINGS: Dict[str, Tuple[str, str]] = {
    "scale": ("mean", "std"),
    "zscore": ("mean", "std"),
    "minmax_scale": ("min", "range"),
    "maxabs_scale": ("", "absolute"),
    "robust_scale": ("median", "iqr"),
}


def scale(site: Site) -> Iterator[Candidate]:
    """`(A - mean) / std` with training's mean and standard deviation, and the like."""
    node = site.node
    if not isinstance(node, ast.Call):
        return
    data = _data(site, node)
    if data is not None:
        yield from _scaled(site, *data)
    if node.args and isinstance(site.value(node.args[0]), pd.Series):
        yield from _drawn_in(site, node.args[0])


def _data(site: Site, node: ast.Call) -> Optional[Tuple[str, ast.expr]]:
    """The function's name and what it scales: `scale(A)`, `A.apply(zscore)`."""
    if len(node.args) != 1 or node.keywords:
        return None
    if called(node) in SCALINGS:
        return called(node), node.args[0]
    function = node.args[0]
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if called(node) == "apply" and name in SCALINGS and isinstance(node.func, ast.Attribute):
        return name, node.func.value
    return None


def _scaled(site: Site, name: str, node: ast.expr) -> Iterator[Candidate]:
    data, value = site.compose(node), site.value(node)
    own = (
        site.text(node)
        if isinstance(node, (ast.Name, ast.Subscript, ast.Attribute, ast.Call))
        else "({})".format(site.text(node))
    )
    frame = isinstance(value, (pd.DataFrame, pd.Series))
    less, by = SCALINGS[name]
    column = column_in(node)
    prefix = column + "_" if column else ""
    parts: List[Part] = [text("("), *data]
    if less:
        parts += [text(" - "), site.learn(prefix + less, _reduction(own, less, frame=frame))]
    parts += [text(") / "), site.learn(prefix + by, _reduction(own, by, frame=frame))]
    yield Candidate("R11", grouped(site, parts))
    if frame:
        yield Candidate("R11", [text("("), *parts, text(").to_numpy()")])


def _reduction(own: str, what: str, *, frame: bool) -> str:
    if what == "std":
        return "{}.std(ddof=0)".format(own) if frame else "{}.std(axis=0)".format(own)
    if what == "range":
        return "{0}.max(axis=0) - {0}.min(axis=0)".format(own)
    if what == "absolute":
        return "abs({}).max(axis=0)".format(own)
    if what == "iqr":
        return "{0}.quantile(0.75) - {0}.quantile(0.25)".format(own)
    return "{}.{}({})".format(own, what, "" if frame else "axis=0")


def _drawn_in(site: Site, node: ast.expr) -> Iterator[Candidate]:
    """A column whose values are its own but for the outermost, which are drawn in: clipped at the result's extremes."""
    before, after = site.value(node), site.value(site.node)
    if not isinstance(after, (pd.Series, np.ndarray)) or len(before) != len(after):
        return
    same: Any = np.asarray(before) == np.asarray(after)
    if bool(same.all()) or not bool(same.any()):
        return
    own, column = site.text(site.node), column_in(node) or "value"
    low, high = site.learn(column + "_low", own + ".min()"), site.learn(column + "_high", own + ".max()")
    parts = [*site.compose(node), text(".clip("), low, text(", "), high, text(")")]
    yield Candidate("R11", parts)
    yield Candidate("R11", [*parts, text(".to_numpy()")])
