"""A dataflow with its edges by statement and its statements by cell, for those who ask it much."""

import ast
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from nb2svc.analysis.scopes import imported_name
from nb2svc.analysis.statements import Parsed, parse_statement
from nb2svc.ir.dataflow import Dataflow, Edge, Statement
from nb2svc.ir.notebook import Notebook


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Index:
    """`into` and `out_of` are edges by target and by source; `imports` maps an imported name to what it stands for."""

    notebook: Notebook
    dataflow: Dataflow
    into: dict[int, list[Edge]]
    out_of: dict[int, list[Edge]]
    cells: dict[int, list[int]]
    imports: dict[str, str]
    definers: dict[str, list[int]]

    def statement(self, number: int) -> Statement:
        """The statement with that number."""
        return self.dataflow.statements[number]

    def parsed(self, number: int) -> Parsed | None:
        """The tree of a statement."""
        return parse_statement(self.statement(number).source)

    def nodes(self, number: int) -> tuple[ast.AST, ...]:
        """All of a statement that runs when it runs, in source order."""
        parsed = self.parsed(number)
        return parsed.nodes if parsed else ()

    def calls(self, number: int) -> list[ast.Call]:
        """The calls that a statement makes itself."""
        return [node for node in self.nodes(number) if isinstance(node, ast.Call)]

    def role(self, number: int) -> str | None:
        """The role of a statement: its own mark's, else that of the cell that it stands in."""
        span = self.statement(number).span
        return self.notebook.cell(span.cell).role_at(span.line)

    def sources(self, number: int, names: Collection[str] | None = None) -> set[int]:
        """The statements that a statement uses (only through these names, and what functions among them defer)."""
        return {
            edge.source for edge in self.into.get(number, ()) if names is None or edge.name in names or edge.kind == "deferred"
        }

    def closure(self, starts: Iterable[int], *, stops: Collection[int] = ()) -> set[int]:
        """The starts and all that they use; `stops` are not entered."""
        seen: set[int] = set()
        todo = [one for one in starts if one not in stops]
        while todo:
            number = todo.pop()
            if number not in seen:
                seen.add(number)
                todo += [edge.source for edge in self.into.get(number, ()) if edge.source not in stops]
        return seen

    def forward(self, starts: Iterable[int], *, inside: Collection[int]) -> set[int]:
        """The starts and all that uses them, within some statements."""
        seen: set[int] = set()
        todo = [one for one in starts if one in inside]
        while todo:
            number = todo.pop()
            if number not in seen:
                seen.add(number)
                todo += [edge.target for edge in self.out_of.get(number, ()) if edge.target in inside]
        return seen

    def path(self, node: ast.AST) -> str:
        """The qualified name of what an expression calls, as far as imports tell: `pd.read_csv` → pandas.read_csv."""
        if isinstance(node, ast.Attribute):
            base = self.path(node.value)
            return f"{base}.{node.attr}" if base else ""
        return self.imports.get(node.id, "") if isinstance(node, ast.Name) else ""


def make_index(notebook: Notebook, dataflow: Dataflow) -> Index:
    """Index a dataflow; linear in its size."""
    into: dict[int, list[Edge]] = {}
    out_of: dict[int, list[Edge]] = {}
    for edge in dataflow.edges:
        into.setdefault(edge.target, []).append(edge)
        out_of.setdefault(edge.source, []).append(edge)
    cells: dict[int, list[int]] = {}
    imports: dict[str, str] = {}
    definers: dict[str, list[int]] = {}
    for statement in dataflow.statements:
        cells.setdefault(statement.span.cell, []).append(statement.number)
        for name in dict.fromkeys((*statement.defines, *statement.mutates)):
            definers.setdefault(name, []).append(statement.number)
        imports.update(_imports(statement))
    return Index(notebook=notebook, dataflow=dataflow, into=into, out_of=out_of, cells=cells, imports=imports, definers=definers)


def _imports(statement: Statement) -> dict[str, str]:
    parsed = parse_statement(statement.source) if "import" in statement.source else None
    found: dict[str, str] = {}
    for node in ast.walk(parsed.node) if parsed else ():
        if isinstance(node, ast.Import):
            found.update({imported_name(a): a.name if a.asname else a.name.partition(".")[0] for a in node.names})
        elif isinstance(node, ast.ImportFrom):
            found.update({imported_name(a): f"{'.' * node.level}{node.module or ''}.{a.name}" for a in node.names})
    return found


def root_name(node: ast.AST | None) -> str | None:
    """The variable at the root of an expression: `grid.best_estimator_["x"]` → grid; None where there is none."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def names_in(node: ast.AST | None) -> frozenset[str]:
    """Every name that an expression mentions."""
    return frozenset(child.id for child in ast.walk(node) if isinstance(child, ast.Name)) if node else frozenset()
