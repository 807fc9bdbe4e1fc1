"""Real runs that do not come to their end: what is told, and that nothing stays behind. Each needs a kernel of its own."""

import json
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from functional.capture_runs import failing, kernels_in, notebook_file, run_plain
from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.errors import EnvironmentProblem, RunError, UsageError
from nb2svc.ir.capture import KeepPoint
from nb2svc.read.notebook import parse_notebook

pytestmark = pytest.mark.kernel


def test_a_failing_cell_is_told_with_the_authors_line(tmp_path: Path) -> None:
    cells = [
        "def total(table):\n    return sum(table['ages'])",
        "# nb2svc: feature ages\nfor i in range(3):\n    pass\n@staticmethod\ndef g(): pass\nx = 1; y = total({'age': 3})  # here\nz = 2",
        "never = 1",
    ]
    path = notebook_file(tmp_path, cells)
    notebook, _ = parse_notebook(path.read_bytes(), path=str(path))
    statements = build_dataflow(notebook).statements
    points = [
        KeepPoint(kind="given", label=f"p{statement.number}", expression="1", statement=statement.number, when=when)
        for statement in statements
        for when in ("before", "after")
    ]
    with pytest.raises(RunError) as caught:
        run_plain(path, *points)
    error = caught.value
    assert error.what == "cell 2 \"ages\" failed: KeyError: 'ages'"
    assert error.where == "loans.ipynb, cell 2, line 6"
    assert error.why == "raised in cell 1 (def total(table):), line 2"
    assert "→ 6 │ x = 1; y = total({'age': 3})  # here" in error.details
    assert "__nb2svc__" not in error.details
    executed = Path(error.details.rsplit(": ", 1)[1])
    assert executed.name == "executed.html"
    page = executed.read_text()
    assert "KeyError" in page
    assert "The run stopped" in page
    assert "__nb2svc__" not in page
    assert not (executed.parent / "kept").exists(), "values of a failed run are of no use"


@pytest.mark.parametrize(
    ("cells", "what", "where", "fix"),
    [
        (["x = 1", "import sys\nsys.exit(0)", "y = 2"], "cell 2 (sys.exit(0)) stopped the notebook: sys.exit(0)", "cell 2, line 2", "take that call out"),
        (["x = 1", "import os\nos._exit(0)", "y = 2"], "the kernel died while cell 2 (os._exit(0)) ran", "cell 2", "more memory"),
        (["x = 1", "exit()"], "the kernel died after cell 2 (exit())", "cell 2", "check for exit()"),
        (["import yaml_of_nobody as y"], "cell 1 (import yaml_of_nobody as y) imports yaml_of_nobody, which the kernel does not have", "cell 1, line 1", "-m pip install yaml_of_nobody"),
        (["x = 1\nimport panadas"], "cell 1 (x = 1) imports panadas, which the kernel does not have", "cell 1, line 2", "did you mean pandas?"),
        (["open('loan.csv')"], "cell 1 (open('loan.csv')) reads loan.csv, which does not exist", "cell 1, line 1", "did you mean loans.csv?"),
        (["open('rates.csv')"], "cell 1 (open('rates.csv')) reads rates.csv, which does not exist", "cell 1, line 1", "python make_rates.py"),
        (["input('name? ')"], "cell 1 (input('name? ')) asks for input", "cell 1, line 1", "by -p"),
        (["x = 1", "assert x > 2, 'too small'"], "cell 2 (assert x > 2, 'too small') failed: AssertionError: too small", "cell 2, line 1", "`# nb2svc: check NAME`"),
        (["%%time\nx = 1\ny = 1 / 0"], "cell 1 (x = 1) failed: ZeroDivisionError: division by zero", "cell 1, line 3", "correct that line"),
        (["a = 1", "%%capture out\nx = 1\ny = 1 / 0", "b = 2"], "cell 2 (x = 1) failed: ZeroDivisionError: division by zero", "cell 2, line 3", "correct that line"),
    ],
    ids=["exit 0", "killed", "exit", "module", "misspelt module", "file", "file of a script", "input", "assertion", "time", "capture"],
)  # fmt: skip
def test_what_stops_a_run_has_a_place_and_a_remedy(tmp_path: Path, cells: list[str], what: str, where: str, fix: str) -> None:
    path = notebook_file(tmp_path, cells)
    (tmp_path / "loans.csv").write_text("age\n")
    (tmp_path / "make_rates.py").write_text("rates.to_csv('rates.csv')\n")
    error = failing(path)
    assert isinstance(error, RunError)
    assert (error.exit_code, error.what, error.where) == (4, what, f"loans.ipynb, {where}")
    assert fix in error.fix


def test_the_time_limit_is_for_the_whole_run(tmp_path: Path) -> None:
    path = notebook_file(tmp_path, ["import time", "time.sleep(0.1)", "# slow\nprint(1)\ntime.sleep(300)"])
    # The first cells come to their end within it, also on a busy machine.
    error = failing(path, timeout=8.0)
    assert error.what == "the notebook ran longer than 8.0 s"
    assert (error.where, error.why) == ("loans.ipynb, cell 3", "cell 3 (# slow) was running")
    assert "--timeout" in error.fix


