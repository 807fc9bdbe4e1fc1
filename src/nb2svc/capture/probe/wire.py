"""Edits and selections in the form of `ir.observation`."""

from __future__ import annotations

import ast
from typing import Any, Dict, List

from .conditions import Masks
from .edits import Edit, outermost
from .program import Program
from .selections import Removal, assigned_names, operand_text


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
    program: Program, removed: Dict[int, Removal], seen: Dict[int, Removal], masks: Masks, target_rows: Dict[int, bool]
) -> List[Dict[str, Any]]:
    """Removed selections; `target_rows` says which change their rows with the target."""
    found = []
    for number, removal in sorted(removed.items()):
        conditions, derived = masks.of(removal)
        reads_target = target_rows.get(number, False)
        operands = []
        if not removal.in_place:
            operands = [
                "None" if part is None else operand_text(program, part, seen, columns_of=number) for part in removal.operands
            ]
        found.append(
            {
                "statement": program.exprs[number].statement,
                "span": program.expr_spot(number).json(),
                "targets": assigned_names(program, number) or _receiver(program, removal),
                "operands": operands,
                "in_place": removal.in_place,
                "rows_in": removal.before,
                "rows_out": removal.after,
                "conditions": [] if reads_target else conditions,
                "derived": derived,
                "reads_target": reads_target,
            }
        )
    return found


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
