"""Which of a notebook's imports may be made before it begins, and stand for those that its cells make. Pure.

Only imports at the top level of cells, and only down to the first statement that may change what an import finds, reads or
starts: from there on a module that was imported before would be another than the cell's own. Whose a module is, only its
interpreter knows: the fork server stops at the first that is the author's own.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nb2svc.ir.notebook import Cell, Notebook

# Attributes and names by which a statement may change it: the search path, the environment, the folder, modules themselves.
_ATTRIBUTES = frozenset(
    """environ environb putenv unsetenv chdir fchdir path_hooks meta_path path_importer_cache modules system popen use
    import_module reload run_line_magic run_cell_magic run_cell getoutput install_import_hook""".split()
)
_NAMES = frozenset(
    """environ putenv chdir load_dotenv dotenv_values importlib imp site runpy subprocess exec eval compile __import__ get_ipython
    install_import_hook""".split()
)
# What IPython is told that installs a library or loads code.
_LOADS = re.compile(r"\b(?:pip[\d.]*|conda|mamba|micromamba|uv|apt|apt-get|brew|jupyter|(?:re)?load_ext(?!\s+autoreload))\b")
_NEVER = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One name that a cell imports.

    import sklearn.svm          → Import(top="sklearn", source="import sklearn.svm")
    from numpy import random    → Import(top="numpy", source="from numpy import random")
    """

    top: str
    source: str


def imports_beforehand(notebook: Notebook) -> tuple[Import, ...]:
    """The imports in their order; none twice."""
    found: dict[Import, None] = {}
    for cell in notebook.cells:
        if "skip-execution" in cell.tags:
            continue
        barrier = _magic_line(cell)
        for statement in _statements(cell):
            if statement.lineno >= barrier or _changes(statement):
                return tuple(found)
            found.update(dict.fromkeys(_imports(statement)))
        if barrier < _NEVER:
            break
    return tuple(found)


def _magic_line(cell: Cell) -> int:
    """The first line of IPython that may do anything, or load code."""
    lines = (
        piece.span.line
        for piece in cell.masked
        if piece.runs and (piece.treatment in ("refused", "definitional") or _LOADS.search(piece.text))
    )
    return min(lines, default=_NEVER)


def _statements(cell: Cell) -> Iterable[ast.stmt]:
    try:
        return ast.parse(cell.code).body
    except SyntaxError:
        return ()


def _imports(statement: ast.stmt) -> Iterator[Import]:
    match statement:
        case ast.Import(names=names):
            for alias in names:
                yield Import(top=alias.name.partition(".")[0], source=f"import {alias.name}")
        case ast.ImportFrom(module=str(module), names=names, level=0) if module != "__future__":
            top = module.partition(".")[0]
            for alias in names:
                yield Import(top=top, source=f"import {module}" if alias.name == "*" else f"from {module} import {alias.name}")


def _changes(statement: ast.stmt) -> bool:
    return any(_changes_imports(node) for node in ast.walk(statement))


def _changes_imports(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr=name) if name in _ATTRIBUTES:
            return True
        case ast.Attribute(attr="path", value=ast.Name(id=owner)):
            # `os.path.join` is in every notebook.
            return owner != "os"
        case ast.Name(id=name):
            return name in _NAMES
        case ast.Import(names=names):
            return any(alias.name.partition(".")[0] in _NAMES for alias in names)
        case ast.ImportFrom(module=module, names=names):
            top = (module or "").partition(".")[0]
            return top in _NAMES or (top in ("sys", "os") and any(alias.name in (*_ATTRIBUTES, "path") for alias in names))
        case _:
            return False
