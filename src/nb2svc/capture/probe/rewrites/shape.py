"""Small questions about a call's form, shared by the rewrites."""

from __future__ import annotations

import ast
from typing import Any, List, Optional

from ..edits import Part, text
from ..sites import Site


def called(node: ast.AST) -> str:
    """The called function's or method's name, '' for anything but a call."""
    if not isinstance(node, ast.Call):
        return ""
    func = node.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def argument(node: ast.Call, place: int, name: str) -> Optional[ast.expr]:
    """An argument by place or by name."""
    if place < len(node.args):
        return node.args[place]
    return next((item.value for item in node.keywords if item.arg == name), None)


def other_arguments(site: Site, node: ast.Call, *, but: List[Any]) -> str:
    """The texts of the arguments that are not in `but` (nodes or keyword names), each after a comma."""
    texts = [site.text(item) for item in node.args if item not in but]
    texts += [
        "{}={}".format(item.arg, site.text(item.value)) for item in node.keywords if item.arg not in but and item.value not in but
    ]
    return "".join(", " + item for item in texts)


def replace_inside(site: Site, inner: ast.AST, parts: List[Part]) -> List[Part]:
    """The expression's own text with one part of it replaced."""
    whole, own = site.text(site.node), site.text(inner)
    start = _offset(site, inner)
    return [text(whole[:start]), *parts, text(whole[start + len(own) :])]


def _offset(site: Site, inner: ast.AST) -> int:
    from ..program import offsets, spot_of

    first = offsets(site.statement, spot_of(site.statement, site.node))[0]
    return int(offsets(site.statement, spot_of(site.statement, inner))[0] - first)
