"""Statements and branches of a module that ran, counted on its syntax tree: line tables differ between versions of Python."""

import ast
from collections.abc import Collection, Iterator

# Where a call ended, in the arcs of `harness/line_trace.py`.
LEFT = -1


def statements(source: str, lines: Collection[int]) -> tuple[int, int]:
    """How many statements inside functions ran, of how many."""
    found = list(_statements(ast.parse(source)))
    return sum(1 for node in found if any(line in lines for line in _lines(node))), len(found)


def branches(source: str, arcs: Collection[tuple[int, int]]) -> tuple[int, int]:
    """How many ways out of an `if`, `for` or `while` were taken, of two each.

    `if a:` (line 3), `b` (line 4), `c` (line 5), with the arc 3 → 4 only → (1, 2)
    """
    taken = total = 0
    for node in _statements(ast.parse(source)):
        if isinstance(node, ast.If | ast.For | ast.While) and node.body[0].lineno > node.lineno:
            head = range(node.lineno, node.body[0].lineno)
            after = {end for start, end in arcs if start in head and end not in head}
            taken += (node.body[0].lineno in after) + bool(after - {node.body[0].lineno})
            total += 2
    return taken, total


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """What stands in functions, but for docstrings and the definitions themselves."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    seen: set[int] = set()
    for function in functions:
        for node in (each for statement in function.body for each in ast.walk(statement)):
            docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if isinstance(node, ast.stmt) and not docstring and id(node) not in seen:
                seen.add(id(node))
                if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Global | ast.Nonlocal):
                    yield node


def _lines(node: ast.stmt) -> range:
    """The lines of a simple statement, or the head of a compound one."""
    body = getattr(node, "body", None)
    end = body[0].lineno if isinstance(body, list) and body else (node.end_lineno or node.lineno) + 1
    return range(node.lineno, max(end, node.lineno + 1))
