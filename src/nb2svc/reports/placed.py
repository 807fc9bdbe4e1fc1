"""Where a cell's line stands in the notebook's file."""

from nb2svc.ir.notebook import Notebook
from nb2svc.ir.report import Place
from nb2svc.ir.source import split_lines
from nb2svc.ir.span import Span
from nb2svc.reports.records import Locate


def place_of(notebook: Notebook, cell: int, line: int, *, file: str, locate: Locate) -> Place | None:
    """A line of a cell (0: the cell as a whole) in the notebook's file; a cell that it has not is the file."""
    if not file:
        return None
    if not 0 < cell <= len(notebook.cells):
        return Place(file=file)
    lines = split_lines(notebook.cell(cell).source)
    number = line or 1
    end = len(lines[number - 1]) if number <= len(lines) else 0
    span = Span(cell, number, 0, number, end)
    return Place(file=file, region=locate(span), text=notebook.place(span) if line else notebook.cell(cell).title)


def line_text(notebook: Notebook, cell: int, line: int) -> str:
    """The author's line, or the cell's number: what stays when lines above it are added."""
    lines = split_lines(notebook.cell(cell).source) if 0 < cell <= len(notebook.cells) else []
    return lines[line - 1].strip() if 0 < line <= len(lines) else str(cell)
