"""Who imports what: pure stages stay pure, heavy libraries wait until they are needed, old Pythons can read what they run."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from architecture.source_tree import COMPILER, EXTENSION, OLD_PYTHON, PURE, RUNTIME, imports_of, python_files, short, tree_of

WORLD = frozenset({"os", "pathlib", "subprocess", "shutil", "tempfile", "socket", "urllib", "http", "glob"})
WORLD_CALLS = frozenset({"open", "input", "print", "exec", "eval", "__import__"})
HEAVY = frozenset(
    {
        "IPython", "bentoml", "ipykernel", "jinja2", "joblib", "jupyter_client", "matplotlib", "nbclient", "nbformat", "numpy",
        "pandas", "papermill", "pyarrow", "pydantic", "rich", "scipy", "skops", "sklearn", "starlette", "xgboost",
    }
)  # fmt: skip
# What the package is for: it may import it at once, since nobody imports the package at module level.
OWNERS = {
    "bento": frozenset({"bentoml"}),
    "capture": frozenset({"nbclient", "nbformat", "papermill"}),
    "codegen": frozenset({"jinja2"}),
    "validate": frozenset({"jupyter_client"}),
}


def impurities(name: str, tree: ast.Module) -> list[str]:
    """What a pure module does to the world or asks of it."""
    # `urllib.parse` only rewrites text.
    worldly = (found for found in imports_of(tree) if found.module.split(".")[0] in WORLD and found.module != "urllib.parse")
    modules = [f"{name}:{found.line} imports {found.module}" for found in worldly]
    calls = [
        f"{name}:{node.lineno} calls {node.func.id}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WORLD_CALLS
    ]
    return modules + calls


def eager_heavy(name: str, tree: ast.Module, *, allowed: frozenset[str] = frozenset()) -> list[str]:
    """Heavy libraries that come in as soon as the module does."""
    found = ((found, found.module.split(".")[0]) for found in imports_of(tree) if found.eager)
    return [f"{name}:{line.line} imports {top}" for line, top in found if top in HEAVY - allowed]


def too_new(name: str, source: str) -> list[str]:
    """What Python 3.9 can't read or run in a module."""
    try:
        tree = ast.parse(source, feature_version=(3, 9))
    except SyntaxError as error:
        return [f"{name}:{error.lineno} {error.msg}"]
    postponed = any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body)
    return [f"{name}:{line} {what}" for line, what in _new_calls(tree)] + (
        [] if postponed else [f"{name}:{line} | between types" for line in _unions(tree)]
    )


def _new_calls(tree: ast.Module) -> list[tuple[int, str]]:
    new = {"dataclass": {"slots", "kw_only"}, "zip": {"strict"}}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    keywords = [
        (node.lineno, f"{called}({keyword.arg}=)")
        for node in calls
        for called in [getattr(node.func, "id", getattr(node.func, "attr", ""))]
        for keyword in node.keywords
        if keyword.arg in new.get(called, ())
    ]
    unions = [
        (node.lineno, "isinstance(x, A | B)")
        for node in calls
        if getattr(node.func, "id", "") in ("isinstance", "issubclass")
        and isinstance(node.args[-1], ast.BinOp)
        and isinstance(node.args[-1].op, ast.BitOr)
    ]
    return keywords + unions


def _unions(tree: ast.Module) -> list[int]:
    annotations = [
        annotation
        for node in ast.walk(tree)
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if annotation is not None
    ]
    return [
        part.lineno
        for annotation in annotations
        for part in ast.walk(annotation)
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.BitOr)
    ]


def test_pure_stages_do_not_touch_the_world() -> None:
    files = python_files(*(COMPILER / stage for stage in PURE))
    assert files, "no pure stage was found: is this the right folder?"
    assert [line for path in files for line in impurities(short(path), tree_of(path))] == []


