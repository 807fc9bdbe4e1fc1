"""What is looked at while a notebook is validated: its checks, its metrics, and what they need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nb2svc.analysis.failing import can_fail
from nb2svc.analysis.index import Index, make_index
from nb2svc.analysis.outline_checks import METRIC
from nb2svc.capture.copy import cell_id
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Cell, Notebook
from nb2svc.validate.segments.evaluate import Segments

# A failed check was written to stop these.
_WORLDLY = frozenset({"file_write", "network", "process"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Cells by the ids that they have in the run.

    `checks` are the check cells with their names, `metrics` the names that a cell's tag asks for (`metrics=auc,f1`), `wanted` the
    cells that run although a check failed before them. `segments` evaluates checks and metrics by segment, where asked.
    """

    checks: Mapping[str, str]
    metrics: Mapping[str, tuple[str, ...]]
    wanted: frozenset[str]
    segments: Segments | None = None


def watched(notebook: Notebook, dataflow: Dataflow, *, columns: Sequence[str] = ()) -> Watched:
    """What to look at in a notebook; `columns` are those that its held-out rows are divided by."""
    asked = {cell_id(cell): names for cell in notebook.cells if (names := _asked(cell))}
    return Watched(
        checks={cell_id(notebook.cell(number)): name for number, name in check_names(notebook).items()},
        metrics=asked,
        wanted=_wanted(make_index(notebook, dataflow), frozenset(asked)),
        segments=Segments(columns=tuple(columns), notebook=notebook, dataflow=dataflow) if columns else None,
    )


def tells(notebook: Notebook, dataflow: Dataflow) -> bool:
    """Whether a run of the notebook would say anything: a check, or a metric."""
    index = make_index(notebook, dataflow)
    return any(cell.role == "check" or _asked(cell) for cell in notebook.cells) or any(
        _is_measured(index, statement.number) for statement in dataflow.statements
    )


def check_names(notebook: Notebook) -> Mapping[int, str]:
    """The check cells' names, by the cells' numbers."""
    checks = [cell for cell in notebook.cells if cell.role == "check"]
    return {cell.number: _name(cell, place) for place, cell in enumerate(checks, start=1)}


def idle_checks(notebook: Notebook, dataflow: Dataflow) -> tuple[str, ...]:
    """The names of check cells that can't fail, so that a pass of them says nothing (NB242); a program may do anything."""
    index = make_index(notebook, dataflow)
    return tuple(
        name
        for number, name in check_names(notebook).items()
        if not any(piece.treatment == "refused" for piece in notebook.cell(number).masked)
        and not can_fail(index, index.cells.get(number, ()))
    )


def _name(check: Cell, place: int) -> str:
    return (check.directive.name if check.directive else None) or f"check_{place}"


def _asked(cell: Cell) -> tuple[str, ...]:
    option = cell.directive.option("metrics") if cell.directive else None
    return tuple(option.split(",")) if option else ()


def _wanted(index: Index, asked: frozenset[str]) -> frozenset[str]:
    """The cells with a check or a metric, and those that lead there, but for what acts on the world outside."""
    telling = [
        statement.number
        for statement in index.dataflow.statements
        if index.role(statement.number) == "check"
        or cell_id(index.notebook.cell(statement.span.cell)) in asked
        or _is_measured(index, statement.number)
    ]
    needed = {index.statement(number).span.cell for number in index.closure(telling)}
    worldly = {
        statement.span.cell
        for statement in index.dataflow.statements
        if any(effect.kind in _WORLDLY for effect in statement.effects)
    }
    return frozenset(cell_id(index.notebook.cell(number)) for number in needed - worldly)


def _is_measured(index: Index, number: int) -> bool:
    return any(index.path(call.func) == METRIC for call in index.calls(number))