def test_a_cell_that_ignores_the_interrupt_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nb2svc.capture import engine

    monkeypatch.setattr(engine, "_GRACE", ((signal.SIGINT, 1.0), (signal.SIGTERM, 1.0)))
    path = notebook_file(
        tmp_path, ["import time\nwhile True:\n    try:\n        time.sleep(300)\n    except KeyboardInterrupt:\n        pass"]
    )
    error = failing(path, timeout=1.0)
    assert error.what == "the notebook ran longer than 1.0 s"


def test_a_module_beside_the_notebook_hints_at_the_folder(tmp_path: Path) -> None:
    path = notebook_file(tmp_path / "work", ["import units"])
    (tmp_path / "work" / "units.py").write_text("")
    (tmp_path / "other").mkdir()
    error = failing(path, cwd=str(tmp_path / "other"))
    assert error.why == f"it lies beside the notebook, but the run was in {tmp_path / 'other'}"
    assert error.fix == f"run it there: --cwd {tmp_path / 'work'}"
    assert run_plain(path).cwd == str(tmp_path / "work")


def test_cells_that_may_fail_and_cells_that_are_skipped(tmp_path: Path) -> None:
    cells = ["1 / 0", "", "raise SystemExit", "done = 1"]
    path = notebook_file(tmp_path, cells, tags={1: ["raises-exception"], 3: ["skip-execution"]})
    point = KeepPoint(kind="given", label="done", expression="done", statement=2, when="after")
    assert run_plain(path, point).kept[0].problem == ""


def test_values_that_can_not_be_kept_are_told_not_raised(tmp_path: Path) -> None:
    path = notebook_file(tmp_path, ["rows = (i for i in range(3))\nx = 1", "%reset -f", "y = 2"])
    points = [
        KeepPoint(kind="given", label=name, expression=name, statement=number, when="after")
        for number, name in enumerate(["rows", "x", "y"])
    ]
    capture = run_plain(path, *points)
    assert "can't be pickled" in capture.kept[0].problem
    assert [kept.problem for kept in capture.kept[1:]] == ["", ""], "the recorder outlives %reset"


@pytest.mark.parametrize("value", ['it\'s "q" \\n', "{x} % ü\n日本"])
def test_a_text_parameter_arrives_unchanged(tmp_path: Path, value: str) -> None:
    path = notebook_file(tmp_path, ["name = 'x'", "kept = name"], tags={1: ["parameters"]})
    capture = run_plain(
        path, KeepPoint(kind="given", label="kept", expression="kept", statement=1, when="after"), parameters=(("name", value),)
    )
    assert pickle.loads((Path(capture.folder) / capture.kept[0].file).read_bytes()) == value
    assert capture.parameters == (("name", repr(value)),)


def test_settings_that_are_wrong_stop_before_anything_runs(tmp_path: Path) -> None:
    path = notebook_file(tmp_path, ["x = 1"])
    with pytest.raises(UsageError, match="no folder"):
        run_plain(path, cwd=str(tmp_path / "gone"))
    with pytest.raises(UsageError, match="no parameters cell"):
        run_plain(path, parameters=(("x", "2"),))
    with pytest.raises(EnvironmentProblem, match="there is no kernel pyhton3") as caught:
        run_plain(path, kernel="pyhton3")
    assert caught.value.fix == "use --kernel python3"
    assert "python3" in caught.value.why
    assert not (tmp_path / ".nb2svc").exists()


def test_a_kernel_that_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, command in (
        ("gone", ["/no/such/python"]),
        ("broken", [sys.executable, "-c", "print('no ipykernel here'); raise SystemExit(1)"]),
    ):
        folder = tmp_path / "jupyter" / "kernels" / name
        folder.mkdir(parents=True)
        (folder / "kernel.json").write_text(
            json.dumps({"argv": [*command, "{connection_file}"], "display_name": name, "language": "python"})
        )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    path = notebook_file(tmp_path / "work", ["x = 1"])
    for name, details in (("gone", ""), ("broken", "no ipykernel here")):
        error = failing(path, kernel=name)
        assert isinstance(error, EnvironmentProblem)
        assert error.what == f"the kernel {name} does not start"
        assert details in error.details
        assert "kernelspec list" in error.fix


INTERRUPTED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from functional.capture_runs import run_plain
run_plain(Path(sys.argv[2]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_an_interrupted_run_leaves_no_kernel_and_no_capture(tmp_path: Path, number: signal.Signals) -> None:
    path = notebook_file(tmp_path / "work", ["open('here', 'w').close()\nimport time\ntime.sleep(300)"])
    command = [sys.executable, "-c", INTERRUPTED, str(Path(__file__).parents[1]), str(path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (tmp_path / "work" / "here").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(kernels_in(tmp_path / "work")) == 1
    process.send_signal(number)
    assert process.wait(60) != 0
    while kernels_in(tmp_path / "work") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert kernels_in(tmp_path / "work") == []
    left = {entry.name for entry in (tmp_path / "work" / ".nb2svc" / "loans").iterdir()}
    assert all(name.startswith(".run-") for name in left)
    assert left == set() or number == signal.SIGKILL
    # Nothing that would be read, and the next run cleans up.
    path.write_text(path.read_text().replace("time.sleep(300)", "pass"))
    capture = run_plain(path)
    assert {entry.name for entry in (tmp_path / "work" / ".nb2svc" / "loans").iterdir()} == {Path(capture.folder).name}
