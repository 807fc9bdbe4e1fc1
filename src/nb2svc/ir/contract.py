"""What a service would promise, for a person to look at and to overrule: never a row of the notebook's data."""

from dataclasses import dataclass
from typing import Literal

from nb2svc.ir.notebook import Role
from nb2svc.ir.observation import ColumnKind, ColumnUse, Scalar, TableKind, TableRole
from nb2svc.ir.span import Span

ChoiceKind = Literal["name", "names", "column", "columns", "flag"]
Standing = Literal["served", "training", "check", "out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedColumn:
    """A column of a request's table as a run saw it; `seen` are some of its categories, of `categories` in all."""

    name: str
    kind: ColumnKind
    dtype: str
    use: ColumnUse
    optional: bool
    low: Scalar = None
    high: Scalar = None
    categories: int = 0
    seen: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedTable:
    """A raw value and what becomes of it; without a run its columns are not known, and its role is a guess."""

    name: str
    role: TableRole
    kind: TableKind
    span: Span
    columns: tuple[PromisedColumn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedState:
    """A value that training learns and the service remembers; `value` is short, "" before a run or where it is a table."""

    name: str
    text: str
    span: Span
    value: str = ""
    entries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedAnswer:
    """What is answered: a label of these, or a number, under these names where there are several."""

    kind: str = ""
    dtype: str = ""
    classes: tuple[Scalar, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An inference that a person may overrule: `key` of the tag of a cell, what holds now, and what else it could be.

    `cell` is None where no cell has the role that the option belongs to. `given` says that the tag has it.
    """

    key: str
    role: Role
    kind: ChoiceKind
    cell: int | None
    value: str
    given: bool
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What a service would promise: as a run of `captured` saw it, or ("") as the source says; `note` says why."""

    captured: str
    note: str
    tables: tuple[PromisedTable, ...]
    features: tuple[str, ...]
    feature_text: str
    state: tuple[PromisedState, ...]
    estimator_type: str
    answer: PromisedAnswer
    target: str | None
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Cell `source` makes these names, which cell `target` reads."""

    source: int
    target: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellStanding:
    """Whether a cell is part of the service; a `pulled` one is though nobody tagged it."""

    cell: int
    standing: Standing
    pulled: bool = False
