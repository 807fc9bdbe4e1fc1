"""Classes of the notebook that read its data: what they hold of many rows is theirs, and no edit is made in there.

    class Scaled:
        mean = loans["age"].mean()          every object of it carries the mean of all rows

So what such an object answers is no function of a row's own columns, also where all rows that training saw look so.
"""

from __future__ import annotations

import ast
from typing import Any, Iterator, Optional, Set, Tuple

import numpy as np
import pandas as pd

from .instrument import FUNCTIONS, number_of
from .program import spot_of
from .request import Spot
from .sites import Site

ClassOfData = Tuple[str, Spot]
"""A class by its name, and where it reads data."""

_TABLES = (pd.DataFrame, pd.Series, np.ndarray)


def class_of_data(site: Site) -> Optional[ClassOfData]:
    """The class by which an expression, or a function that it names, gets at data that it does not name; where it reads them."""
    known = dict(_classes_of_data(site))
    return next((found for name in _named(site, site.node) if (found := known.get(name)) is not None), None)


def is_made_of_data(site: Site) -> bool:
    """Whether the value of an expression is such a class, or an object of one."""
    value = site.value(site.node)
    kind = value if isinstance(value, type) else type(value)
    return kind.__module__ == "__main__" and kind.__name__ in dict(_classes_of_data(site))


def _classes_of_data(site: Site) -> Iterator[Tuple[str, ClassOfData]]:
    data = _data(site)
    for statement in site.program.statements:
        for node in statement.tree.body:
            if isinstance(node, ast.ClassDef):
                read = next((name for name in ast.walk(node) if _reads(name, node, data)), None)
                if read is not None:
                    yield node.name, (node.name, spot_of(statement, read))


def _data(site: Site) -> Set[str]:
    """The names of tables, columns and arrays."""
    found = {raw.name for raw in site.program.request.raws if isinstance(raw.value, _TABLES)}
    for statement in site.program.statements:
        for node in statement.tree.body:
            if isinstance(node, ast.Assign) and isinstance(site.value(node.value), _TABLES):
                found.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return found


def _reads(name: ast.AST, owner: ast.ClassDef, data: Set[str]) -> bool:
    if not (isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load) and name.id in data):
        return False
    # What a method is given under that name is its own.
    given = {part.arg for part in ast.walk(owner) if isinstance(part, ast.arg)}
    set_there = {part.id for part in ast.walk(owner) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    return name.id not in given | set_there


def _named(site: Site, node: ast.AST, seen: Optional[Set[str]] = None) -> Iterator[str]:
    """The classes that an expression names or whose objects it holds, functions that it names included."""
    seen = set() if seen is None else seen
    functions = {each.name: each for each in _functions(site)}
    for part in ast.walk(node):
        if number_of(part) is not None:
            value: Any = site.value(part)
            yield (value if isinstance(value, type) else type(value)).__name__
        if isinstance(part, ast.Name) and part.id not in seen:
            seen.add(part.id)
            yield part.id
            if part.id in functions:
                yield from _named(site, functions[part.id], seen)


def _functions(site: Site) -> Iterator[Any]:
    for statement in site.program.statements:
        yield from (node for node in statement.tree.body if isinstance(node, FUNCTIONS))
