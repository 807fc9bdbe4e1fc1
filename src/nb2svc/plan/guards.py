"""Row selections as domain guards: what training never saw, a request is told."""

from nb2svc.ir.notebook import Notebook
from nb2svc.ir.observation import Condition, Observation
from nb2svc.ir.plan import Guard
from nb2svc.ir.source import CellText


def plan_guards(notebook: Notebook, observation: Observation) -> tuple[Guard, ...]:
    """One guard for each comparison of a selection on raw columns; none for a mask that reads the target."""
    columns = {column.name for column in observation.main.columns}
    return tuple(
        Guard(
            condition=condition,
            cell=selection.span.cell,
            line=selection.span.line,
            text=_words(notebook, selection.span.cell, selection.span.end_line, condition),
        )
        for selection in observation.selections
        if not selection.reads_target
        for condition in selection.conditions
        if condition.column in columns
    )


def _words(notebook: Notebook, cell: int, line: int, condition: Condition) -> str:
    """The author's own comment on that line, else the condition itself."""
    text = CellText(notebook.cell(cell).code).lines[line - 1]
    _, mark, comment = text.partition("  # ")
    if mark and comment.strip():
        return comment.strip()
    if condition.operator == "not null":
        return f"{condition.column} is not missing"
    return f"{condition.column} {condition.operator} {condition.value!r}"
