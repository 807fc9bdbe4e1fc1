"""Which raw value a request's row seems to be of, and which tables seem to come with it. Only a run can tell."""

import ast
from collections.abc import Iterator

from nb2svc.analysis.index import Index
from nb2svc.ir.observation import TableRole
from nb2svc.ir.outline import Outline
from nb2svc.plan.draft.values import called

_JOINS = frozenset({"merge", "join", "map", "merge_asof", "isin", "replace"})


def guess_roles(index: Index, outline: Outline) -> dict[str, TableRole]:
    """Each raw value's role: what is grouped and then joined seems to be a child, what is joined as it is a lookup table."""
    names = [raw.name for raw in outline.raws]
    made = {name: frozenset({name}) for name in names}
    joined: set[str] = set()
    grouped: set[str] = set()
    for number, part in outline.parts:
        if part != "fit_path":
            continue
        statement = index.statement(number)
        for base, given in _joins(index, number):
            joined |= _tables(given, made) - _tables(base, made)
        for node in index.nodes(number):
            if called(node) == "groupby" and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                tables = _tables([node.func.value], made)
                grouped |= tables if len(tables) == 1 else set()
        read = frozenset[str]().union(*(made.get(name, frozenset()) for name in statement.reads))
        made |= {name: read for name in statement.defines if read}
    main = _main(names, outline, joined=joined, grouped=grouped)
    return {name: _role(name, main, outline, child=name in joined & grouped) for name in names}


def _main(names: list[str], outline: Outline, *, joined: set[str], grouped: set[str]) -> str:
    if outline.raw_hint in names:
        return str(outline.raw_hint)
    said = [name for name in names if name not in outline.lookup_hint]
    likely = sorted(said, key=lambda name: (name in joined, name in grouped and name in joined))
    return (likely or names)[0]


def _role(name: str, main: str, outline: Outline, *, child: bool) -> TableRole:
    if name == main:
        return "main"
    if name in outline.request_hint:
        return "child"
    return "child" if child and name not in outline.lookup_hint else "lookup"


def _joins(index: Index, number: int) -> Iterator[tuple[list[ast.expr], list[ast.expr]]]:
    """What each join of a statement starts from, and what it takes."""
    for node in index.nodes(number):
        if not isinstance(node, ast.Call) or called(node) not in _JOINS:
            continue
        if isinstance(node.func, ast.Attribute) and not index.path(node.func):
            yield [node.func.value], list(node.args)
        elif len(node.args) > 1:
            yield [node.args[0]], [node.args[1]]


def _tables(nodes: list[ast.expr], made: dict[str, frozenset[str]]) -> frozenset[str]:
    names = [part.id for node in nodes for part in ast.walk(node) if isinstance(part, ast.Name)]
    return frozenset[str]().union(*(made.get(name, frozenset()) for name in names))
