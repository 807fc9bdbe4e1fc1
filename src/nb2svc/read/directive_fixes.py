"""Fixes of directives in a cell's source: only what parses afterwards is offered."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nb2svc.ir.finding import Finding
from nb2svc.ir.fix import Fix, inserted, line_changed, line_removed, replaced, top_of
from nb2svc.ir.span import Span
from nb2svc.read.grammar import Place, parse_directive

_OPEN_QUOTE = re.compile(r"""=(["'])[^"']*$""")
_SPACED = re.compile(r"\s*=\s*(?=\S)")


def reworded(findings: Sequence[Finding], text: str, place: Place) -> tuple[Finding, ...]:
    """The findings of a directive's text; one that can't be parsed gets the fix with which it can, where there is one."""
    if [finding.code for finding in findings] != ["NB104"]:
        return tuple(findings)
    fixes = tuple(_rewording(text, place))
    return tuple(replace(finding, fixes=fixes) for finding in findings)


def meant_as(line: str, wish: str, place: Place, *, text: str) -> tuple[Fix, ...]:
    """A line that was meant as a directive as what it was meant for; `text` is the directive in `wish`."""
    if not _parses(text, place):
        return ()
    indent = line[: len(line) - len(line.lstrip())]
    edit = line_changed(place.cell, place.line, old=line, new=indent + wish + line[len(line.rstrip()) :])
    return (Fix(title=f"Write `{wish}`", edits=(edit,)),)


def kept_alone(lines: Sequence[str], first: int, second: int, *, cell: int) -> tuple[Fix, ...]:
    """One of two directives (lines from 0) goes; which of them is a choice where they say different things."""
    differ = lines[first].split() != lines[second].split()
    ways = ((second, first), (first, second)) if differ else ((second, first),)
    return tuple(
        Fix(title=f"Keep `{lines[kept].strip()}`", edits=(line_removed(cell, gone + 1, lines),), choice=differ)
        for gone, kept in ways
    )


def to_the_top(lines: Sequence[str], number: int, *, cell: int) -> tuple[Fix, ...]:
    """A directive (line from 0) below imports moves above them; below other code it may be meant for what follows it only."""
    if not _only_imports("\n".join(lines[:number])):
        return ()
    moved = inserted(cell, top_of(lines), 0, text=f"{lines[number].strip()}\n")
    return (Fix(title="Move it to the top of the cell", edits=(moved, line_removed(cell, number + 1, lines))),)


def _rewording(text: str, place: Place) -> Iterator[Fix]:
    open_quote = _OPEN_QUOTE.search(text)
    said, sign, remark = text.partition(" #")
    candidates = [("Write `=` without spaces around it", _SPACED.sub("=", said) + sign + remark)]
    if open_quote:
        candidates.append(("Close the quote", text.rstrip() + open_quote[1]))
    for title, candidate in candidates:
        if candidate != text and _parses(candidate, place):
            edit = line_changed(place.cell, place.line, old=text, new=candidate)
            span = place.span(edit.column, edit.end_column)
            yield Fix(title=title, edits=(replaced(span, edit.text),))
            return


def _parses(text: str, place: Place) -> bool:
    span = Span(place.cell, place.line, 0, place.line, 0)
    return parse_directive(text, place, spelling="comment", span=span)[0] is not None


def _only_imports(code: str) -> bool:
    try:
        body = ast.parse(code).body
    except SyntaxError:
        return False
    return all(isinstance(node, ast.Import | ast.ImportFrom) for node in body)
