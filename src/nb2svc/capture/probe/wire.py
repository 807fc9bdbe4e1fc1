"""Edits and selections in the form of `ir.observation`."""

from __future__ import annotations

import ast
from typing import Any, Dict, List, Optional, Set

from .conditions import Masks
from .edits import Edit, Part, compose, is_text, merge, outermost, render, text
from .instrument import descendants
from .program import Program, node_text, spot_of
from .selections import Removal, assigned_names, columns_part, in_place_argument


class Said:
    """What the selections say: which depend on the target and which part the rows (a split) instead of keeping some out.

    `outside` are those of `splits` that drop rows of training, and rows of their kind were predicted from a table of their own.
    """

    def __init__(self, target: Optional[str], by_target: Dict[int, bool], splits: Set[int], outside: Set[int]) -> None:
        self.target, self.by_target, self.splits, self.outside = target, by_target, splits, outside


def rewrites_json(program: Program, edits: Dict[int, Edit]) -> List[Dict[str, Any]]:
    """Outermost edits of every statement, in document order; those inside another one are in its parts."""
    found = []
    for statement in program.statements:
        # An edit that stands inside another one's `before` or `how` is part of that text.
        for edit in outermost(program, statement.tree, edits):
            found.append(
                {
                    "statement": statement.number,
                    "span": program.expr_spot(edit.number).json(),
                    "rule": edit.rule,
                    "parts": edit.parts,
                    "before": edit.before,
                }
            )
    return found


def selections_json(
    program: Program, removed: Dict[int, Removal], seen: Dict[int, Removal], edits: Dict[int, Edit], *, masks: Masks, said: Said
) -> List[Dict[str, Any]]:
    """Removed selections, with what they say of a row."""
    found = []
    for number, removal in sorted(removed.items()):
        conditions, derived = masks.of(removal)
        operands: List[List[Part]] = []
        if removal.guards or not removal.in_place:
            operands = [_operand(program, part, seen, edits, columns_of=number) for part in removal.operands]
        found.append(
            {
                "statement": program.exprs[number].statement,
                "span": program.expr_spot(number).json(),
                "targets": assigned_names(program, number) or _receiver(program, removal),
                "operands": [render(parts) for parts in operands],
                "edited_operands": [] if all(map(is_text, operands)) else operands,
                "in_place": removal.in_place,
                "rows_in": removal.before,
                "rows_out": removal.after,
                "conditions": [] if number in said.splits else [each for each in conditions if each["column"] != said.target],
                "derived": derived and number not in said.splits,
                "reads_target": said.by_target.get(number, False),
                "guards": removal.guards,
                "in_place_argument": _in_place_argument(program, removal),
            }
        )
    return found


def _operand(
    program: Program, number: Optional[int], seen: Dict[int, Removal], edits: Dict[int, Edit], *, columns_of: int
) -> List[Part]:
    return [text("None")] if number is None else operand_parts(program, number, seen, edits, columns_of=columns_of)


def operand_parts(
    program: Program, number: int, seen: Dict[int, Removal], edits: Dict[int, Edit], *, columns_of: Optional[int] = None
) -> List[Part]:
    """The author's text of an operand with its edits, selections inside it replaced by their own operands."""
    found = dict(edits)
    for inner in [number, *descendants(program.exprs, number)]:
        operands = seen[inner].operands if inner in seen else []
        if operands and operands[0] is not None:
            found[inner] = Edit(inner, "selection", operand_parts(program, operands[0], seen, edits, columns_of=inner))
    parts = compose(program, program.exprs[number].node, found)
    columns = None if columns_of is None else columns_part(program, columns_of)
    if columns is None:
        return parts
    statement = program.request.statement(program.exprs[columns_of or 0].statement)
    return merge([*parts, text(".loc[:, {}]".format(node_text(statement, columns)))])


def _in_place_argument(program: Program, removal: Removal) -> Optional[Dict[str, int]]:
    """The span of `, inplace=True`, which a guard is written without."""
    node: Any = program.exprs[removal.number].node
    argument = in_place_argument(node) if removal.guards and removal.in_place else None
    if argument is None:
        return None
    statement = program.request.statement(program.exprs[removal.number].statement)
    spot = spot_of(statement, argument)
    others = [
        spot_of(statement, each) for each in [*node.args, *(each.value for each in node.keywords)] if each is not argument.value
    ]
    before = [each for each in others if (each.end_line, each.end_column) <= (spot.line, spot.column)]
    if before:
        last = max(before, key=lambda each: (each.end_line, each.end_column))
        spot.line, spot.column = last.end_line, last.end_column
    return spot.json()


def _receiver(program: Program, removal: Removal) -> List[str]:
    node: Any = program.exprs[removal.number].node
    if (
        removal.in_place
        and isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
    ):
        return [node.func.value.id]
    return []
