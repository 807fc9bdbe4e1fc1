"""Nodes of statements' trees: where they stand in the notebook, and their text."""

import ast

from nb2svc.analysis.index import Index
from nb2svc.analysis.positions import node_span, within_cell
from nb2svc.ir.source import CellText
from nb2svc.ir.span import Span


def span_of(index: Index, number: int, node: ast.AST) -> Span:
    """Where a node of a statement stands in its cell."""
    statement, parsed = index.statement(number), index.parsed(number)
    assert parsed is not None, "a node comes from a tree"
    return within_cell(statement.span, node_span(parsed.lines, node, cell=statement.span.cell))


def node_at(index: Index, number: int, span: Span) -> ast.expr | None:
    """The expression of a statement that stands at a place."""
    nodes = (node for node in index.nodes(number) if isinstance(node, ast.expr))
    return next((node for node in nodes if span_of(index, number, node) == span), None)


def text_of(index: Index, number: int, node: ast.AST) -> str:
    """The author's text of a node."""
    span = span_of(index, number, node)
    return CellText(index.notebook.cell(span.cell).code).at(span)


def split_around(index: Index, number: int, node: ast.AST, inner: ast.AST) -> tuple[str, str]:
    """The author's text of a node before and behind a part of it."""
    text = CellText(index.notebook.cell(span_of(index, number, node).cell).code)
    start, end = text.bounds(span_of(index, number, node))
    first, last = text.bounds(span_of(index, number, inner))
    return text.text[start:first], text.text[last:end]
