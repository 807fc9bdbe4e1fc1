"""What a rule is given."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from nb2svc.analysis.index import Index
from nb2svc.analysis.positions import node_span, within_cell
from nb2svc.ir.dataflow import Effect, Statement
from nb2svc.ir.outline import Outline, Part
from nb2svc.ir.span import Span

SERVED: tuple[Part, ...] = ("prelude", "fit_path", "twin", "answer")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Context:
    """A notebook with its dataflow, and its outline where there is one; `parts` are empty without."""

    index: Index
    outline: Outline | None
    parts: dict[int, Part]

    def statements(self, *parts: Part) -> Iterator[Statement]:
        """The statements that play one of these parts (none given: any part)."""
        for number, part in self.parts.items():
            if not parts or part in parts:
                yield self.index.statement(number)

    def effects(self, kind: str, *parts: Part) -> Iterator[tuple[Statement, Effect]]:
        """The effects of one kind that statements of these parts have."""
        for statement in self.statements(*parts):
            for effect in statement.effects:
                if effect.kind == kind:
                    yield statement, effect

    def span(self, statement: Statement, node: ast.AST) -> Span:
        """Where a node of a statement's tree stands."""
        parsed = self.index.parsed(statement.number)
        if parsed is None:
            return statement.span
        return within_cell(statement.span, node_span(parsed.lines, node, cell=statement.span.cell))

    def tree(self, statement: Statement) -> Iterator[ast.AST]:
        """Every node of a statement, the bodies of its functions included."""
        parsed = self.index.parsed(statement.number)
        return ast.walk(parsed.node) if parsed else iter(())
