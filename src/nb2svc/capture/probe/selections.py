"""Row selections: which calls drop or shuffle rows on the way to the model input, and what stands for them at serving."""

from __future__ import annotations

import ast
import copy
from typing import Any, Dict, List, Optional, Set, Tuple

import numpy as np

from .instrument import Replacement, descendants
from .program import COPY, Program, node_text, offsets, spot_of
from .rowids import Rows
from .training import SeenSelection


class Removal:
    """A selection that serving leaves out: `operands` are expression numbers, one a target (None: serving never reads it)."""

    __slots__ = ("number", "operands", "in_place", "before", "after")

    def __init__(self, number: int, operands: List[Optional[int]], *, in_place: bool, before: int, after: int) -> None:
        self.number, self.operands, self.in_place = number, operands, in_place
        self.before, self.after = before, after


def removals(program: Program, seen: Dict[int, SeenSelection], *, fit: Rows, predict: Optional[Rows]) -> Dict[int, Removal]:
    """The selections to remove: no row comes back, so all of the model input's rows are among theirs.

    A permutation is removed only if the model input has its order. Outermost calls only.
    """
    found: Dict[int, Removal] = {}
    for number, selection in seen.items():
        if not _served_statement(program, program.exprs[number].statement):
            continue
        operands = [_operand(program, part, fit=fit, predict=predict) for part in selection.parts]
        if not any(isinstance(operand, int) for operand in operands):
            continue
        _, before, after = next(part for part, operand in zip(selection.parts, operands) if isinstance(operand, int))
        found[number] = Removal(number, operands, in_place=selection.in_place, before=len(before.ids), after=len(after.ids))
    for number in list(found):
        for inner in descendants(program.exprs, number):
            found.pop(inner, None)
    for removal in found.values():
        _drop_unread(program, removal)
    return found


def _served_statement(program: Program, number: int) -> bool:
    return program.request.statement(number).part in ("prelude", "fit_path", "answer")


def _operand(program: Program, part: Tuple[int, Rows, Rows], *, fit: Rows, predict: Optional[Rows]) -> Optional[int]:
    number, before, after = part
    if before.domain != fit.domain or after.same(before):
        return number if after.same(before) and before.domain == fit.domain else None
    for rows in (fit, predict):
        if rows is None or rows.domain != before.domain or not len(rows.ids):
            continue
        if not np.isin(rows.ids, after.ids).all():
            continue
        if len(np.unique(after.ids)) == len(np.unique(before.ids)) and not _has_order(rows, after, before):
            continue
        return number
    return None


def _has_order(rows: Rows, after: Rows, before: Rows) -> bool:
    """Whether some rows stand in the order of `after`, and not in that of `before`."""

    def ordered(whole: Rows) -> bool:
        place = {row: position for position, row in enumerate(whole.ids.tolist())}
        places = [place.get(row, -1) for row in rows.ids.tolist()]
        return all(a <= b for a, b in zip(places, places[1:]))

    # In raw order again (`sort_index`): whatever was sorted in between, nothing is to be removed.
    return ordered(after) and not ordered(before) and bool((np.diff(rows.ids) < 0).any())


def _drop_unread(program: Program, removal: Removal) -> None:
    """Targets of a split that serving never reads get no operand."""
    if len(removal.operands) < 2:
        return
    names = assigned_names(program, removal.number)
    if len(names) != len(removal.operands):
        return
    read = read_names(program)
    removal.operands = [operand if name in read else None for name, operand in zip(names, removal.operands)]


def read_names(program: Program) -> Set[str]:
    """Names that the served program reads: the fit path, fit's input, the answer without predict's argument."""
    found: Set[str] = set()
    skip = {id(node) for argument in program.argument_nodes() for node in ast.walk(argument)}
    for statement in program.statements:
        if statement.part == "twin":
            continue
        trees = [each.node for each in program.inputs_of(statement)] if program.is_fit(statement) else [statement.tree]
        for node in (node for tree in trees for node in ast.walk(tree)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Load, ast.Del)) and id(node) not in skip:
                found.add(node.id)
    if program.predict_input is not None and program.fit_input is None:
        found |= {node.id for node in ast.walk(program.predict_input) if isinstance(node, ast.Name)}
    return found


