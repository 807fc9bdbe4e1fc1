"""Edits of a statement by its tree: an argument more or less, a node replaced. Each is tried before it is offered."""

import ast
from collections.abc import Iterable

from nb2svc.analysis.index import Index
from nb2svc.analysis.positions import within_cell
from nb2svc.analysis.statements import parse
from nb2svc.ir.dataflow import Statement
from nb2svc.ir.fix import Edit, replaced
from nb2svc.ir.source import CellText, TextEdit, apply_edits
from nb2svc.ir.span import Span

_BLANK = " \t\r\n"


def with_argument(index: Index, number: int, call: ast.Call, *, text: str) -> tuple[Edit, ...]:
    """A call with one more keyword: `f(x)` → `f(x, random_state=0)`; none where that is no Python."""
    source, (_, end) = index.statement(number).source, _bounds(index, number, call)
    inside = source[: end - 1].rstrip(_BLANK)
    lead = "" if inside.endswith("(") else " " if inside.endswith(",") else ", "
    return edits_of(index, number, [TextEdit(len(inside), len(inside), lead + text)])


def without_keyword(index: Index, number: int, keyword: ast.keyword) -> TextEdit:
    """A keyword taken out of its call, with the comma that stood before it, or after it where it was the first."""
    source, (start, end) = index.statement(number).source, _bounds(index, number, keyword)
    before = source[:start].rstrip(_BLANK)
    if before.endswith(","):
        return TextEdit(len(before) - 1, end, "")
    rest = source[end:].lstrip(_BLANK)
    if rest.startswith(","):
        end = len(source) - len(rest[1:].lstrip(_BLANK))
    return TextEdit(start, end, "")


def instead_of(index: Index, number: int, node: ast.AST, *, text: str) -> TextEdit:
    """A node as another text."""
    start, end = _bounds(index, number, node)
    return TextEdit(start, end, text)


def text_of(index: Index, number: int, node: ast.AST) -> str:
    """A node as its author wrote it."""
    start, end = _bounds(index, number, node)
    return index.statement(number).source[start:end]


def edits_of(index: Index, number: int, edits: Iterable[TextEdit]) -> tuple[Edit, ...]:
    """Edits of a statement's source as edits of its cell; none where the statement is no Python afterwards."""
    statement, edits = index.statement(number), tuple(edits)
    if parse(apply_edits(statement.source, edits)) is None:
        return ()
    text = CellText(statement.source)
    return tuple(replaced(_in_cell(statement, text, edit), edit.text) for edit in edits)


def _in_cell(statement: Statement, text: CellText, edit: TextEdit) -> Span:
    (line, column), (end_line, end_column) = text.place(edit.start), text.place(edit.end)
    return within_cell(statement.span, Span(statement.span.cell, line, column, end_line, end_column))


def _bounds(index: Index, number: int, node: ast.AST) -> tuple[int, int]:
    """Where a node begins and ends in its statement's source."""
    parsed = index.parsed(number)
    assert parsed is not None
    assert isinstance(node, ast.expr | ast.keyword)
    lines = parsed.lines
    return lines.offset(node.lineno, node.col_offset), lines.offset(node.end_lineno or 1, node.end_col_offset or 0)
