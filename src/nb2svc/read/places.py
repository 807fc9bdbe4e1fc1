r"""Where a cell's text stands in the notebook's file, so that others can show a finding there.

    {"cells": [                                   line 1
     {"cell_type": "code", "source": [            line 2
       "loans = loans.dropna()\n",                line 3: cell 1, line 1
       "loans[\"age\"] = 1"                       line 4: cell 1, line 2
     ]}]}

A notebook that was written without line breaks is one line; its columns still say where.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from json import JSONDecoder

from nb2svc.ir.notebook import Cell, Notebook
from nb2svc.ir.report import Region
from nb2svc.ir.source import CellText, split_lines
from nb2svc.ir.span import Span

_SPACE = re.compile(r"[ \t\r\n]*")
# One character of a string in JSON; a pair of surrogates is one.
_UNIT = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.|.", re.DOTALL)
_VALUE = JSONDecoder(strict=False).raw_decode


def locator(content: bytes, notebook: Notebook) -> Callable[[Span], Region | None]:
    """A function that gives a span's region in the file with these bytes, None where it has none there."""
    file = _script(content, notebook) if notebook.name.endswith(".py") else _json(content)

    def locate(span: Span) -> Region | None:
        if file is None or not 0 < span.cell <= len(file.cells):
            return None
        text = file.cells[span.cell - 1]
        start, end = text.offset(span.line, span.column), text.offset(span.end_line, span.end_column)
        return None if start is None or end is None else file.region(start, max(start, end))

    return locate


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Where a span stands in a file's text.

    `escaped` says that it stands in a string of JSON; `between` is what parts the strings of two lines, "" where one has all.
    """

    start: int
    end: int
    escaped: bool
    between: str


def holder(content: bytes, notebook: Notebook) -> Callable[[Span], Held | None]:
    """A function that gives a span's place in the text of the file (without a byte order mark), None where it has none."""
    script = notebook.name.endswith(".py")
    file = _script(content, notebook) if script else _json(content)

    def hold(span: Span) -> Held | None:
        if file is None or not 0 < span.cell <= len(file.cells):
            return None
        text = file.cells[span.cell - 1]
        start, end = text.offset(span.line, span.column), text.offset(span.end_line, span.end_column)
        if start is None or end is None or end < start or (script and text.is_commented(span)):
            return None
        return Held(start=start, end=end, escaped=not script, between="" if script else text.between())

    return hold


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A part of a cell's text that stands in one string of the file; `start` is the offset of its first character there."""

    text: str
    start: int
    escaped: bool

    def offset(self, within: int, content: str) -> int:
        if not self.escaped:
            return self.start + within
        at = self.start
        for _ in range(within):
            unit = _UNIT.match(content, at)
            at = unit.end() if unit else at
        return at


@dataclass(frozen=True, kw_only=True)
class _CellText:
    """A cell's text as the pieces that the file holds."""

    content: str
    pieces: tuple[_Piece, ...]

    @cached_property
    def text(self) -> CellText:
        return CellText("".join(piece.text for piece in self.pieces))

    def offset(self, line: int, column: int) -> int | None:
        """The offset in the file; a column behind the line's end is its end."""
        lines = self.text.lines
        if not self.pieces or not 0 < line <= len(lines):
            return None
        wanted = self.text.offset(line, min(column, len(lines[line - 1])))
        for piece in self.pieces[:-1]:
            if wanted < len(piece.text):
                return piece.offset(wanted, self.content)
            wanted -= len(piece.text)
        return self.pieces[-1].offset(min(wanted, len(self.pieces[-1].text)), self.content)

    def is_commented(self, span: Span) -> bool:
        """Whether one of a span's lines stands in the file as a comment (`# %matplotlib inline`) and is none in the cell."""
        starts = [piece.start for piece in self.pieces[span.line - 1 : span.end_line]]
        return any(start > 0 and self.content[start - 1] not in "\r\n" for start in starts)

    def between(self) -> str:
        """What stands between the strings of two lines, quotes included; "" where the cell's text is one string."""
        first = self.pieces[0]
        opening = self.content.rfind('"', 0, first.start)
        before = self.content[:opening].rstrip()
        if not before.endswith("[") or any("\n" in piece.text[:-1] for piece in self.pieces):
            return ""
        if len(self.pieces) > 1:
            start = first.offset(len(first.text), self.content)
            return self.content[start : self.pieces[1].start]
        lead = self.content[len(before) : opening]
        return f'",{lead if chr(10) in lead else " "}"'


