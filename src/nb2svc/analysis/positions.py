"""Positions: what `ast` counts in UTF-8 bytes, as lines and columns in characters.

Lines end at CRLF, CR or LF only: `str.splitlines` also ends them at form feeds, where `ast` does not.
"""

import ast
import re

from nb2svc.ir.dataflow import Statement
from nb2svc.ir.span import Span

_LINE_END = re.compile(r"\r\n|\r|\n")


class Lines:
    """A text by lines: `starts` holds the offset of each line's first character."""

    __slots__ = ("starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def offset(self, line: int, byte: int) -> int:
        """The offset of a position that `ast` gave: line from 1, column in bytes of UTF-8."""
        start = self.starts[line - 1]
        if self.text[start : start + byte].isascii():
            return start + byte
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        return start + len(self.text[start:end].encode()[:byte].decode())

    def column(self, line: int, byte: int) -> int:
        """The column in characters of a position that `ast` gave."""
        return self.offset(line, byte) - self.starts[line - 1]


def node_span(lines: Lines, node: ast.AST, *, cell: int) -> Span:
    """Where a node stands in its cell; a decorated definition begins at its first decorator."""
    line, byte = start_of(node)
    end_line, end_byte = getattr(node, "end_lineno", line), getattr(node, "end_col_offset", byte)
    return Span(cell, line, lines.column(line, byte), end_line, lines.column(end_line, end_byte))


def start_of(node: ast.AST) -> tuple[int, int]:
    """Line and byte column of a node's first character; a decorator's `@` stands at the margin of a top-level statement."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    if decorators:
        return min(decorator.lineno for decorator in decorators), getattr(node, "col_offset", 0)
    return getattr(node, "lineno", 1), getattr(node, "col_offset", 0)


def within_cell(statement: Span, inner: Span) -> Span:
    """Move a span that was found in a statement's own source to where the statement stands in its cell.

    Statement at line 3, column 4; inner line 1, columns 0..2 → line 3, columns 4..6.
    """
    shift = statement.line - 1
    return Span(
        statement.cell,
        inner.line + shift,
        inner.column + (statement.column if inner.line == 1 else 0),
        inner.end_line + shift,
        inner.end_column + (statement.column if inner.end_line == 1 else 0),
    )


def text_at(statement: Statement, span: Span) -> str:
    """The author's text at a span that lies within a statement."""
    lines = Lines(statement.source)
    at = statement.span
    start = lines.starts[span.line - at.line] + span.column - (at.column if span.line == at.line else 0)
    end = lines.starts[span.end_line - at.line] + span.end_column - (at.column if span.end_line == at.line else 0)
    return statement.source[start:end]
