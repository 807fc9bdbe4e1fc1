"""Small questions about a call's form, shared by the rewrites."""

from __future__ import annotations

import ast
from typing import Any, Dict, List, Optional

from ..edits import Part, owner_of, text
from ..program import offsets, spot_of
from ..request import Statement
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


def grouped(site: Site, parts: List[Part]) -> List[Part]:
    """Parts of an operation, in parentheses unless they are all that is assigned."""
    alone = any(isinstance(node, ast.Assign) and node.value is site.node for node in ast.walk(site.statement.tree))
    return parts if alone else [text("("), *parts, text(")")]


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
    start = _place(site.statement, inner) - _place(site.statement, site.node)
    return [text(whole[:start]), *parts, text(whole[start + len(own) :])]


def _place(statement: Statement, node: ast.AST) -> int:
    """Where a node starts in its statement's source."""
    return offsets(statement, spot_of(statement, node))[0]


def node_parts(site: Site, node: ast.AST, replaced: Dict[int, List[Part]]) -> List[Part]:
    """A node's own text with other parts in place of some nodes inside it (by `id`)."""
    if id(node) in replaced:
        return list(replaced[id(node)])
    own, owner = site.text(node), owner_of(site.program, node)
    start = _place(owner, node)
    parts: List[Part] = []
    place = 0
    for inner in sorted((each for each in ast.walk(node) if id(each) in replaced), key=lambda each: _place(owner, each)):
        first = _place(owner, inner) - start
        if first < place:
            continue  # inside one that is replaced
        parts += [text(own[place:first]), *replaced[id(inner)]]
        place = first + len(site.text(inner))
    return [*parts, text(own[place:])]
