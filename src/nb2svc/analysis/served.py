"""The statements of the served program."""

from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.outline import Outline, Part


def program(dataflow: Dataflow, outline: Outline) -> tuple[tuple[int, Part], ...]:
    """The statements of serving slice and training path with their parts, in document order."""
    parts = dict(outline.parts)
    return tuple((statement.number, parts[statement.number]) for statement in dataflow.statements if statement.number in parts)
