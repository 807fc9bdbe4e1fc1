"""The tree as the architecture tests see it: committed files, modules, and what they import."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMPILER = ROOT / "src" / "nb2svc"
RUNTIME = ROOT / "src" / "nb2svc_runtime"
EXTENSION = ROOT / "jupyter_ext" / "nb2svc_jupyter"

PURE = ("ir", "read", "analysis", "rules", "suggest", "plan", "codegen", "reports")
# These run in the user's kernel or service, which may be as old as Python 3.9.
OLD_PYTHON = (
    RUNTIME,
    COMPILER / "capture" / "kernel_facts.py",
    COMPILER / "capture" / "kernel_installed.py",
    COMPILER / "capture" / "kernel_leaving.py",
    COMPILER / "capture" / "kernel_side.py",
    COMPILER / "capture" / "probe",
    COMPILER / "parity" / "harness",
    COMPILER / "readiness" / "harness",
    COMPILER / "validate" / "kernel_side.py",
    COMPILER / "validate" / "segments" / "kernel_rows.py",
    COMPILER / "validate" / "segments" / "kernel_side.py",
    COMPILER / "validate" / "segments" / "kernel_turn.py",
    COMPILER / "validate" / "forking" / "side",
    COMPILER / "system" / "descendants.py",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """`module` is imported in line `line`, when the importing module is (`eager`) or when a function runs."""

    module: str
    line: int
    eager: bool


@cache
def committed() -> tuple[Path, ...]:
    """Every file that git has, or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))


def python_files(*folders: Path) -> tuple[Path, ...]:
    """The committed Python files below some folders."""
    return tuple(path for path in committed() if path.suffix == ".py" and any(path.is_relative_to(folder) for folder in folders))


def short(path: Path) -> str:
    """The path as it stands in the repository."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    """The module, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=short(path))


def imports_of(tree: ast.Module) -> Iterator[Import]:
    """Every absolute import, and whether it runs with the module; those under `if TYPE_CHECKING:` never run."""
    yield from _imports(tree, eager=True)


def _imports(node: ast.AST, *, eager: bool) -> Iterator[Import]:
    match node:
        case ast.Import(names=names):
            yield from (Import(module=name.name, line=node.lineno, eager=eager) for name in names)
            return
        case ast.ImportFrom(module=str() as module, level=0):
            yield Import(module=module, line=node.lineno, eager=eager)
            return
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            children: list[ast.AST] = list(node.orelse)
        case _:
            children = [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr)]
    inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    for child in children:
        yield from _imports(child, eager=eager and not inside)
