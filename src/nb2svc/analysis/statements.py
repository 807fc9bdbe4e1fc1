"""Cells to statements: one per top-level statement, with its source, span, kind and names."""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from nb2svc.analysis.names import Names, statement_names
from nb2svc.analysis.positions import Lines, node_span, start_of
from nb2svc.analysis.trees import own_nodes
from nb2svc.ir.dataflow import Statement, StatementKind


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parsed:
    """A statement's tree and names; positions in `node` count from the statement's own first character.

    `nodes` are all of the tree that run when the statement runs, in source order.
    """

    node: ast.stmt
    names: Names
    kind: StatementKind
    lines: Lines
    nodes: tuple[ast.AST, ...]


def split(code: str, *, cell: int, first: int = 0) -> Iterator[Statement]:
    """The top-level statements of a cell, numbered from `first`, with what names alone tell.

    `a = 1; b = 2  # two` → `a = 1` and `b = 2`. Code that does not parse yields nothing: `read` has reported it.
    """
    tree = parse(code)
    if tree is None:
        return
    lines = Lines(code)
    for number, node in enumerate(tree.body, start=first):
        line, byte = start_of(node)
        start, end = lines.offset(line, byte), lines.offset(node.end_lineno or line, node.end_col_offset or byte)
        source = code[start:end]
        parsed = parse_statement(source)
        if parsed is None:
            continue
        yield Statement(
            number=number,
            span=node_span(lines, node, cell=cell),
            source=source,
            kind=parsed.kind,
            defines=parsed.names.defines,
            reads=parsed.names.reads,
            defers=parsed.names.defers,
            deletes=parsed.names.deletes,
        )


def parse(code: str) -> ast.Module | None:
    """The tree of some code, or None where it is no Python."""
    try:
        with warnings.catch_warnings():
            # An author's "\d" is no business of ours, and must not reach the terminal.
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return None


@lru_cache(maxsize=1 << 15)
def parse_statement(source: str) -> Parsed | None:
    """The tree and names of one statement; kept, so that analysing an edited notebook again parses the edit only."""
    tree = parse(source)
    if tree is None or len(tree.body) != 1:
        return None
    node = tree.body[0]
    return Parsed(
        node=node, names=statement_names(node), kind=_KINDS.get(type(node), "other"), lines=Lines(source), nodes=own_nodes(node)
    )


_KINDS: dict[type, StatementKind] = {
    ast.Import: "import",
    ast.ImportFrom: "import",
    ast.FunctionDef: "function",
    ast.AsyncFunctionDef: "function",
    ast.ClassDef: "class",
    ast.Assign: "assign",
    ast.AugAssign: "assign",
    ast.AnnAssign: "assign",
    ast.Expr: "expression",
    ast.Delete: "delete",
    **dict.fromkeys(
        (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.With, ast.AsyncWith, ast.Match), "compound"
    ),
}
