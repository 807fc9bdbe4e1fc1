"""What is to be evaluated again on each segment, as a value: it travels to the kernel as JSON."""

from dataclasses import dataclass
from typing import Literal

from nb2svc.ir.span import Span

DEFINITIONS = frozenset({"import", "function", "class"})
"""Kinds of statements that define what others call."""

AT_THE_END = -1
"""The statement of a value that is taken as the run left it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why the notebook's checks or metrics can't be evaluated by segment, where, and what to do."""

    what: str
    why: str
    fix: str
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A statement to run again. `reads` are names with the step that makes them (AT_THE_END: as the run left them).

    `check` is the check cell's id where it stands in one.
    """

    number: int
    cell: int
    line: int
    source: str
    reads: tuple[tuple[str, int], ...]
    makes: tuple[str, ...]
    check: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Where a column may be: a name, and how the held-out rows are found in it.

    `beside`: row i is held-out row i. `labels`: by the index labels of one of `anchors`. `positions`: by what `path` chooses,
    expressions of the notebook, one after the other.
    """

    name: str
    how: Literal["beside", "labels", "positions"]
    anchors: tuple[str, ...] = ()
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A variable that a tag asks for as a metric, and the step that makes it."""

    name: str
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentPlan:
    """`held` are the names whose rows are the held-out ones, `other` those that are known to have other rows.

    `untouched` are the checks that read no held-out row: they say the same of each segment. `tables` come nearest first.
    """

    held: tuple[str, ...]
    other: tuple[str, ...]
    tables: tuple[Table, ...]
    steps: tuple[Step, ...]
    named: tuple[Named, ...] = ()
    untouched: tuple[str, ...] = ()
