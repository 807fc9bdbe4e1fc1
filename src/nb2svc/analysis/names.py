"""What one top-level statement binds and reads, by name alone: definition time apart from call time."""

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from nb2svc.analysis.scopes import (
    Comprehension,
    Function,
    comprehension_results,
    comprehension_targets,
    evaluated_at_definition,
    free_names,
    imported_name,
    late_names,
    string_names,
)
from nb2svc.analysis.trees import children


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names of a statement.

    `reads` are names whose value comes from before the statement (a loop's own variable is none); `certain` are those of
    `defines` that are bound whichever way the statement runs; `star` says whether it imports every name of a module.
    """

    defines: tuple[str, ...]
    certain: frozenset[str]
    reads: tuple[str, ...]
    defers: tuple[str, ...]
    deletes: tuple[str, ...]
    star: bool


def statement_names(node: ast.stmt) -> Names:
    """The names that a top-level statement defines, reads, defers and deletes."""
    reader = _Reader()
    reader.visit(node)
    return Names(
        defines=tuple(reader.defines),
        certain=frozenset(reader.bound),
        reads=tuple(reader.reads),
        defers=tuple(reader.defers),
        deletes=tuple(reader.deletes),
        star=reader.star,
    )


class _Reader:
    """Walks a statement in the order in which it runs; `bound` are the names it has bound for certain so far."""

    __slots__ = ("bound", "calling", "defers", "defines", "deletes", "functions", "hidden", "reads", "star")

    def __init__(self) -> None:
        self.defines: dict[str, None] = {}
        self.reads: dict[str, None] = {}
        self.defers: dict[str, None] = {}
        self.deletes: dict[str, None] = {}
        self.bound: set[str] = set()
        # Names of the scopes around: loop variables of comprehensions, names of a class body. The last is innermost.
        self.hidden: list[set[str]] = []
        self.functions: dict[str, tuple[str, ...]] = {}
        self.calling = False
        self.star = False

    def visit(self, node: ast.AST) -> None:
        handler = _HANDLERS.get(type(node))
        if handler is None:
            for child in children(node):
                self.visit(child)
        else:
            handler(self, node)

    def visit_all(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)

    def read(self, name: str) -> None:
        if any(name in scope for scope in self.hidden):
            return
        if name not in self.bound:
            self.reads[name] = None
        for deferred in self.functions.get(name, ()):
            # A function made in this very statement and used by it: what it defers is read now.
            if deferred not in self.bound:
                self.reads[deferred] = None

    def bind(self, name: str) -> None:
        if self.hidden:
            self.hidden[-1].add(name)
        else:
            self.defines[name] = None
            self.bound.add(name)

    def branches(self, blocks: Sequence[Sequence[ast.AST]]) -> None:
        """Visit blocks of which one runs: bound for certain is what all that do not raise bind."""
        before = set(self.bound)
        ends = []
        for block in blocks:
            self.bound = set(before)
            self.visit_all(block)
            if not (block and isinstance(block[-1], ast.Raise)):
                ends.append(self.bound)
        self.bound = set.intersection(*ends) if ends else before


def _name(reader: _Reader, node: ast.Name) -> None:
    if isinstance(node.ctx, ast.Store):
        reader.bind(node.id)
        return
    reader.read(node.id)
    if isinstance(node.ctx, ast.Del) and not reader.hidden:
        reader.deletes[node.id] = None
        reader.bound.discard(node.id)


def _assign(reader: _Reader, node: ast.Assign) -> None:
    reader.visit(node.value)
    reader.visit_all(node.targets)
    if isinstance(node.value, ast.Lambda) and isinstance(node.targets[0], ast.Name):
        reader.functions[node.targets[0].id] = free_names(node.value)


def _augmented(reader: _Reader, node: ast.AugAssign) -> None:
    if isinstance(node.target, ast.Name):
        reader.read(node.target.id)
    reader.visit(node.value)
    reader.visit(node.target)


def _annotated(reader: _Reader, node: ast.AnnAssign) -> None:
    reader.visit(node.annotation)
    if node.value is not None:
        reader.visit(node.value)
        reader.visit(node.target)
    elif not isinstance(node.target, ast.Name):
        reader.visit(node.target)


def _named(reader: _Reader, node: ast.NamedExpr) -> None:
    reader.visit(node.value)
    # A walrus in a comprehension binds outside of it.
    hidden, reader.hidden = reader.hidden, []
    reader.bind(node.target.id)
    reader.hidden = hidden


def _definition(reader: _Reader, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    reader.visit_all(evaluated_at_definition(node))
    _defer(reader, node)
    reader.bind(node.name)
    reader.functions[node.name] = free_names(node)


def _defer(reader: _Reader, node: Function | ast.ClassDef) -> None:
    reader.defers.update(dict.fromkeys(name for name in free_names(node)))


def _lambda(reader: _Reader, node: ast.Lambda) -> None:
    reader.visit_all(evaluated_at_definition(node))
    if reader.calling:
        for name in free_names(node):
            reader.read(name)
    reader.defers.update(dict.fromkeys(name for name in free_names(node) if not any(name in s for s in reader.hidden)))


def _class(reader: _Reader, node: ast.ClassDef) -> None:
    reader.visit_all(evaluated_at_definition(node))
    reader.hidden.append(set())
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            reader.visit_all(evaluated_at_definition(statement))
            reader.bind(statement.name)
        else:
            reader.visit(statement)
    reader.hidden.pop()
    _defer(reader, node)
    reader.bind(node.name)


def _call(reader: _Reader, node: ast.Call) -> None:
    before, reader.calling = reader.calling, True
    reader.visit_all([node.func, *node.args, *node.keywords])
    for name in string_names(node):
        reader.read(name)
    reader.calling = before


def _comprehension(reader: _Reader, node: Comprehension) -> None:
    reader.visit(node.generators[0].iter)
    reader.hidden.append(set(comprehension_targets(node)))
    for index, generator in enumerate(node.generators):
        reader.visit_all(([] if index == 0 else [generator.iter]) + generator.ifs)
    reader.visit_all(comprehension_results(node))
    reader.hidden.pop()
    if isinstance(node, ast.GeneratorExp):
        reader.defers.update(dict.fromkeys(late_names(node)))


def _import(reader: _Reader, node: ast.Import | ast.ImportFrom) -> None:
    for alias in node.names:
        if alias.name == "*":
            reader.star = True
        else:
            reader.bind(imported_name(alias))
            if isinstance(node, ast.Import) and not alias.asname and "." in alias.name:
                # `import a.b` after `import a.c` adds to `a`: both imports are needed still.
                reader.bound.discard(imported_name(alias))


def _if(reader: _Reader, node: ast.If) -> None:
    reader.visit(node.test)
    reader.branches([node.body, node.orelse])


def _for(reader: _Reader, node: ast.For | ast.AsyncFor) -> None:
    reader.visit(node.iter)
    before = set(reader.bound)
    reader.visit(node.target)
    certain = set(reader.bound) if _never_empty(node.iter) else before
    reader.visit_all(node.body)
    reader.bound = certain
    reader.branches([node.orelse, []])


def _never_empty(iterable: ast.expr) -> bool:
    """Whether a loop's body runs at least once for certain: a literal with items, `range(3)`."""
    match iterable:
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return any(not isinstance(item, ast.Starred) for item in items)
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(stop))]):
            return stop > 0
        case ast.Call(func=ast.Name(id="enumerate"), args=[first, *_]):
            return _never_empty(first)
    return False


