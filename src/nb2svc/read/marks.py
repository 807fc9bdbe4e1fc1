"""Statements that a person keeps or leaves out one by one: a comment at the end of a line of theirs.

    sns.set_theme()            # nb2svc: keep      what this sets up holds in the service, though nothing reads it
    X = clip_for_plot(X)       # nb2svc: drop      nothing that this does reaches the answer, whatever it looks like

What stands inside a block is no statement of its own here: the block is kept or left out as a whole, at its first line.
"""

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nb2svc.ir.finding import Finding
from nb2svc.ir.notebook import Role, StatementMark
from nb2svc.ir.span import Span
from nb2svc.read.comments import comments, has_code_before
from nb2svc.read.grammar import NAMELESS, Place, parse_directive

_MARK = re.compile(r"#\s*\|?\s*nb2svc\s*:(?P<text>.*)$")
_WHOLE = "Write it at the end of a whole statement, one a line."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """A directive beside code: `line` counts from 1, `column` is where its words begin."""

    line: int
    column: int
    text: str


def statement_marks(
    lines: Sequence[str], *, cell: int, role: Role | None
) -> tuple[tuple[StatementMark, ...], tuple[Finding, ...]]:
    """The marks at the ends of a cell's lines, which are plain Python; refusals of those that would silently not count.

    `role` is the cell's: of a check all counts.
    """
    beside = tuple(_beside(lines))
    tree = _tree(lines) if beside else None
    if tree is None:
        return (), ()
    marks: dict[int, StatementMark] = {}
    findings: list[Finding] = []
    for each in beside:
        span = Span(cell, each.line, 0, each.line, len(lines[each.line - 1]))
        found = _mark(each, tree, span, lines[each.line - 1].strip()) if role != "check" else _in_check(span)
        if isinstance(found, Finding):
            findings.append(found)
        elif marks.setdefault(found.line, found).role != found.role:
            findings.append(_refusal("this statement is kept and left out", "Keep one of the two.", span))
    return tuple(marks.values()), tuple(findings)


def _mark(beside: _Beside, tree: ast.Module, span: Span, shown: str) -> StatementMark | Finding:
    place = Place(cell=span.cell, line=beside.line, column=beside.column)
    directive, problems = parse_directive(beside.text, place, spelling="comment", span=span)
    if directive is None or problems or directive.role not in NAMELESS or directive.options:
        words = " and ".join(f"`{role}`" for role in NAMELESS)
        message = f"the directive `{shown}` stands beside code, where only {words} count"
        return _refusal(message, "Move it to the top of the cell, or split the cell there.", span)
    on_line = [node for node in tree.body if _first(node) <= beside.line <= (node.end_lineno or node.lineno)]
    if len(on_line) != 1:
        return _refusal(f"the directive `{shown}` stands beside {len(on_line)} statements", _WHOLE, span)
    (node,) = on_line
    if beside.line > _header_end(node):
        message = f"the directive `{shown}` stands inside a block, which is kept or left out as a whole"
        return _refusal(message, f"Write it at the end of line {_first(node)}, or take this line out of the block.", span)
    return StatementMark(line=_first(node), role=directive.role)


def _in_check(span: Span) -> Finding:
    message = "a statement of a check can't be kept or left out by itself: the service never runs a check's cell"
    return _refusal(message, "Remove the comment, or take the statement out of the cell.", span)


def _first(node: ast.stmt) -> int:
    """The line where a statement begins, its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def _header_end(node: ast.stmt) -> int:
    """The last line that is the statement's own; of a block's that which opens it."""
    if isinstance(node, ast.Match):
        return max(node.lineno, node.cases[0].pattern.lineno - 1)
    body: list[ast.stmt] = getattr(node, "body", [])
    return max(node.lineno, _first(body[0]) - 1) if body else node.end_lineno or node.lineno


def _beside(lines: Sequence[str]) -> Iterator[_Beside]:
    """Directives in comments that have code before them; a string's text is none."""
    if not any(_MARK.search(line) for line in lines):
        return
    for comment in comments(lines):
        found = _MARK.search(comment.string) if has_code_before(comment) else None
        if found:
            yield _Beside(line=comment.start[0], column=comment.start[1] + found.start("text"), text=found["text"])


def _tree(lines: Sequence[str]) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError):
        return None


def _refusal(message: str, remedy: str, span: Span) -> Finding:
    return Finding(code="NB107", severity="refusal", message=message, remedy=remedy, span=span)
