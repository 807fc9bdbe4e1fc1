"""Scopes: our reading of free names agrees with Python's own symbol tables, on the standard library's source."""

import ast
import symtable
import sysconfig
from pathlib import Path

import pytest

from nb2svc.analysis.scopes import bound_names, free_names, local_names, string_names

LIBRARY = Path(sysconfig.get_paths()["stdlib"])
FILES = "argparse ast bdb collections/__init__ contextlib dataclasses difflib enum functools inspect json/decoder pickle tarfile typing".split()


def _tables(table: symtable.SymbolTable, found: dict[tuple[str, int], list[symtable.SymbolTable]]) -> None:
    found.setdefault((table.get_name(), table.get_lineno()), []).append(table)
    for child in table.get_children():
        _tables(child, found)


def _globals_of(table: symtable.SymbolTable) -> set[str]:
    """What a function and all scopes in it look up globally, as Python's compiler sees it."""
    found = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global() and symbol.is_referenced()}
    return found.union(*(_globals_of(child) for child in table.get_children()))


@pytest.mark.parametrize("name", FILES)
def test_free_names_are_what_the_compiler_looks_up_globally(name: str) -> None:
    path = LIBRARY / f"{name}.py"
    source = path.read_text(encoding="utf-8")
    tables: dict[tuple[str, int], list[symtable.SymbolTable]] = {}
    _tables(symtable.symtable(source, str(path), "exec"), tables)
    compared = 0
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            # Python 3.11 counts a decorated function from its `def`, others from its first decorator.
            lines = [node.lineno, *(decorator.lineno for decorator in node.decorator_list)]
            [table] = [one for line in lines for one in tables.get((node.name, line), []) if one.get_type() == "function"]
            # An annotation of a local variable is compiled to nothing, and `x += 1` of a global reads it.
            assert set(free_names(node)) <= _globals_of(table) | _assigned_globals(node), node.name
            assert _globals_of(table) - _annotated(node) <= set(free_names(node)), node.name
            compared += 1
    assert compared


def _assigned_globals(node: ast.AST) -> set[str]:
    return {name for one in ast.walk(node) if isinstance(one, ast.Global) for name in one.names}


def _annotated(node: ast.AST) -> set[str]:
    annotations = [one.annotation for one in ast.walk(node) if isinstance(one, ast.AnnAssign)]
    return {one.id for annotation in annotations for one in ast.walk(annotation) if isinstance(one, ast.Name)}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(a, b=k): return a * g(lambda c: c + h)", "g h"),
        ("def f():\n    x = 1\n    def g(): return x + y\n    return g", "y"),
        ("def f():\n    global x\n    x = 1\n    return x", "x"),
        ("def f():\n    return [q for q in w if q > z]", "w z"),
        ("def f():\n    (n := m)\n    return [n := p for p in r] and n", "m r"),
        ("def f(d): return d.query('a > @low') and eval('d + up')", "eval low up"),
        ("def f():\n    try: pass\n    except E as e: return e", "E"),
        ("def f(s):\n    match s:\n        case P(x=1, y=[a, *b]): return a + b + t", "P t"),
        ("class A(B):\n    c = 1\n    def m(self): return c + d\n", "c d"),
        ("class A:\n    x = y\n", ""),
        ("def f():\n    class A:\n        v = w\n        def m(self): return v\n    return A", "w v"),
        ("lambda v, *a, k=1, **kw: v + a + k + kw + o", "o"),
    ],
)
def test_free_names(source: str, names: str) -> None:
    node = ast.parse(source).body[0]
    node = node.value if isinstance(node, ast.Expr) else node

    assert sorted(free_names(node)) == sorted(names.split())


def test_bound_names_stay_in_their_scope() -> None:
    tree = ast.parse("for i in r: n = (m := i)\ndef f(a=(d := 1)): b = 1\n[c for c in [e := 2]]\nlambda g: g\nclass K: h = 1")

    assert bound_names(tree.body) == ("i", "n", "m", "f", "d", "e", "K")


def test_local_names_leave_out_what_is_declared_elsewhere() -> None:
    node = ast.parse("def f(a, *b, c, **d):\n    global g\n    g = e = 1\n    def h(): i = 1").body[0]

    assert local_names(node) == frozenset("abcdeh")


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("df.query('a > @k and b in @ks')", ("k", "ks")),
        ("df.query(f'a > @k and b > {x}')", ("k",)),
        ("eval('a + b')", ("a", "b")),
        ("eval('no python')", ()),
        ("df.describe('@k')", ()),
        ("mail('ana@home')", ()),
    ],
)
def test_names_in_strings(source: str, names: tuple[str, ...]) -> None:
    assert string_names(ast.parse(source, mode="eval").body) == names
