r"""Text of a cell and spans of it: the only place that turns (line, column) into offsets.

Lines end at `\r\n`, `\r` or `\n` only, as Python's parser sees them; `str.splitlines` also splits at form feeds.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from nb2svc.ir.span import Span

_LINE_END = re.compile(r"\r\n|\r|\n")


def split_lines(text: str) -> list[str]:
    """The lines of a text without their ends; a text without any line end is one line."""
    return _LINE_END.split(text)


@dataclass(frozen=True)
class CellText:
    """A cell's code with offsets. Lines count from 1, columns from 0 in characters."""

    text: str

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    @cached_property
    def lines(self) -> list[str]:
        """The cell's lines without their ends."""
        return split_lines(self.text)

    def offset(self, line: int, column: int) -> int:
        """Where a place stands in the text."""
        return self._starts[line - 1] + column

    def bounds(self, span: Span) -> tuple[int, int]:
        """Start and end offsets of a span."""
        return self.offset(span.line, span.column), self.offset(span.end_line, span.end_column)

    def at(self, span: Span) -> str:
        """The text of a span."""
        start, end = self.bounds(span)
        return self.text[start:end]

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset."""
        line = max(index for index, start in enumerate(self._starts) if start <= offset) + 1
        return line, offset - self._starts[line - 1]


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Replace `start:end` (offsets) by `text`; an insertion has `start == end`."""

    start: int
    end: int
    text: str


def apply_edits(text: str, edits: Iterable[TextEdit]) -> str:
    """Apply edits that do not overlap.

    Raises:
        ValueError: two edits overlap.
    """
    done = 0
    pieces: list[str] = []
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < done:
            raise ValueError(f"edits overlap at offset {edit.start}")
        pieces += (text[done : edit.start], edit.text)
        done = edit.end
    return "".join((*pieces, text[done:]))
