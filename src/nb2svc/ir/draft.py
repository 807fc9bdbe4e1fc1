"""What a draft can't know: marks, for a person in the text and for programs beside it."""

from dataclasses import dataclass
from typing import Literal

from nb2svc.ir.observation import Observation
from nb2svc.ir.span import Span

MarkKind = Literal["state", "aligned", "selection", "training", "tables", "types", "columns"]

UNSEEN: dict[MarkKind, str] = {
    "state": "whether this value depends on other rows",
    "aligned": "how this is made for one row at a time",
    "selection": "whether this drops rows, and what a request outside it is told",
    "training": "whether only training needs this",
    "tables": "which of these tables a request carries",
    "types": "the types of these values",
    "columns": "the columns of each table, their types, ranges and categories",
}
"""What each kind of mark says behind `not yet observed:`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A place in the author's code where only a run can tell what the service does there; `span` is within `statement`."""

    kind: MarkKind
    statement: int
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What can be said of a notebook that was not run: an observation that nobody made, and what in it is guessed.

    `told` says that the roles of the raw values can't be mistaken: there is only one.
    """

    observation: Observation
    guesses: tuple[Guess, ...]
    told: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A comment of a draft in a module: its own line, the first and last line that it speaks of, and where they came from.

    `file` is the module's file; `cell` and `cell_line` are None for lines that are not the author's.
    """

    file: str
    kind: MarkKind
    text: str
    line: int
    first: int
    last: int
    cell: int | None = None
    cell_line: int | None = None
