"""Statements and the definition → use edges between them, closed over aliases, in-place changes and deferred reads."""

import ast
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Literal

from nb2svc.analysis import knowledge as known
from nb2svc.analysis.objects import calls, execution, expressions
from nb2svc.analysis.objects.state import State, execute
from nb2svc.analysis.positions import node_span, within_cell
from nb2svc.analysis.statements import Parsed, parse_statement, split
from nb2svc.ir.dataflow import Dataflow, Edge, EdgeKind, Effect, Statement
from nb2svc.ir.notebook import Notebook

# Their import fills the tables of evaluators and executors.
_TABLES_FILLED_BY = (calls, execution, expressions)

_WIDEST = 16
"""So many definitions of one name are followed side by side; more are linked in a chain, which keeps the work linear."""


def build_dataflow(notebook: Notebook) -> Dataflow:
    """Every statement of a notebook's cells, linked. A cell that does not parse contributes nothing."""
    statements: list[Statement] = []
    for cell in notebook.cells:
        statements += split(cell.code, cell=cell.number, first=len(statements))
    return link(statements)


def parse_statements(code: str, *, cell: int = 1) -> tuple[Statement, ...]:
    """The statements of some code by itself, numbered from 0; `link` completes what only the whole notebook can tell."""
    return link(tuple(split(code, cell=cell))).statements


def link(statements: Sequence[Statement], *, inert: Collection[int] = ()) -> Dataflow:
    """Link statements in the order given: edges by definition, not by name, and each statement's changes and effects.

    Those that are `inert` are passed over, as if they did nothing.

    `a = [1]; b = a; a.append(2); print(b)` → 0→1 a, 0→2 a, 2→3 b (the change of `a` is one of `b`)
    """
    linker = _Linker()
    added = [one if one.number in inert else linker.add(one) for one in statements]
    linked = linker.without_builtins(added)
    edges = sorted(linker.edges, key=lambda edge: (edge[1], edge[0], edge[2]))
    return Dataflow(
        statements=linked,
        edges=tuple(Edge(source=source, target=target, name=name, kind=kind) for source, target, name, kind in edges),
    )


class _Linker:
    """Walks the statements once; `reach` says which statements a name's value may come from at this point."""

    def __init__(self) -> None:
        self.state = State()
        self.reach: dict[str, tuple[int, ...]] = {}
        self.binds: dict[tuple[int, str], bool] = {}
        self.edges: dict[tuple[int, int, str, EdgeKind], None] = {}
        self.stars: list[int] = []

    def add(self, statement: Statement) -> Statement:
        """Link one more statement; returns it with its changes and effects."""
        parsed = parse_statement(statement.source)
        number = statement.number
        if parsed is not None:
            reads = tuple(name for name in parsed.names.reads if name in self.reach or name not in known.BUILTINS)
            statement = replace(statement, reads=reads, defers=parsed.names.defers)
        self._read(number, statement.reads)
        self._read_deferred(number, statement.reads)
        if parsed is None:
            self._record(number, statement, certain=frozenset(statement.defines))
            return statement
        changed, defined, effects = self._run(statement, parsed)
        # What a function that was called binds by `global`.
        defines = (*statement.defines, *sorted(defined - set(statement.defines)))
        linked = replace(statement, defines=defines, mutates=changed, effects=effects)
        self._use_resources(linked)
        self._record(number, linked, certain=parsed.names.certain)
        if parsed.names.star:
            self.stars.append(number)
        return linked

    def without_builtins(self, statements: Sequence[Statement]) -> tuple[Statement, ...]:
        """Leave out of `defers` the builtins that the notebook does not shadow."""
        builtins = known.BUILTINS - {name for statement in statements for name in statement.defines}
        return tuple(
            statement
            if builtins.isdisjoint(statement.defers)
            else replace(statement, defers=tuple(name for name in statement.defers if name not in builtins))
            for statement in statements
        )

    def _run(self, statement: Statement, parsed: Parsed) -> tuple[tuple[str, ...], set[str], tuple[Effect, ...]]:
        state = self.state
        state.changed, state.defined, state.effects = set(), set(), []
        before = {name: state.env[name].objects for name in statement.defines if name in state.env}
        execute(state, [parsed.node])
        names = state.heap.names_of(state.changed)
        # A name that is bound anew no longer stands for the object that changed, unless it does still.
        names |= {name for name, objects in before.items() if objects & state.changed and objects & state.env_objects(name)}
        order = dict.fromkeys((*statement.reads, *sorted(names)))
        return tuple(name for name in order if name in names), state.defined, _effects(statement, parsed, state)

    def _read(self, number: int, names: Iterable[str]) -> None:
        for name in names:
            sources = self.reach.get(name)
            # A name that nothing binds may come from `from module import *`.
            self._link(self.stars if sources is None else sources, number, name)

    def _link(self, sources: Iterable[int], number: int, name: str, *, deferred: bool = False) -> None:
        for source in sources:
            if source != number:
                kind: EdgeKind = "deferred" if deferred else "binding" if self.binds.get((source, name), True) else "mutation"
                self.edges.setdefault((source, number, name, kind))

    def _read_deferred(self, number: int, names: Iterable[str]) -> None:
        """Reading a function may call it: its free names are read as they stand now, and theirs in turn."""
        state, heap = self.state, self.state.heap
        seen = set(names)
        todo = list(seen)
        while todo:
            objects = state.env_objects(todo.pop()) & heap.carriers
            for one in heap.below(objects) if objects else ():
                for name in _deferred_names(state, one):
                    if name not in seen:
                        seen.add(name)
                        todo.append(name)
                        self._link(
                            self.reach.get(name, () if name in known.BUILTINS else tuple(self.stars)), number, name, deferred=True
                        )

    def _use_resources(self, statement: Statement) -> None:
        """Order what goes through no name: seeds before draws, written files before they are read."""
        for resource, use in _resources(statement):
            self._link(self.reach.get(resource, ()), statement.number, resource)
            # A draw moves a seeded generator on; without a seed there is nothing to repeat.
            if use == "writes" or (use == "draws" and resource in self.reach):
                self.binds[statement.number, resource] = False
                self.reach[resource] = (statement.number,)

    def _record(self, number: int, statement: Statement, *, certain: frozenset[str]) -> None:
        for name in statement.deletes:
            if name not in statement.defines:
                self.reach.pop(name, None)
        for name in statement.mutates:
            self.binds[number, name] = False
            # Through an alias, this statement has not read the name: what was known of it holds still.
            earlier = () if name in statement.reads else self.reach.get(name, ())
            self._set(name, (*earlier, number), number)
        for name in statement.defines:
            self.binds[number, name] = True
            earlier = () if name in certain else tuple(one for one in self.reach.get(name, ()) if one != number)
            self._set(name, (*earlier, number), number)

    def _set(self, name: str, sources: tuple[int, ...], number: int) -> None:
        if len(sources) > _WIDEST:
            self._link(sources[:-1], number, name)
            sources = (number,)
        self.reach[name] = sources


