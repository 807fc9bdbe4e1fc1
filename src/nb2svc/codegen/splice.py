"""Move the author's statements: verbatim, with their comments, token-aware, and with every edit on record.

    loans = loans[loans["age"] >= 18]  # adults only                       (cell, a row selection)
    →     loans = loans[loans["age"] >= 18] if state.learning else loans  # adults only

`undone` gives the author's text back from the final text; `verify` compares its AST with the cell's.
"""

import io
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nb2svc.ir.dataflow import Statement
from nb2svc.ir.notebook import Cell
from nb2svc.ir.observation import Part
from nb2svc.ir.plan import PlannedSelection, PlannedStatement
from nb2svc.ir.replacement import quoted, render_parts
from nb2svc.ir.selecting import guard_edits, operand_text
from nb2svc.ir.source import CellText, TextEdit, split_lines

INDENT = "    "


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Rendered text of one statement.

    `lines` are the final lines, `origins` the cell line of each (None for a line of ours); `undo` are
    (start, end, original) offsets into the joined lines, which `undone` puts back. `body_offset` is where the statement
    begins behind lines of ours, -1 where all lines are ours; `kind` is then what they make, "" for a plain line.
    """

    statement: int
    lines: tuple[str, ...]
    origins: tuple[int | None, ...]
    undo: tuple[tuple[int, int, str], ...]
    body_offset: int = 0
    kind: str = ""

    @property
    def text(self) -> str:
        """The lines joined."""
        return "\n".join(self.lines)


def undone(text: str, piece: Piece) -> str:
    """The author's own text again: `text` is the piece as it stands in the final module."""
    for start, end, original in sorted(piece.undo, reverse=True):
        text = text[:start] + original + text[end:]
    return text[piece.body_offset :]


@dataclass(frozen=True, slots=True, kw_only=True)
class Splicer:
    """Renders planned statements of one project; `names` maps slots to state names, `state` is the parameter's name."""

    names: Mapping[str, str]
    state: str = "state"

    def render(self, cell: Cell, statement: Statement, planned: PlannedStatement, *, depth: int) -> Piece:
        """One statement at an indentation of `depth` levels, with the comments that stand directly above and behind it."""
        source = CellText(cell.code)
        start, end = source.bounds(statement.span)
        end += len(_trailing_comment(source, statement))
        edits = self._edits(source, planned)
        body, spans = _edited(source.text[start:end], edits, shift=start)
        above = _comments_above(cell, source, statement)
        before = [self._rendered(line) for rewrite in planned.rewrites for line in rewrite.before]
        head = "".join(f"{line}\n" for line in (*above, *before))
        text = head + body
        spans = [(a + len(head), b + len(head), original) for a, b, original in spans]
        lines, undo = _indented(text, spans, INDENT * depth)
        count = len(above) + len(before)
        first = statement.span.line
        origins = [None] * count + _origins(body, edits, first, count=len(lines) - count)
        return Piece(
            statement=statement.number,
            lines=tuple(lines),
            origins=tuple(origins),
            undo=tuple(undo),
            body_offset=sum(len(line) + 1 for line in lines[:count]),
        )

    def _edits(self, source: CellText, planned: PlannedStatement) -> list[TextEdit]:
        edits = [TextEdit(*source.bounds(rewrite.span), self._rendered(rewrite.parts)) for rewrite in planned.rewrites]
        edits += [TextEdit(*source.bounds(each.span), each.text) for each in planned.substitutions]
        for each in planned.selections:
            edits += self._selection(source, each)
        return edits

    def _rendered(self, parts: tuple[Part, ...]) -> str:
        return render_parts(parts, self.names, state=self.state)

    def _selection(self, source: CellText, planned: PlannedSelection) -> list[TextEdit]:
        """`df.dropna()` → `df.dropna() if state.learning else df`, in parentheses inside a larger expression."""
        selection = planned.selection
        if selection.guards:
            return guard_edits(source, selection, render=self._rendered, state=self.state, words=f", {quoted(planned.words)}")
        start, end = source.bounds(selection.span)
        operand = "None" if selection.in_place else operand_text(selection, self._rendered)
        choice = f" if {self.state}.learning else {operand}"
        if selection.in_place or _is_whole_value(source.text, start, end):
            return [TextEdit(end, end, choice)]
        return [TextEdit(start, start, "("), TextEdit(end, end, choice + ")")]


