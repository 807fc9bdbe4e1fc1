"""What would cure a finding, as edits: of cells' source, and of what their metadata says to nb2svc."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nb2svc.ir.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    r"""A piece of a code cell's source is replaced by `text`; places as in a span, lines of `text` end at "\n"."""

    cell: int
    line: int
    column: int
    end_line: int
    end_column: int
    text: str

    @property
    def span(self) -> Span:
        """What is replaced."""
        return Span(self.cell, self.line, self.column, self.end_line, self.end_column)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retag:
    """What changes in a cell's metadata; `cell` is its id, for a tag may be on a cell that holds no code.

    `settings` is a JSON merge patch (RFC 7396) of `metadata.nb2svc`: `{"options": {"output": "rate", "outptu": null}}`; "null"
    takes it away, "" leaves it.
    """

    cell: str
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    settings: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """Edits that together cure one finding; none of them overlap.

    `choice` says that another remedy may be what the author wants: a person has to choose it, `analyze --fix` does not.
    """

    title: str
    edits: tuple[Edit, ...] = ()
    metadata: tuple[Retag, ...] = ()
    choice: bool = False


def replaced(span: Span, text: str) -> Edit:
    """The text at a span becomes another one."""
    return Edit(cell=span.cell, line=span.line, column=span.column, end_line=span.end_line, end_column=span.end_column, text=text)


def inserted(cell: int, line: int, column: int, *, text: str) -> Edit:
    """A text comes in at a place."""
    return Edit(cell=cell, line=line, column=column, end_line=line, end_column=column, text=text)


def line_changed(cell: int, line: int, *, old: str, new: str) -> Edit:
    """A line (from 1) becomes another one; what both begin and end with stays."""
    start = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    most = min(len(old), len(new)) - start
    pairs = zip(reversed(old), reversed(new), strict=False)
    same = next((at for at, (a, b) in enumerate(pairs) if a != b or at == most), most)
    return replaced(Span(cell, line, start, line, len(old) - same), new[start : len(new) - same])


def line_removed(cell: int, line: int, lines: Sequence[str]) -> Edit:
    """A line (from 1) goes, with its line end or, where it is the last one, that of the line above."""
    if line < len(lines):
        return replaced(Span(cell, line, 0, line + 1, 0), "")
    if line > 1:
        return replaced(Span(cell, line - 1, len(lines[line - 2]), line, len(lines[line - 1])), "")
    return replaced(Span(cell, 1, 0, 1, len(lines[0])), "")


def top_of(lines: Sequence[str]) -> int:
    """The line (from 1) where a comment may come in on top: below cell magics, which IPython finds in the first lines only."""
    return next((number for number, line in enumerate(lines, start=1) if not re.match(r"\s*%%", line)), len(lines))