def _deferred_names(state: State, one: int) -> Iterable[str]:
    heap = state.heap
    yield from heap.lazy.get(one, ())
    if one in heap.functions:
        yield from heap.functions[one].free
    if one in heap.classes:
        yield from heap.classes[one].free
        for base in heap.classes[one].bases:
            for inherited in base.objects & heap.carriers:
                yield from _deferred_names(state, inherited)
    for made_by in heap.made_by.get(one, ()):
        yield from _deferred_names(state, made_by)


def _effects(statement: Statement, parsed: Parsed, state: State) -> tuple[Effect, ...]:
    found: dict[Effect, None] = {}
    for kind, detail, node in state.effects:
        span = statement.span
        if hasattr(node, "lineno"):
            inner = node_span(parsed.lines, node, cell=statement.span.cell)
            span = within_cell(statement.span, inner)
        found[Effect(kind=kind, detail=detail, span=span)] = None
    if (
        not state.changed
        and isinstance(parsed.node, ast.Expr)
        and not isinstance(parsed.node.value, ast.Constant)
        and _shows(parsed.node.value, found)
    ):
        found[Effect(kind="display", detail="value", span=statement.span)] = None
    return tuple(found)


_DONE_FOR_THEIR_SAKE = frozenset({"display", "library_state", "file_write", "process", "dynamic", "input"})


def _shows(value: ast.expr, effects: Iterable[Effect]) -> bool:
    """Whether a bare expression is there to be shown: not a call that does something else."""
    kinds = {effect.kind for effect in effects}
    return kinds.isdisjoint(_DONE_FOR_THEIR_SAKE) and not (isinstance(value, ast.Call) and "plot" in kinds)


def _resources(statement: Statement) -> Iterable[tuple[str, Literal["reads", "draws", "writes"]]]:
    """What a statement uses that has no name: generators of random numbers, files, the path of imports."""
    for effect in statement.effects:
        if effect.kind == "library_state":
            yield known.STATE_SETTERS.get(effect.detail, effect.detail), "writes"
        elif effect.kind == "random" and "unseeded generator" not in effect.detail:
            root = effect.detail.partition(".")[0]
            yield (root if root == "random" else f"{root}.random" if root in ("torch", "tensorflow") else "numpy.random"), "draws"
        elif effect.kind in ("file_write", "file_read"):
            yield f"file:{effect.detail}", "writes" if effect.kind == "file_write" else "reads"
    if statement.kind == "import" and _is_searched(statement.source):
        yield "sys.path", "reads"


def _is_searched(source: str) -> bool:
    """Whether an import may find a module of the author's, wherever `sys.path` leads."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    return any(name.partition(".")[0] not in known.INSTALLED | sys.stdlib_module_names for name in names)
