"""R8: `groupby(key)[column].transform(lambda s: …)`: reductions of the group become tables by key, the rest is for the column.

loans.groupby("job")["income"].transform(lambda s: s.fillna(s.mean()))
→  loans["income"].fillna(loans["job"].map(state.income_mean_by_job(lambda: loans.groupby("job")["income"].mean())))
       .where(loans["job"].notna())        only where training misses keys: transform answers NaN there
"""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterator, List, Optional, Tuple

import pandas as pd

from ..edits import Part, merge, text
from ..instrument import number_of
from ..sites import Candidate, Site, reduction_in
from ..tabular import PLAIN
from .shape import called, grouped, node_parts


class _Groups:
    """`GROUPED = FRAME.groupby(KEYS)[COLUMN]`, and what its transform applies: BODY, a function of PARAMETER."""

    def __init__(self, site: Site, node: ast.Call) -> None:
        assert isinstance(node.func, ast.Attribute)
        self.site = site
        self.grouped = node.func.value
        self.frame, self.keys, self.column = _grouping(self.grouped)
        self.parameter, self.body = _function(site, node.args[0])

    @property
    def known(self) -> bool:
        """Whether all of it was found."""
        return None not in (self.frame, self.keys, self.parameter, self.body) and self.key_names() is not None

    def key_names(self) -> Optional[List[str]]:
        """The columns that the frame is grouped by."""
        value = self.site.value(self.keys)
        names = [value] if isinstance(value, str) else list(value) if isinstance(value, list) else []
        return names if names and all(isinstance(name, str) for name in names) else None


def group_lambda(site: Site) -> Iterator[Candidate]:
    """The transform of a function within groups."""
    node = site.node
    if called(node) != "transform" or not isinstance(node.func, ast.Attribute) or len(node.args) != 1 or node.keywords:
        return
    groups = _Groups(site, node)
    if not groups.known:
        return
    frame = site.text(groups.frame)
    own: List[Part] = [*site.compose(groups.frame), text("[{}]".format(_quoted(groups.column)))]
    parts = _body(groups, own)
    if parts is None:
        return
    names = groups.key_names() or []
    keys, operation = site.value(groups.frame), isinstance(groups.body, (ast.BinOp, ast.Compare, ast.UnaryOp, ast.IfExp))
    if isinstance(keys, pd.DataFrame) and bool(keys[names].isna().any(axis=None)):
        present = ["{}[{}].notna()".format(frame, _quoted(name)) for name in names]
        parts = [text("("), *parts, text(")")] if operation else parts
        parts = [*parts, text(".where({})".format(" & ".join(present)))]
    elif operation:
        parts = grouped(site, parts)
    yield Candidate("R8", merge(parts))


def _body(groups: _Groups, column: List[Part]) -> Optional[List[Part]]:
    """The function's body with its reductions looked up by key, and its parameter the whole column."""
    replaced: Dict[int, List[Part]] = {}

    def find(node: ast.AST) -> None:
        if isinstance(node, ast.Name) and node.id == groups.parameter:
            replaced[id(node)] = column
            return
        if isinstance(node, ast.Lambda):
            return
        if _is_reduction(groups, node):
            replaced[id(node)] = _table(groups, node)
            return
        for child in ast.iter_child_nodes(node):
            find(child)

    assert groups.body is not None
    find(groups.body)
    if len(replaced) < 1 or not any(part["is"] == "Learn" for parts in replaced.values() for part in parts):
        return None
    return node_parts(groups.site, groups.body, replaced)


def _is_reduction(groups: _Groups, node: ast.AST) -> bool:
    """One value a group, made of the group's rows: `s.mean()`, `s.quantile(0.9)`, `s.mode()[0]`, `len(s)`."""
    if number_of(node) is None or not isinstance(node, (ast.Call, ast.Subscript, ast.Attribute, ast.BinOp)):
        return False
    reads = any(isinstance(part, ast.Name) and part.id == groups.parameter for part in ast.walk(node))
    value = groups.site.value(node)
    return reads and value is not None and isinstance(value, (*PLAIN,)) and not isinstance(value, str)


def _table(groups: _Groups, node: Any) -> List[Part]:
    site, names = groups.site, groups.key_names() or []
    grouped, frame = site.text(groups.grouped), site.text(groups.frame)
    hint = "{}_{}_by_{}".format(groups.column, reduction_in(node) or "value", "_".join(names))
    how = "{}.agg(lambda {}: {})".format(grouped, groups.parameter, site.text(node))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args and not node.keywords:
        if isinstance(node.func.value, ast.Name):
            how = "{}.{}()".format(grouped, node.func.attr)
    if len(names) == 1:
        return [text("{}[{}].map(".format(frame, _quoted(names[0]))), site.learn(hint, how), text(")")]
    keys = "[{}]".format(", ".join(map(_quoted, names)))
    table = site.learn(hint, "{}.rename({})".format(how, _quoted("_" + hint)))
    return [text("{}[{}].join(".format(frame, keys)), table, text(", on={})[{}]".format(keys, _quoted("_" + hint)))]


def _grouping(node: Any) -> Tuple[Any, Any, str]:
    """`loans.groupby("job")["income"]` → loans, "job", income; (None, None, "") for anything else."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        picked, column = node.value, node.slice.value
    elif isinstance(node, ast.Attribute):
        picked, column = node.value, node.attr
    else:
        return None, None, ""
    if (
        not isinstance(picked, ast.Call)
        or called(picked) != "groupby"
        or not isinstance(picked.func, ast.Attribute)
        or len(picked.args) != 1
    ):
        return None, None, ""
    return picked.func.value, picked.args[0], column


def _function(site: Site, node: Any) -> Tuple[Optional[str], Any]:
    """The parameter and the body of a lambda; of a function that only returns, too."""
    if isinstance(node, ast.Lambda) and len(node.args.args) == 1:
        return node.args.args[0].arg, node.body
    for statement in site.program.statements if isinstance(node, ast.Name) else []:
        for own in statement.tree.body:
            if isinstance(own, ast.FunctionDef) and own.name == node.id and len(own.args.args) == 1 and len(own.body) == 1:
                only = own.body[0]
                if isinstance(only, ast.Return) and only.value is not None:
                    return own.args.args[0].arg, only.value
    return None, None


def _quoted(name: str) -> str:
    return '"{}"'.format(name) if '"' not in name and "\\" not in name else repr(name)
