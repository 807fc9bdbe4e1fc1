"""Imports, constants, functions and classes: which generated module each belongs to.

Imports are written wherever they are used. A function or class lives in `features.py`, where the estimator can name it;
a constant lives in the one module that uses it, in `features.py` where several do. What sets a library's options
(`sklearn.set_config(…)`) is used by name nowhere: it stands in `features.py` where there are steps, which every module
imports, else in each module with a function of its own.
"""

import ast
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from nb2svc.codegen.context import Context
from nb2svc.codegen.imports import Imported, imported_names
from nb2svc.codegen.splice import Piece
from nb2svc.ir.dataflow import Statement
from nb2svc.ir.plan import NamedLambda, PlannedStatement
from nb2svc.ir.source import split_lines

SHARED = "features"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModulePrelude:
    """The top of one module: imports it uses, names it takes from others, and its own definitions."""

    imports: tuple[Imported, ...]
    local: Mapping[str, tuple[str, ...]]
    pieces: tuple[Piece, ...]


def split_prelude(context: Context, used: Mapping[str, set[str]]) -> dict[str, ModulePrelude]:
    """Give each module its prelude; `used` maps a module's name to the names that its bodies use.

    Modules that end up with definitions though they have no body of their own (`features`) are included.
    """
    definitions = [context.statement(number) for number in context.plan.prelude if context.statement(number).kind != "import"]
    kept = {
        number
        for number in context.plan.prelude
        if context.cell_of(number).role_at(context.statement(number).span.line) == "keep"
    }
    imports = [
        imported
        for number in context.plan.prelude
        if context.statement(number).kind == "import"
        for imported in imported_names(context.statement(number).source)
    ]
    setters = [each for each in definitions if each.number in kept or not (each.defines or each.mutates)]
    homes = (SHARED,) if context.plan.steps else tuple(module for module in used if module != SHARED)
    # What is imported for its effect is used by no line.
    always = _read_by(setters) | {name for number in kept for name in context.statement(number).defines}
    used = {module: names | (always if module in homes else set()) for module, names in used.items()}
    written = {each.name: each for each in context.plan.lambdas if each.span is not None}
    if written:
        read = set[str]().union(*(used_names(each.text) for each in written.values()))
        used = {**used, SHARED: used.get(SHARED, set()) | read}
    told = {each.statement: each for each in context.plan.lambdas if each.span is None}
    owners = _owners(definitions, used, shared=told)
    needs = {module: set(names) for module, names in used.items()}
    for statement in definitions:
        if statement.number in owners:
            needs.setdefault(owners[statement.number], set()).update((*statement.reads, *statement.defers))
    result = {}
    for module, names in needs.items():
        own = [
            statement
            for statement in definitions
            if owners.get(statement.number) == module or (statement in setters and module in homes)
        ]
        local = _taken(definitions, owners, names, module)
        if module != SHARED and written.keys() & names:
            local[f".{SHARED}"] = (*local.get(f".{SHARED}", ()), *(name for name in written if name in names))
        wanted = tuple(each for each in imports if each.bound in names or each.name == "*" or each.module == "__future__")
        pieces = _pieces(context, own, told)
        if module == SHARED:
            pieces += [_written(context, each) for each in written.values()]
        result[module] = ModulePrelude(imports=wanted, local=local, pieces=tuple(pieces))
    return result


def _read_by(statements: Iterable[Statement]) -> set[str]:
    return {name for statement in statements for name in (*statement.reads, *statement.defers)}


def _owners(definitions: list[Statement], used: Mapping[str, set[str]], *, shared: Collection[int]) -> dict[int, str]:
    """Which module defines each statement's names; statements that nothing uses have none. `shared` are for all."""
    wanted = {module: set(names) for module, names in used.items()}
    users: dict[int, set[str]] = {}
    changed = True
    while changed:
        changed = False
        for statement in reversed(definitions):
            made = {*statement.defines, *statement.mutates}
            for module, names in wanted.items():
                if made & names and module not in users.setdefault(statement.number, set()):
                    users[statement.number].add(module)
                    names.update((*statement.reads, *statement.defers))
                    changed = True
    owners = {}
    for statement in definitions:
        modules = users.get(statement.number, set())
        if modules:
            common = len(modules) > 1 or statement.kind in ("function", "class", "compound") or statement.number in shared
            owners[statement.number] = SHARED if common else next(iter(modules))
    # What a shared definition needs must be where it is.
    for statement in reversed(definitions):
        if owners.get(statement.number) == SHARED:
            needs = {*statement.reads, *statement.defers}
            for other in definitions:
                if other.number in owners and needs & set(other.defines):
                    owners[other.number] = SHARED
    return owners


def _taken(definitions: list[Statement], owners: Mapping[int, str], names: set[str], module: str) -> dict[str, tuple[str, ...]]:
    """Names that a module takes from another one's definitions."""
    taken: dict[str, dict[str, None]] = {}
    for statement in definitions:
        owner = owners.get(statement.number)
        if owner is not None and owner != module:
            for name in statement.defines:
                if name in names:
                    taken.setdefault(f".{owner}", {})[name] = None
    return {owner: tuple(found) for owner, found in taken.items()}


def _pieces(context: Context, statements: list[Statement], told: Mapping[int, NamedLambda]) -> list[Piece]:
    """The definitions; behind constants of the `parameters` cell what this build was given, behind lambdas their names."""
    given = dict(context.plan.parameters)
    pieces = []
    for statement in statements:
        cell = context.cell_of(statement.number)
        pieces.append(context.splicer.render(cell, statement, PlannedStatement(number=statement.number), depth=0))
        if statement.number in told:
            pieces.append(_given(statement.number, told[statement.number].text))
        if cell.parameters:
            names = [name for name in statement.defines if name in given]
            pieces += [_given(statement.number, f"{name} = {given.pop(name)}  # given to this build with -p") for name in names]
    return pieces


def _given(statement: int, line: str) -> Piece:
    return Piece(statement=statement, lines=(line,), origins=(None,), undo=(), body_offset=-1)


def _written(context: Context, named: NamedLambda) -> Piece:
    """A lambda as a function with a name, below where it comes from."""
    lines = (context.origin(context.statement(named.statement).span.cell), *split_lines(named.text))
    return Piece(statement=named.statement, lines=lines, origins=(None,) * len(lines), undo=(), body_offset=-1, kind="function")


def used_names(source: str) -> set[str]:
    """Every name that a piece of source mentions."""
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
