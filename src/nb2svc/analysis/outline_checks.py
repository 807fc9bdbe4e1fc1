"""Check cells: their statements, and what the names that they read come from."""

import ast

from nb2svc.analysis.failing import can_fail
from nb2svc.analysis.index import Index
from nb2svc.analysis.outline_tags import Tags
from nb2svc.ir.dataflow import Reason, Slice
from nb2svc.ir.notebook import Cell
from nb2svc.ir.outline import CheckUse

METRIC = "nb2svc.metric"


def check_uses(index: Index, tags: Tags) -> tuple[CheckUse, ...]:
    """One use for each check cell, in the notebook's order."""
    return tuple(_check(index, cell, place) for place, cell in enumerate(tags.checks, start=1))


def _check(index: Index, cell: Cell, place: int) -> CheckUse:
    directive = cell.directive
    name = (directive.name if directive else None) or f"check_{place}"
    # What it tells to validation runs is neither asserted nor a part of the service, which has no nb2svc.
    numbers = tuple(number for number in index.cells.get(cell.number, ()) if not is_metric(index, number))
    outside = sorted({edge.source for one in numbers for edge in index.into.get(one, ())} - set(numbers))
    needed = tuple(sorted(index.closure(outside) - set(numbers)))
    return CheckUse(
        cell=cell.number,
        name=name,
        serve=bool(directive) and (directive.option("serve") or "").lower() == "true" if directive else False,
        statements=numbers,
        slice=Slice(target=name, statements=needed, reasons=tuple(_reason(index, one, numbers, name) for one in needed)),
        idle=not can_fail(index, numbers),
    )


def is_metric(index: Index, number: int) -> bool:
    """Whether a statement is `nb2svc.metric("auc", auc)` and nothing more."""
    parsed = index.parsed(number)
    match parsed.node if parsed else None:
        case ast.Expr(value=ast.Call(func=called)):
            return index.path(called) == METRIC
    return False


def _reason(index: Index, number: int, check: tuple[int, ...], name: str) -> Reason:
    names = dict.fromkeys(edge.name for edge in index.out_of.get(number, ()) if edge.target in check)
    made = ", ".join(f"`{one}`" for one in names)
    verb = "imports" if index.statement(number).kind == "import" else "makes"
    text = f"{verb} {made}, which check {name} reads" if made else f"leads to what check {name} reads"
    return Reason(statement=number, text=text)
