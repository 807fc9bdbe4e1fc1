"""A notebook as it was read: cells, directives, and plain Python that keeps the author's line numbers."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from nb2svc.ir.span import Span

Role = Literal["feature", "model", "check", "keep", "drop"]
Spelling = Literal["magic", "comment", "metadata"]
Treatment = Literal["transparent", "dropped", "definitional", "refused"]
# How a cell tag begins that says a role.
TAG_PREFIX = "nb2svc:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """What says a cell's role: `feature ages raw=loans`.

    `options` keeps the author's order; a key occurs once.
    """

    role: Role
    name: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    spelling: Spelling
    span: Span

    def option(self, key: str) -> str | None:
        """The value of one option, or None where it was not given."""
        return dict(self.options).get(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """One piece of IPython syntax, or of one host's own, that `Cell.code` no longer contains.

    `transparent` (a plot set-up, `%time y = f()` → `y = f()`), `dropped` (a display, a directive), `definitional`
    (`x = !ls`: `defines` says which names), `refused` (nothing may depend on it: a finding where a slice needs it).
    `runs` is False for what only another host can run, such as Colab's mounts: the run leaves it out.
    """

    span: Span
    text: str
    treatment: Treatment
    defines: tuple[str, ...] = ()
    runs: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementMark:
    """What a person says of one statement of a cell: it is kept (`keep`), or left out (`drop`). `line` is its first."""

    line: int
    role: Role


# A title is a clause in a message, not the cell.
_TITLE = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A code cell.

    `number` counts code cells from 1. `source` is the author's text; `code` is the same text line for line as plain
    Python: directives and IPython syntax are masked as comments (or `pass`), so a line of one is that line of the other.
    `label` is the directive's name, else the cell's title or the nearest Markdown heading directly above, else "".
    `file_line` is the line of the file that holds the first line of `source`; 0 where nobody reads the file by lines.
    `marks` overrule single statements.
    """

    number: int
    id: str
    label: str
    source: str
    code: str
    directive: Directive | None = None
    parameters: bool = False
    execution_count: int | None = None
    tags: tuple[str, ...] = ()
    masked: tuple[Masked, ...] = ()
    file_line: int = 0
    marks: tuple[StatementMark, ...] = ()

    @property
    def title(self) -> str:
        """The cell as its author sees it: `cell 3 "Applicant"`, or the first line that says something where it has no label."""
        if self.label:
            return f'cell {self.number} "{self.label}"'
        stripped = (line.strip() for line in self.source.splitlines())
        lines = [line for line in stripped if line and not line.startswith("%%") and "nb2svc:" not in line]
        if not lines:
            return f"cell {self.number}"
        first = next((line for line in lines if not line.startswith(("import ", "from "))), lines[0])
        return f"cell {self.number} ({first if len(first) <= _TITLE else first[: _TITLE - 1].rstrip() + '…'})"

    @property
    def digest(self) -> str:
        """The SHA-256 of the author's text, by which it is known whether a run had this cell."""
        return hashlib.sha256(self.source.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def role(self) -> Role | None:
        """The cell's role, or None where it is not tagged."""
        return self.directive.role if self.directive else None

    def role_at(self, line: int) -> Role | None:
        """The role of the statement that begins at a line: its own mark's, else the cell's."""
        return next((mark.role for mark in self.marks if mark.line == line), self.role)

    def title_at(self, line: int) -> str:
        """Where `role_at` has the role of the statement at a line from: `line 3 of cell 2 "ages"`, or the cell."""
        return f"line {line} of {self.title}" if any(mark.line == line for mark in self.marks) else self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """A Markdown cell; `after` is the number of the code cell that it follows, 0 at the top."""

    after: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Install:
    """A package that a line of the notebook installs: the name as indexes compare it, `version` such as `==1.2` or ""."""

    name: str
    version: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """A notebook that was read, never run.

    `name` is the file's name; `digest` the SHA-256 in hex of what a person wrote in it (cells, tags, options; no outputs),
    `file_digest` that of the file; `kernel` the kernel's name in its metadata ("" where it says none); `installs` what its lines
    install (`!pip install xgboost`). `prose` is for readers only.
    """

    path: str
    name: str
    digest: str
    kernel: str
    cells: tuple[Cell, ...]
    installs: tuple[Install, ...] = ()
    prose: tuple[Prose, ...] = ()
    file_digest: str = ""

    def cell(self, number: int) -> Cell:
        """The code cell with that number (from 1)."""
        return self.cells[number - 1]

    @property
    def ids(self) -> dict[str, str]:
        """The ids of the code cells by number, as JSON has them; a file of an old format has none."""
        return {str(cell.number): cell.id for cell in self.cells if cell.id}

    def place(self, span: Span) -> str:
        """A span as its author finds it: `cell 3 "Ages", line 2`; in a script also `(loans.py:57)`."""
        if not 0 < span.cell <= len(self.cells):
            return str(span)
        return f"{self.cell(span.cell).title}, line {span.line}{self.in_file(span.cell, span.line)}"

    def in_file(self, cell: int, line: int) -> str:
        """Where an editor finds a cell's line: ` (loans.py:57)`; "" where the notebook's file has no such lines."""
        first = self.cell(cell).file_line
        return f" ({self.name}:{first + line - 1})" if first and line else ""