@dataclass(frozen=True, kw_only=True)
class _File:
    content: str
    cells: tuple[_CellText, ...]

    def region(self, start: int, end: int) -> Region:
        (line, column), (end_line, end_column) = self._place(start), self._place(end)
        return Region(line=line, column=column, end_line=end_line, end_column=end_column)

    def _place(self, offset: int) -> tuple[int, int]:
        before = self.content[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _json(content: bytes) -> _File | None:
    try:
        text = content.decode("utf-8-sig")
        cells = tuple(_CellText(content=text, pieces=pieces) for pieces in _sources(text))
    except (ValueError, IndexError, KeyError, StopIteration):
        # Read once already, so this is a form that only an older notebook has: its cells have no line.
        return None
    return _File(content=text, cells=cells)


def _sources(text: str) -> Iterator[tuple[_Piece, ...]]:
    """The text of each code cell, in the pieces of which it is made."""
    document = dict(_entries(text, _skip(text, 0)))
    for cells in _lists_of_cells(text, document):
        for _, at in _entries(text, cells):
            cell = dict(_entries(text, at))
            kind, _ = _VALUE(text, cell["cell_type"])
            if kind == "code":
                # Format 3 calls it `input`.
                yield tuple(_pieces(text, cell.get("source", cell.get("input"))))


def _lists_of_cells(text: str, document: dict[str | int, int]) -> Iterator[int]:
    if "cells" in document:
        yield document["cells"]
    elif "worksheets" in document:
        for _, sheet in _entries(text, document["worksheets"]):
            yield dict(_entries(text, sheet))["cells"]


def _pieces(text: str, at: int | None) -> Iterator[_Piece]:
    if at is None:
        return
    starts = [at] if text[at] == '"' else [start for _, start in _entries(text, at)]
    for start in starts:
        value, end = _VALUE(text, start)
        yield _Piece(text=value, start=start + 1, escaped=end - start - 2 != len(value))


def _entries(text: str, at: int) -> Iterator[tuple[str | int, int]]:
    """What an object or a list holds: its key or index, and where the value begins."""
    closing = {"{": "}", "[": "]"}[text[at]]
    at, index = _skip(text, at + 1), 0
    while text[at] != closing:
        key: str | int = index
        if closing == "}":
            key, at = _VALUE(text, at)
            at = _skip(text, _skip(text, at) + 1)
        yield key, at
        at = _skip(text, _VALUE(text, at)[1])
        at = _skip(text, at + 1) if text[at] == "," else at
        index += 1


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _script(content: bytes, notebook: Notebook) -> _File:
    text = content.decode("utf-8", errors="replace").removeprefix("\ufeff")
    file = CellText(text)
    cells = tuple(_CellText(content=text, pieces=tuple(_script_lines(cell, file))) for cell in notebook.cells)
    return _File(content=text, cells=cells)


def _script_lines(cell: Cell, file: CellText) -> Iterator[_Piece]:
    """The lines of a script's cell; one that stands in a comment (`# %matplotlib inline`) begins behind it."""
    for number, line in enumerate(split_lines(cell.source), start=cell.file_line):
        if not 0 < number <= len(file.lines):
            return
        written = file.lines[number - 1]
        inside = written.endswith(line)
        column = len(written) - len(line) if inside else 0
        yield _Piece(text=f"{line if inside else written}\n", start=file.offset(number, column), escaped=False)