def test_heavy_libraries_wait() -> None:
    files = [path for path in python_files(COMPILER, EXTENSION) if not any(path.is_relative_to(old) for old in OLD_PYTHON)]
    found = [
        line
        for path in files
        for line in eager_heavy(short(path), tree_of(path), allowed=OWNERS.get(short(path).split("/")[2], frozenset()))
    ]
    assert found == []


def test_old_pythons_can_read_what_runs_in_them() -> None:
    files = python_files(*OLD_PYTHON)
    assert files
    assert [line for path in files for line in too_new(short(path), path.read_text(encoding="utf-8"))] == []


def test_the_runtime_and_the_probe_import_nothing_of_the_compiler() -> None:
    found = [
        f"{short(path)}:{line.line} {line.module}"
        for path in python_files(*OLD_PYTHON)
        for line in imports_of(tree_of(path))
        if line.module.split(".")[0] in ("nb2svc", "nb2svc_jupyter")
    ]
    assert found == []


@pytest.mark.parametrize("version", ["3.9", "3.13"])
def test_other_pythons_compile_it(version: str, tmp_path: Path) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} that starts, neither on the path nor among pyenv's")
    copied = tmp_path / "copied"
    for path in python_files(*OLD_PYTHON):
        target = copied / short(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    done = subprocess.run([python, "-m", "compileall", "-q", str(copied)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def interpreter(version: str) -> str | None:
    """An interpreter of that version that really starts, on the path or among pyenv's."""
    candidates = [shutil.which(f"python{version}"), *map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))]
    for candidate in filter(None, candidates):
        if subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0:
            return candidate
    return None


HELP = """
import contextlib, io, json, sys
import nb2svc
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    {action}
print(json.dumps(sorted({{name.split(".")[0] for name in sys.modules}})))
"""


@pytest.mark.parametrize("action", ["pass", "from nb2svc.cli.main import main; sys.argv = ['nb2svc', '--help']; main()"])
def test_nothing_heavy_comes_in_before_it_is_needed(action: str) -> None:
    done = subprocess.run([sys.executable, "-c", HELP.format(action=action)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert HEAVY & set(json.loads(done.stdout)) == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import os.path", ["x.py:1 imports os.path"]),
        ("def f():\n    from pathlib import Path", ["x.py:2 imports pathlib"]),
        ("text = open('a').read()", ["x.py:1 calls open"]),
        ("import ast\nimport re", []),
    ],
)
def test_what_touches_the_world_is_seen(source: str, found: list[str]) -> None:
    assert impurities("x.py", ast.parse(source)) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import pandas as pd", 1),
        ("try:\n    from sklearn.base import clone\nexcept ImportError:\n    pass", 1),
        ("class A:\n    import pandas", 1),
        ("class A:\n    def f(self):\n        import pandas", 0),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas", 0),
    ],
)
def test_what_is_heavy_is_seen(source: str, found: int) -> None:
    assert len(eager_heavy("x.py", ast.parse(source))) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("match x:\n    case 1:\n        pass", 1),
        ("def f(x: int | None) -> None: ...", 1),
        ("from __future__ import annotations\ndef f(x: int | None) -> None: ...", 0),
        ("@dataclass(frozen=True, slots=True)\nclass A: ...", 1),
        ("zip(a, b, strict=True)", 1),
        ("isinstance(x, int | str)", 1),
        ("isinstance(x, NUMBERS + (str,))", 0),
        ("from typing import Optional\ndef f(x: Optional[int]) -> None: ...", 0),
    ],
)
def test_what_is_too_new_is_seen(source: str, found: int) -> None:
    assert len(too_new("x.py", source)) == found


def test_the_runtime_folder_is_what_a_project_gets() -> None:
    relative = [
        f"{short(path)}:{node.lineno}"
        for path in python_files(RUNTIME)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("nb2svc_runtime")
    ]
    assert relative == [], "the folder is copied under another name (_nb2svc): import relatively"
