"""The copy of the notebook that is run: the author's cells, with capture calls between statements and never inside one.

    # nb2svc: feature ages              # nb2svc: feature ages
    x = 1; y = 2           becomes      x = 1; __nb2svc__.keep(0); y = 2
    model.fit(X, y)                     __nb2svc__.keep(1); __nb2svc__.keep_later(2); model.fit(X, y)

A call stands on the line of its statement where Python allows it; where it needs a line of its own (before a decorator,
after a loop, beside a magic) `ExecutedCell.lines` leads back to the author's lines. A value that is kept after the last
expression of a cell is kept when the cell has ended, so that the expression is still displayed.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from nb2svc.ir.capture import KeepPoint
from nb2svc.ir.dataflow import Dataflow, Statement
from nb2svc.ir.notebook import Cell, Notebook

RECORDER = "__nb2svc__"
# Tags that mean something to the runner; all others stay behind.
_RUN_TAGS = frozenset({"parameters", "raises-exception", "skip-execution"})
_LINE_END = re.compile(r"\r\n|\r|\n")
_OURS = re.compile(r"\s*%%?(nb2svc\w*|(re|un)?load_ext\s+nb2svc\w*)(\s|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutedCell:
    """One cell of the copy: its id there, its source, and for each line of it the author's line."""

    id: str
    number: int
    source: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutedCopy:
    """The copy's cells, in order."""

    cells: tuple[ExecutedCell, ...]


@dataclass(slots=True)
class _Insertions:
    """What goes into one cell: texts at (line, column), and whole lines above a line (one past the last: at the end)."""

    inline: dict[tuple[int, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    above: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))


def copy_notebook(notebook: Notebook, dataflow: Dataflow, points: Sequence[KeepPoint]) -> ExecutedCopy:
    """Place the keep points (numbered as in `points`) in a copy of the notebook's code cells."""
    insertions: dict[int, _Insertions] = defaultdict(_Insertions)
    last = {statement.span.cell: statement.number for statement in dataflow.statements}
    for number, point in sorted(enumerate(points), key=lambda item: (item[1].statement, item[1].when != "before")):
        statement = dataflow.statements[point.statement]
        cell = notebook.cell(statement.span.cell)
        is_last = last[statement.span.cell] == statement.number
        _place(insertions[cell.number], cell, statement, number=number, when=point.when, is_last=is_last)
    cells = tuple(_copy_cell(cell, insertions[cell.number]) for cell in notebook.cells)
    return ExecutedCopy(cells=cells)


def document(copy: ExecutedCopy, notebook: Notebook, *, kernel: str) -> dict[str, Any]:
    """The copy as an nbformat 4.5 document."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": cell.id,
            "metadata": {"tags": _run_tags(notebook.cell(cell.number))},
            "outputs": [],
            "source": cell.source,
        }
        for cell in copy.cells
    ]
    kernelspec = {"name": kernel, "display_name": kernel, "language": "python"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": kernelspec, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def cell_id(cell: Cell) -> str:
    """A cell's id in the copy: the author's own may be missing or no legal one."""
    return f"cell-{cell.number}"


def _run_tags(cell: Cell) -> list[str]:
    tags = {tag for tag in cell.tags if tag in _RUN_TAGS}
    return sorted(tags | {"parameters"} if cell.parameters else tags - {"parameters"})


def _place(into: _Insertions, cell: Cell, statement: Statement, *, number: int, when: str, is_last: bool) -> None:
    """Add one call to a cell's insertions."""
    node = ast.parse(statement.source).body[0]
    span = statement.span
    simple = not hasattr(node, "body") and not hasattr(node, "cases")
    as_written = simple and _is_plain(cell, statement)
    future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
    call = f"{RECORDER}.keep({number})"
    if when == "after" and is_last and isinstance(node, ast.Expr):
        call, when = f"{RECORDER}.keep_later({number})", "before"
    elif when == "before" and future:
        # Nothing may stand above it; it changes no value, so below is the same.
        when = "after"

    if as_written and when == "before":
        into.inline[span.line, span.column].append(f"{call}; ")
    elif as_written:
        into.inline[span.end_line, span.end_column].append(f"; {call}")
    elif when == "before":
        into.above[span.line].append(call)
    else:
        into.above[span.end_line + 1].append(call)


def _is_plain(cell: Cell, statement: Statement) -> bool:
    """Whether the statement's lines hold no IPython syntax, so that columns mean the same in source and code."""
    source, code = _LINE_END.split(cell.source), _LINE_END.split(cell.code)
    lines = slice(statement.span.line - 1, statement.span.end_line)
    return source[lines] == code[lines]


def _copy_cell(cell: Cell, insertions: _Insertions) -> ExecutedCell:
    lines = _mask_directives(cell)
    for (line, column), texts in sorted(insertions.inline.items(), reverse=True):
        text = lines[line - 1]
        lines[line - 1] = text[:column] + "".join(texts) + text[column:]
    placed: list[tuple[str, int]] = []
    for line, text in enumerate(lines, start=1):
        placed += [(call, line) for call in insertions.above.get(line, ())]
        placed.append((text, line))
    placed += [(call, len(lines)) for call in insertions.above.get(len(lines) + 1, ())]
    placed = placed[_masked_lead(cell, lines) :]
    return ExecutedCell(
        id=cell_id(cell),
        number=cell.number,
        source="\n".join(text for text, _ in placed),
        lines=tuple(line for _, line in placed),
    )


def _mask_directives(cell: Cell) -> list[str]:
    lines = _LINE_END.split(cell.source)
    for piece in cell.masked:
        if not piece.runs or _OURS.match(piece.text):
            # Only the author's host has it, or it is a command of ours, and a build must not build itself: what is masked in the
            # code is masked in the run.
            whole = slice(piece.span.line - 1, piece.span.end_line)
            lines[whole] = _LINE_END.split(cell.code)[whole]
    for index in _directive_lines(cell, lines):
        lines[index] = f"# {lines[index]}"
    return lines


def _directive_lines(cell: Cell, lines: Sequence[str]) -> list[int]:
    """Indices of the lines that only nb2svc's extension understands, and the kernel may not have it."""
    found = {index for index, line in enumerate(lines) if _OURS.match(line)}
    if cell.directive and cell.directive.spelling == "magic":
        found |= set(range(cell.directive.span.line - 1, cell.directive.span.end_line))
    # A span that ends before a line's first character has nothing on that line.
    return sorted(index for index in found if index < len(lines) and lines[index].lstrip().startswith("%"))


def _masked_lead(cell: Cell, lines: Sequence[str]) -> int:
    """How many lines to drop at the top: IPython knows a cell magic only in first place, where a masked directive stood."""
    masked = set(_directive_lines(cell, _LINE_END.split(cell.source)))
    for index, line in enumerate(lines):
        if index not in masked and line.strip():
            return index if masked and line.startswith("%%") else 0
    return 0
