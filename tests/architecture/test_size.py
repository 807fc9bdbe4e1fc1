"""Files and functions that fit in a head."""

import ast

import pytest

from architecture.source_tree import EXTENSION, ROOT, committed, python_files, short, tree_of

FILE_LINES = 400
FUNCTION_LINES = 60
FORBIDDEN_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"})


def long_files(lines_by_file: dict[str, int]) -> list[str]:
    return [f"{name}: {lines} lines" for name, lines in lines_by_file.items() if lines > FILE_LINES]


def long_functions(name: str, tree: ast.Module) -> list[str]:
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    lengths = ((node, (node.end_lineno or node.lineno) - node.lineno + 1) for node in functions)
    return [f"{name}:{node.lineno} {node.name}: {lines} lines" for node, lines in lengths if lines > FUNCTION_LINES]


def test_no_file_is_too_long() -> None:
    files = python_files(ROOT / "src", EXTENSION, ROOT / "tests", ROOT / "benchmarks", ROOT / "example_notebooks")
    assert long_files({short(path): path.read_text(encoding="utf-8").count("\n") for path in files}) == []


def test_no_function_is_too_long() -> None:
    files = python_files(ROOT / "src", EXTENSION, ROOT / "benchmarks", ROOT / "example_notebooks")
    assert [line for path in files for line in long_functions(short(path), tree_of(path))] == []


def test_no_file_is_named_for_nothing() -> None:
    assert [short(path) for path in committed() if FORBIDDEN_NAMES & {path.stem, *path.relative_to(ROOT).parts}] == []


@pytest.mark.parametrize(("lines", "found"), [(60, 0), (61, 1)])
def test_the_limit_of_a_function_bites(lines: int, found: int) -> None:
    tree = ast.parse("def long():\n" + "    pass\n" * (lines - 1))
    assert len(long_functions("x.py", tree)) == found


def test_the_limit_of_a_file_bites() -> None:
    assert long_files({"a.py": FILE_LINES, "b.py": FILE_LINES + 1}) == ["b.py: 401 lines"]
