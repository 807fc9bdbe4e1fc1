"""Row selections in the text of a statement: what a request runs instead, and which statements are nothing else."""

import re
from collections.abc import Callable, Sequence

from nb2svc.ir.dataflow import Statement
from nb2svc.ir.observation import Part, Selection
from nb2svc.ir.replacement import STATE, remembered
from nb2svc.ir.source import CellText, TextEdit

Render = Callable[[tuple[Part, ...]], str]


def selection_edits(text: CellText, selection: Selection) -> list[TextEdit]:
    """A selection as a request sees it: its operand, which one that guards takes beside itself.

    loans.dropna()                  →  loans
    loans[loans["ratio"] < 5]       →  state.guard(lambda: loans[loans["ratio"] < 5], loans)
    """
    start, end = text.bounds(selection.span)
    if not selection.guards:
        return [TextEdit(start, end, "None" if selection.in_place else operand_text(selection, remembered))]
    return guard_edits(text, selection, render=remembered, state=STATE, words="")


def guard_edits(text: CellText, selection: Selection, *, render: Render, state: str, words: str) -> list[TextEdit]:
    """The edits that make a selection a guard; the author's text stays inside it."""
    start, end = text.bounds(selection.span)
    operand = operand_text(selection, render)
    before = f"{operand} = " if selection.in_place else ""
    # A text of `query` looks for its variables in the frame that calls it, which is the lambda's.
    named = "".join(f" {name}={name}," for name in dict.fromkeys(re.findall(r"@(\w+)", text.at(selection.span))))
    edits = [
        TextEdit(start, start, f"{before}{state}.guard(lambda{named.rstrip(',')}: "),
        TextEdit(end, end, f", {operand}{words})"),
    ]
    if selection.in_place_argument is not None:
        edits.append(TextEdit(*text.bounds(selection.in_place_argument), ""))
    return edits


def operand_text(selection: Selection, render: Render) -> str:
    """What stands for a selection at serving: one operand, or a tuple with one for each target."""
    texts = [render(parts) for parts in selection.edited_operands] or list(selection.operands)
    return texts[0] if len(texts) == 1 else "(" + ", ".join(texts) + ")"


def is_all(statement: Statement, selections: Sequence[Selection]) -> bool:
    """Whether a statement only selects: at serving its operands stand for its targets, and there is no line for it."""
    if len(selections) != 1 or selections[0].guards or selections[0].edited_operands:
        return False
    return bool(selections[0].targets) and (not selections[0].in_place or is_whole(statement, selections[0]))


def is_whole(statement: Statement, selection: Selection) -> bool:
    """Whether a selection is the whole statement (`loans.dropna(inplace=True)`), not a line in a loop."""
    return selection.span == statement.span
