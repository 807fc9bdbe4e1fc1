"""Row selections as domain guards: what training never saw, a request is told."""

import ast

from nb2svc.ir.notebook import Notebook
from nb2svc.ir.observation import Condition, Observation, Selection
from nb2svc.ir.plan import Guard, PlannedSelection
from nb2svc.ir.source import CellText

_WORDS = 80


def plan_guards(notebook: Notebook, observation: Observation) -> tuple[Guard, ...]:
    """One guard for each comparison of a selection on raw columns."""
    columns = {column.name for column in observation.main.columns}
    return tuple(
        Guard(
            condition=condition,
            cell=selection.span.cell,
            line=selection.span.line,
            text=_comment(notebook, selection) or _said(condition),
        )
        for selection in observation.selections
        for condition in selection.conditions
        if condition.column in columns
    )


def plan_selection(notebook: Notebook, selection: Selection) -> PlannedSelection:
    """A selection with the words that a request outside it is told: `no dreamers (cell 3)`, else its own text."""
    if not selection.guards:
        return PlannedSelection(selection=selection)
    words = _comment(notebook, selection) or _mask(CellText(notebook.cell(selection.span.cell).code).at(selection.span))
    short = words if len(words) <= _WORDS else f"{words[: _WORDS - 1]}…"
    return PlannedSelection(selection=selection, words=f"{short} (cell {selection.span.cell})")


def _mask(text: str) -> str:
    """What decides, in the author's text: `loans[loans["ratio"] < 5]` → `loans["ratio"] < 5`."""
    node = ast.parse(text, mode="eval").body
    match node:
        case ast.Subscript(slice=ast.Tuple(elts=[mask, _])) | ast.Subscript(slice=mask):
            node = mask
        case ast.Call(func=ast.Attribute(attr="query"), args=[ast.Constant(value=str(words)), *_]):
            return words
    return " ".join((ast.get_source_segment(text, node) or text).split()).replace(", inplace=True", "")


def _comment(notebook: Notebook, selection: Selection) -> str:
    """The author's own comment on a selection's last line."""
    line = CellText(notebook.cell(selection.span.cell).code).lines[selection.span.end_line - 1]
    return line.partition("  # ")[2].strip()


def _said(condition: Condition) -> str:
    if condition.operator == "not null":
        return f"{condition.column} is not missing"
    return f"{condition.column} {condition.operator} {condition.value!r}"
