"""Which raw table a request's row is of, which tables come with it, and which are frozen (DESIGN: main, child, lookup)."""

from __future__ import annotations

import ast
from typing import Any, Dict, List, Optional, Set, Tuple

import pandas as pd

from .program import Program
from .tabular import count, is_rows

# Methods and functions whose text arguments may be keys.
_JOINS = frozenset(
    {"merge", "merge_asof", "merge_ordered", "join", "groupby", "set_index", "pivot", "pivot_table", "drop_duplicates"}
)


class Roles:
    """The main table, the children with their key and the main table's key, and the names passed whole."""

    def __init__(self, main: str) -> None:
        self.main = main
        self.main_key: Optional[str] = None
        self.children: Dict[str, str] = {}


def main_candidates(program: Program, raws: Dict[str, Any]) -> List[str]:
    """Raw tables that could be the main one, the likeliest first."""
    request = program.request
    tables = [name for name, value in raws.items() if is_rows(value) and name not in request.lookup_hint]
    if request.raw_hint in tables:
        return [str(request.raw_hint)]

    def likely(name: str) -> Tuple[bool, bool]:
        value = raws[name]
        has_target = isinstance(value, pd.DataFrame) and any(column in request.target_names for column in value.columns)
        return (not has_target, name in request.request_hint)

    return sorted(tables, key=likely)


def assign_roles(program: Program, raws: Dict[str, Any], *, main: str) -> Roles:
    """Children share a key that is unique in the main table; any other table is a lookup. Hints override."""
    roles = Roles(main)
    frame = raws[main]
    if not isinstance(frame, pd.DataFrame):
        return roles
    pairs, said = _key_pairs(program), _said_as_keys(program, frame)
    keys: Dict[str, Tuple[str, str]] = {}
    for name, table in raws.items():
        if name == main or not isinstance(table, pd.DataFrame) or name in program.request.lookup_hint:
            continue
        forced = name in program.request.request_hint
        found = _child_key(frame, table, pairs, None if forced else said)
        if found is not None:
            keys[name] = found
    if not keys:
        return roles
    # One key of the main table serves all children: the one most of them use.
    used = [pair[0] for pair in keys.values()]
    roles.main_key = max(sorted(set(used)), key=used.count)
    roles.children = {name: pair[1] for name, pair in keys.items() if pair[0] == roles.main_key}
    return roles


def _child_key(
    main: pd.DataFrame, table: pd.DataFrame, pairs: Set[Tuple[str, str]], said: Optional[Set[str]]
) -> Optional[Tuple[str, str]]:
    """The key of a child table; `said` are the columns that could join it, None where the author declared it a child."""
    same = [str(name) for name in main.columns if name in set(table.columns)]
    candidates = [(name, name) for name in same if said is None or name in said]
    candidates += [pair for pair in sorted(pairs) if pair[0] in main.columns and pair[1] in table.columns]
    for own, other in candidates:
        left, right = main[own], table[other]
        if not left.is_unique or left.isna().any() or pd.api.types.is_float_dtype(left.dtype):
            continue
        if pd.api.types.is_numeric_dtype(left.dtype) != pd.api.types.is_numeric_dtype(right.dtype):
            continue
        overlap = right.isin(set(left)).mean() if len(right) else 1.0
        if said is None or overlap >= 0.3:
            return own, other
    return None


def _said_as_keys(program: Program, main: pd.DataFrame) -> Set[str]:
    """Columns that the author may join or group by: `on="id"`, `table["id"]`, `KEY = "id"`.

    Two files of the same form (`train.csv`, `test.csv`) share every column, and neither belongs to the other's rows.
    """
    found: Set[str] = set()
    for node in (node for statement in program.statements for node in ast.walk(statement.tree)):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, (ast.Subscript, ast.Assign)):
            part = node.slice if isinstance(node, ast.Subscript) else node.value
            found |= {part.value} if isinstance(part, ast.Constant) and isinstance(part.value, str) else set()
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _JOINS:
            found |= {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}
            if node.func.attr == "merge" and not any((keyword.arg or "").endswith(("on", "index")) for keyword in node.keywords):
                found |= {str(name) for name in main.columns}  # it joins on all columns that both have
    return found


def _key_pairs(program: Program) -> Set[Tuple[str, str]]:
    """Pairs of different names that the author joins on: `left_on="id", right_on="applicant_id"`, in both directions."""
    found: Set[Tuple[str, str]] = set()
    grouped: Set[str] = set()
    for statement in program.statements:
        for node in ast.walk(statement.tree):
            if not isinstance(node, ast.Call):
                continue
            named = {keyword.arg: keyword.value.value for keyword in node.keywords if isinstance(keyword.value, ast.Constant)}
            left, right = named.get("left_on"), named.get("right_on")
            if isinstance(left, str) and isinstance(right, str):
                found.update({(left, right), (right, left)})
            if isinstance(node.func, ast.Attribute) and node.func.attr in ("groupby", "set_index") and node.args:
                if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                    grouped.add(node.args[0].value)
            if isinstance(node.func, ast.Attribute) and node.func.attr == "map" and isinstance(node.func.value, ast.Subscript):
                inner = node.func.value.slice
                if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                    found.update((inner.value, name) for name in grouped)
    return found


def is_used(program: Program, name: str) -> bool:
    """Whether the served program reads a name."""
    for statement in program.statements:
        if statement.part == "twin":
            continue
        trees = [each.node for each in program.inputs_of(statement)] if program.is_fit(statement) else [statement.tree]
        skip = {id(node) for argument in program.argument_nodes() for node in ast.walk(argument)}
        nodes = (node for tree in trees for node in ast.walk(tree))
        if any(isinstance(node, ast.Name) and node.id == name and id(node) not in skip for node in nodes):
            return True
    return False


def whole(values: Dict[str, Any], name: str) -> int:
    """Rows of a value that is passed whole; 0 where it has none."""
    return count(values[name]) if is_rows(values[name]) else 0
