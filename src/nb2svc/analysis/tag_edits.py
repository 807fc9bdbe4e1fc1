"""Edits of a cell's directive, wherever it stands: taken away, or one of its options."""

import json
import re

from nb2svc.ir.fix import Edit, Fix, Retag, line_removed, replaced
from nb2svc.ir.notebook import TAG_PREFIX, Cell, Directive
from nb2svc.ir.source import split_lines
from nb2svc.ir.span import Span


def untagged(cell: Cell, title: str) -> tuple[Fix, ...]:
    """The cell without its directive: the author has to choose that."""
    directive = cell.directive
    if directive is None:
        return ()
    tags = tuple(tag for tag in cell.tags if tag.startswith(TAG_PREFIX))
    settings = "" if _says_all(cell, directive) else "null"
    metadata = (Retag(cell=cell.id, remove=tags, settings=settings),) if tags or settings else ()
    lines = split_lines(cell.source)
    edits = () if directive.spelling == "metadata" else (line_removed(cell.number, directive.span.line, lines),)
    return (Fix(title=title, edits=edits, metadata=metadata, choice=True),)


def with_option(cell: Cell, key: str, value: str | None, *, title: str, choice: bool) -> tuple[Fix, ...]:
    """The cell's directive with another value of one of its options; without the option where the value is None."""
    directive = cell.directive
    if directive is None:
        return ()
    edit = None if directive.spelling == "metadata" else _in_source(cell, directive.span, key, value)
    if edit is None:
        # The source may say the role and the metadata an option of it.
        retag = Retag(cell=cell.id, settings=json.dumps({"options": {key: value}}))
        return (Fix(title=title, metadata=(retag,), choice=choice),)
    return (Fix(title=title, edits=(edit,), choice=choice),)


def _says_all(cell: Cell, directive: Directive) -> bool:
    """Whether nothing of a directive stands in `metadata.nb2svc`."""
    if directive.spelling == "metadata":
        return not directive.name and not directive.options
    line = split_lines(cell.source)[directive.span.line - 1]
    named = directive.name is None or directive.name in line
    return named and all(_in_source(cell, directive.span, key, "") for key, _ in directive.options)


def _in_source(cell: Cell, at: Span, key: str, value: str | None) -> Edit | None:
    line = split_lines(cell.source)[at.line - 1]
    found = re.search(rf"""\s+{key}=(?P<value>"[^"]*"|'[^']*'|[^\s"']+)""", line)
    if found is None:
        return None
    start, end = found.span() if value is None else found.span("value")
    return replaced(Span(cell.number, at.line, start, at.line, end), value or "")
