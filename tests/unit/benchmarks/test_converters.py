"""What other tools take for a script of the same notebook: each does its work, and the table says the ratio."""

import ast
import subprocess
from pathlib import Path

import pytest

from converters import YARDSTICK, Compared, command_lines, print_compared, run_quietly, warm_runs

NOTEBOOK = Path(__file__).parents[3] / "example_notebooks" / "diabetes_progression.ipynb"


def test_each_tool_makes_a_script_of_the_whole_notebook() -> None:
    nbconvert, jupytext, ours = [run() for run in warm_runs(NOTEBOOK).values()]
    for script in (nbconvert[0], jupytext):
        ast.parse(script)
        assert "model.fit(" in script
    assert ours.outline is not None


def test_the_commands_are_those_that_a_person_types() -> None:
    lines = command_lines(Path("a b.ipynb"), "out")
    assert list(lines) == [YARDSTICK, "jupytext --to py", "nb2svc --help", "nb2svc analyze", "nb2svc show --draft"]
    assert all(Path(words[0]).is_file() for words in lines.values())
    assert [tool for tool, words in lines.items() if "a b.ipynb" not in words] == ["nb2svc --help"]


def test_a_command_that_fails_is_not_timed() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        run_quietly(["false"])


def test_the_table_has_the_ratio_to_nbconvert(capsys: pytest.CaptureFixture[str]) -> None:
    small = Compared(name="small", warm={YARDSTICK: 4.0, "x": 2.0}, commands={YARDSTICK: 1000.0, "x": 250.0})
    long = Compared(name="long", warm={YARDSTICK: 100.0, "x": 150.0}, commands={YARDSTICK: 1000.0, "x": 1100.0})
    print_compared((small, long))
    rows = [
        line.replace("\N{MULTIPLICATION SIGN}", "").split()
        for line in capsys.readouterr().out.splitlines()
        if line.startswith("x")
    ]
    assert rows == [["x", "2.0", "0.50", "150.0", "1.50"], ["x", "250.0", "0.25", "1100.0", "1.10"]]