def _while(reader: _Reader, node: ast.While) -> None:
    reader.visit(node.test)
    reader.branches([node.body, []])
    reader.branches([node.orelse, []])


def _try(reader: _Reader, node: ast.Try | ast.TryStar) -> None:
    handlers = []
    for handler in node.handlers:
        handlers.append([handler])
    before = set(reader.bound)
    reader.branches([[*node.body, *node.orelse], *handlers])
    certain, reader.bound = reader.bound, before
    reader.visit_all(node.finalbody)
    reader.bound = reader.bound | certain


def _handler(reader: _Reader, node: ast.ExceptHandler) -> None:
    if node.type is not None:
        reader.visit(node.type)
    # The name of an exception is unbound again at the end of its handler.
    known = node.name in reader.defines
    if node.name:
        reader.bind(node.name)
    reader.visit_all(node.body)
    if node.name:
        reader.bound.discard(node.name)
        if not known:
            reader.defines.pop(node.name, None)


def _match(reader: _Reader, node: ast.Match) -> None:
    reader.visit(node.subject)
    blocks: list[Sequence[ast.AST]] = []
    for case in node.cases:
        guard: list[ast.AST] = [case.guard] if case.guard else []
        blocks.append([case.pattern, *guard, *case.body])
    last = node.cases[-1]
    catches_all = last.guard is None and isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None
    reader.branches(blocks if catches_all else [*blocks, []])


def _pattern(reader: _Reader, node: ast.AST) -> None:
    for child in children(node):
        reader.visit(child)
    name = getattr(node, "rest", None) if isinstance(node, ast.MatchMapping) else getattr(node, "name", None)
    if name:
        reader.bind(name)


_HANDLERS: dict[type, Callable[..., None]] = {
    ast.Name: _name,
    ast.Assign: _assign,
    ast.AugAssign: _augmented,
    ast.AnnAssign: _annotated,
    ast.NamedExpr: _named,
    ast.FunctionDef: _definition,
    ast.AsyncFunctionDef: _definition,
    ast.Lambda: _lambda,
    ast.ClassDef: _class,
    ast.Call: _call,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.Import: _import,
    ast.ImportFrom: _import,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.ExceptHandler: _handler,
    ast.Match: _match,
    ast.MatchAs: _pattern,
    ast.MatchStar: _pattern,
    ast.MatchMapping: _pattern,
}
