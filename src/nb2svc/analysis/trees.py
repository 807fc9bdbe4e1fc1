"""Walking syntax trees quickly: `ast.walk` spends most of its time on contexts and operators, which nobody asks for."""

import ast
from collections.abc import Iterable, Iterator

_NO_NODES = frozenset(
    {"ctx", "op", "ops", "kind", "type_comment", "type_ignores", "id", "attr", "conversion", "is_async", "level"}
)
_FIELDS: dict[type, tuple[str, ...]] = {}
_DEFERRED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def children(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes directly below a node, in source order, without contexts and operators."""
    kind = type(node)
    fields = _FIELDS.get(kind)
    if fields is None:
        fields = _FIELDS[kind] = tuple(field for field in kind._fields if field not in _NO_NODES)
    for field in fields:
        value = getattr(node, field, None)
        if isinstance(value, ast.AST):
            yield value
        elif type(value) is list:
            for item in value:
                if isinstance(item, ast.AST):
                    yield item


def own_nodes(node: ast.AST) -> tuple[ast.AST, ...]:
    """A node and all below it that run when it runs, in source order: not what is inside functions and classes."""
    found: list[ast.AST] = []
    todo = [node]
    while todo:
        one = todo.pop()
        found.append(one)
        if not isinstance(one, _DEFERRED):
            todo += reversed(tuple(children(one)))
    return tuple(found)


def all_nodes(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """These nodes and everything below them."""
    todo = list(nodes)
    while todo:
        one = todo.pop()
        yield one
        todo += children(one)
