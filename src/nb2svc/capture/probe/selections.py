"""Row selections: which calls drop or shuffle rows on the way to the model input, and what stands for them at serving."""

from __future__ import annotations

import ast
import copy
from typing import Any, Dict, List, Optional, Set, Tuple

import numpy as np

from .instrument import Replacement, descendants, query_names
from .program import COPY, GUARD, OPERAND, Program
from .rowids import Rows
from .training import SeenSelection


class Removal:
    """A selection that serving leaves out: `operands` are expression numbers, one a target (None: serving never reads it).

    `guards` says that serving evaluates it all the same, to know which rows it would drop.
    """

    __slots__ = ("number", "operands", "in_place", "before", "after", "guards")

    def __init__(self, number: int, operands: List[Optional[int]], *, in_place: bool, before: int, after: int) -> None:
        self.number, self.operands, self.in_place = number, operands, in_place
        self.before, self.after = before, after
        self.guards = False


def removals(program: Program, seen: Dict[int, SeenSelection], *, fit: Rows, predict: Optional[Rows]) -> Dict[int, Removal]:
    """The selections to remove: no row comes back, so all of the model input's rows are among theirs.

    A permutation is removed only if the model input has its order. Outermost calls only.
    """
    found: Dict[int, Removal] = {}
    for number, selection in seen.items():
        if not _served_statement(program, program.exprs[number].statement):
            continue
        operands = [_operand(program, part, fit=fit, predict=predict) for part in selection.parts]
        if any(isinstance(operand, int) and not _still_there(program, operand, number) for operand in operands):
            continue
        if not any(isinstance(operand, int) for operand in operands):
            continue
        _, before, after = next(part for part, operand in zip(selection.parts, operands) if isinstance(operand, int))
        found[number] = Removal(number, operands, in_place=selection.in_place, before=len(before.ids), after=len(after.ids))
    for number in list(found):
        for inner in descendants(program.exprs, number):
            found.pop(inner, None)
    for number in [number for number in found if all(around & found.keys() for around in seen[number].around)]:
        del found[number]  # only ever evaluated in the call of a function that selects
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
        only_order = len(after.ids) == len(np.unique(after.ids)) == len(np.unique(before.ids))
        if only_order and not _has_order(rows, after, before):
            continue
        return number
    return None


def _still_there(program: Program, operand: int, number: int) -> bool:
    """Whether an operand of an earlier statement is a name that none in between binds anew."""
    first, last = program.exprs[operand].statement, program.exprs[number].statement
    if first == last:
        return True
    name = getattr(program.exprs[operand].node, "id", None)
    between = [statement for statement in program.statements if first <= statement.number < last]
    return name is not None and not any(
        isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        for statement in between
        for node in ast.walk(statement.tree)
    )


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
    columns = columns_part(program, removal.number)
    own = program.exprs[removal.number].statement

    def part_of(number: Optional[int], wrapped: Dict[int, ast.expr]) -> ast.expr:
        if number is None:
            return ast.Constant(None)
        # The table that an earlier statement selected from is still there under its name.
        node = wrapped[number] if program.exprs[number].statement == own else program.exprs[number].node
        return _copied(node, columns)

    def replace(wrapped: Dict[int, ast.expr]) -> ast.expr:
        if removal.guards:
            return _guarded(removal, wrapped, columns)
        if removal.in_place:
            return ast.Constant(None)
        parts = [part_of(number, wrapped) for number in removal.operands]
        return parts[0] if len(parts) == 1 else ast.Tuple(parts, ast.Load())

    return replace


def _guarded(removal: Removal, wrapped: Dict[int, ast.expr], columns: Optional[ast.expr]) -> ast.expr:
    """The selection evaluated, and then its operand as it was in that evaluation."""
    operand = removal.operands[0]
    assert operand is not None, "only a selection of one operand guards"
    select = _Noting(wrapped[operand], operand).visit(wrapped[removal.number])
    if removal.in_place:
        select.keywords = [keyword for keyword in select.keywords if keyword.arg != "inplace"]
    rows = ast.Name("rows", ast.Load())
    taken = ast.Lambda(_arguments("rows"), rows if columns is None else _columns_of(rows, columns))
    return ast.Call(
        ast.Name(GUARD, ast.Load()), [ast.Constant(operand), ast.Lambda(_arguments(), select), taken], []
    )  # fmt: skip


class _Noting(ast.NodeTransformer):
    """Notes the value of one node: `loans` → `_nb2svc_operand(3, loans)`."""

    def __init__(self, node: ast.expr, number: int) -> None:
        self.node, self.number = node, number

    def visit(self, node: ast.AST) -> Any:
        if node is self.node:
            return ast.Call(ast.Name(OPERAND, ast.Load()), [ast.Constant(self.number), self.node], [])
        return super().visit(node)


def _arguments(*names: str) -> ast.arguments:
    return ast.arguments(
        posonlyargs=[],
        args=[ast.arg(name) for name in names],
        vararg=None,
        kwonlyargs=[],
        kw_defaults=[],
        kwarg=None,
        defaults=[],
    )


def _copied(node: ast.expr, columns: Optional[ast.expr]) -> ast.expr:
    inner = copy.deepcopy(node)
    return ast.Call(ast.Name(COPY, ast.Load()), [inner if columns is None else _columns_of(inner, columns)], [])


def _columns_of(node: ast.expr, columns: ast.expr) -> ast.expr:
    index = ast.Tuple([ast.Slice(None, None, None), copy.deepcopy(columns)], ast.Load())
    return ast.Subscript(ast.Attribute(node, "loc", ast.Load()), index, ast.Load())


def columns_part(program: Program, number: int) -> Optional[ast.expr]:
    """The columns of `df.loc[mask, columns]`, which stay when the rows' part goes."""
    node = program.exprs[number].node
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2:
        if isinstance(node.value, ast.Attribute) and node.value.attr == "loc":
            return node.slice.elts[1]
    return None


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


def in_place_argument(node: ast.Call) -> Optional[ast.keyword]:
    """The `inplace=True` of a call, where it is written out."""
    return next((each for each in node.keywords if each.arg == "inplace" and isinstance(each.value, ast.Constant)), None)


def names_in_queries(tree: ast.AST) -> Set[str]:
    """Variables that texts of `query` and `eval` name: `loans.query("age > @low")` → low."""
    return {name for node in ast.walk(tree) for name in query_names(node)}