def assigned_names(program: Program, number: int) -> List[str]:
    """The names that an assignment gives an expression's parts to: `X_train, X_test = split(X)`; [] in other places."""
    expr = program.exprs[number]
    for node in ast.walk(program.request.statement(expr.statement).tree):
        if not isinstance(node, (ast.Assign, ast.AnnAssign)):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value is expr.node:
            target = targets[0]
            parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
            return [part.id if isinstance(part, ast.Name) else "" for part in parts]
        if isinstance(node.value, ast.Tuple) and isinstance(targets[0], ast.Tuple) and expr.node in node.value.elts:
            part = targets[0].elts[node.value.elts.index(expr.node)] if len(targets[0].elts) == len(node.value.elts) else None
            return [part.id] if isinstance(part, ast.Name) else []
    return []


def replacements(program: Program, removed: Dict[int, Removal]) -> Dict[int, Replacement]:
    """What the instrumented probe runs instead of each removed selection: its operands, each target its own copy."""
    return {number: _replacement(program, removal) for number, removal in removed.items()}


def _replacement(program: Program, removal: Removal) -> Replacement:
    columns = _columns_part(program, removal.number)

    def replace(wrapped: Dict[int, ast.expr]) -> ast.expr:
        if removal.in_place:
            return ast.Constant(None)
        parts = [ast.Constant(None) if number is None else _copied(wrapped[number], columns) for number in removal.operands]
        return parts[0] if len(parts) == 1 else ast.Tuple(parts, ast.Load())

    return replace


def _copied(node: ast.expr, columns: Optional[ast.expr]) -> ast.expr:
    inner = copy.deepcopy(node)
    if columns is not None:
        rows = ast.Slice(None, None, None)
        index = ast.Tuple([rows, copy.deepcopy(columns)], ast.Load())
        inner = ast.Subscript(ast.Attribute(inner, "loc", ast.Load()), index, ast.Load())
    return ast.Call(ast.Name(COPY, ast.Load()), [inner], [])


def _columns_part(program: Program, number: int) -> Optional[ast.expr]:
    """The columns of `df.loc[mask, columns]`, which stay when the rows' part goes."""
    node = program.exprs[number].node
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2:
        if isinstance(node.value, ast.Attribute) and node.value.attr == "loc":
            return node.slice.elts[1]
    return None


def operand_text(program: Program, number: int, removed: Dict[int, Removal], *, columns_of: Optional[int] = None) -> str:
    """The author's text of an operand, with selections inside it replaced by their own operands."""
    expr = program.exprs[number]
    statement = program.request.statement(expr.statement)
    text = node_text(statement, expr.node)
    start = offsets(statement, spot_of(statement, expr.node))[0]
    edits = []
    for inner in _outermost(program, number, removed):
        edit = removed[inner]
        if edit.operands and edit.operands[0] is not None:
            first, last = offsets(statement, spot_of(statement, program.exprs[inner].node))
            edits.append((first - start, last - start, operand_text(program, edit.operands[0], removed, columns_of=inner)))
    for first, last, new in sorted(edits, reverse=True):
        text = text[:first] + new + text[last:]
    columns = None if columns_of is None else _columns_part(program, columns_of)
    if columns is not None:
        text = "{}.loc[:, {}]".format(text, node_text(statement, columns))
    return text


def _outermost(program: Program, number: int, removed: Dict[int, Removal]) -> List[int]:
    found: List[int] = []
    for child in [number, *list(descendants(program.exprs, number))]:
        if child in removed and not any(child in set(descendants(program.exprs, outer)) for outer in found):
            found.append(child)
    return found


def all_seen(program: Program, seen: Dict[int, SeenSelection], removed: Dict[int, Removal]) -> Dict[int, Removal]:
    """Removed selections and the selections inside their operands, which the operand's text must leave out too."""
    found = dict(removed)
    for number, selection in seen.items():
        if number not in found and selection.parts and not selection.in_place:
            found[number] = Removal(number, [selection.parts[0][0]], in_place=False, before=0, after=0)
    return found


def mask_of(program: Program, number: int) -> Optional[ast.expr]:
    """The mask's node of `df[mask]` or `df.loc[mask]`; None for other selections."""
    node: Any = program.exprs[number].node
    if not isinstance(node, ast.Subscript):
        return None
    index = node.slice
    if isinstance(index, ast.Tuple):
        index = index.elts[0]
    return None if isinstance(index, (ast.Constant, ast.Slice)) else index