def _is_whole_value(text: str, start: int, end: int) -> bool:
    """Whether an expression stands alone behind an assignment's `=`."""
    before = text[:start].rstrip(" \t")
    after = text[end:].lstrip(" \t")
    return before.endswith("=") and not before.endswith(("==", "!=", "<=", ">=")) and (not after or after[0] in "\r\n#;")


def _trailing_comment(source: CellText, statement: Statement) -> str:
    """What follows the statement on its last line, if that is a comment: `  # adults only`."""
    rest = source.lines[statement.span.end_line - 1][statement.span.end_column :]
    return rest.rstrip() if rest.lstrip().startswith("#") else ""


def _comments_above(cell: Cell, source: CellText, statement: Statement) -> list[str]:
    """The block of comment lines that ends directly above a statement; directives and masked lines are not comments."""
    if statement.span.column != 0:
        return []
    masked = {line for each in cell.masked for line in range(each.span.line, each.span.end_line + 1)}
    if cell.directive is not None and cell.directive.spelling != "metadata":
        masked |= set(range(cell.directive.span.line, cell.directive.span.end_line + 1))
    block: list[str] = []
    for number in range(statement.span.line - 1, 0, -1):
        line = source.lines[number - 1]
        if not line.startswith("#") or number in masked:
            break
        block.insert(0, line.rstrip())
    return block


def _edited(text: str, edits: Sequence[TextEdit], *, shift: int) -> tuple[str, list[tuple[int, int, str]]]:
    """The text with its edits, and where each replacement stands now with what it replaced."""
    pieces: list[str] = []
    spans: list[tuple[int, int, str]] = []
    done = length = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        start, end = edit.start - shift, edit.end - shift
        if start < done:
            raise ValueError(f"edits overlap in {text[:60]!r}")
        pieces += (text[done:start], edit.text)
        length += start - done
        spans.append((length, length + len(edit.text), text[start:end]))
        length += len(edit.text)
        done = end
    return "".join((*pieces, text[done:])), spans


def _indented(text: str, spans: Sequence[tuple[int, int, str]], prefix: str) -> tuple[list[str], list[tuple[int, int, str]]]:
    """Indent every line that does not begin inside a string, and move the spans with it."""
    inside = _lines_inside_strings(text)
    lines, shifts, offset = [], [], 0
    for number, line in enumerate(split_lines(text), start=1):
        indent = prefix if line.strip() and number not in inside else ""
        lines.append(indent + line if line.strip() or number in inside else "")
        shifts.append((offset, len(lines[-1]) - len(line)))
        offset += len(line) + 1
    moved = []
    for start, end, original in spans:
        before_start = sum(added for begin, added in shifts if begin <= start)
        before_end = sum(added for begin, added in shifts if begin <= end)
        moved.append((start + before_start, end + before_end, original))
    return lines, moved


def _lines_inside_strings(text: str) -> set[int]:
    """Numbers of the lines that begin inside a string literal: indenting them would change its value."""
    inside: set[int] = set()
    starts: list[int] = []
    opening = {getattr(tokenize, name) for name in ("FSTRING_START", "TSTRING_START") if hasattr(tokenize, name)}
    closing = {getattr(tokenize, name) for name in ("FSTRING_END", "TSTRING_END") if hasattr(tokenize, name)}
    for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
        if token.type == tokenize.STRING:
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
        elif token.type in opening:
            starts.append(token.start[0])
        elif token.type in closing:
            inside.update(range(starts.pop() + 1, token.end[0] + 1))
    return inside


def _origins(body: str, edits: Sequence[TextEdit], first: int, *, count: int) -> list[int | None]:
    """The cell line of each rendered line; exact where no edit changes the number of lines, else the statement's first."""
    same = all("\n" not in edit.text for edit in edits)
    if same and count == len(split_lines(body)):
        return [first + index for index in range(count)]
    return [first] * count
