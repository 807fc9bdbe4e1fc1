"""Statements, what they define and use, and the slices that lead from one value to another."""

from dataclasses import dataclass
from typing import Literal

from nb2svc.ir.span import Span

StatementKind = Literal["import", "function", "class", "assign", "expression", "compound", "delete", "other"]
EffectKind = Literal[
    "display", "plot", "file_read", "file_write", "network", "random", "clock", "process", "library_state", "input", "dynamic"
]
EdgeKind = Literal["binding", "mutation", "deferred"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a statement does to the world or asks of it: `pd.read_csv("a.csv")` is a `file_read` of "a.csv"."""

    kind: EffectKind
    detail: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A top-level statement of a cell; a compound statement is one node.

    `number` is its place in `Dataflow.statements`, document order from 0. `source` is its verbatim text, from its first
    decorator to its last character (no trailing comment). `defines` are names bound, `mutates` names whose object is
    changed in place, `reads` names read when the statement runs, `defers` names that a function or class made here
    reads only when it is called. A statement that mutates a name also reads it.
    """

    number: int
    span: Span
    source: str
    kind: StatementKind
    defines: tuple[str, ...] = ()
    mutates: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    defers: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """`source` defines (or changes) `name` and `target` uses that very definition; both are statement numbers."""

    source: int
    target: int
    name: str
    kind: EdgeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a statement is in a slice, or left out of every slice, in one clause a person can read."""

    statement: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """The statements that lead to `target`, in document order, with one reason each."""

    target: str
    statements: tuple[int, ...]
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataflow:
    """Every statement of a notebook and the definition → use edges between them, closed and in document order."""

    statements: tuple[Statement, ...]
    edges: tuple[Edge, ...]
