"""Real runs: papermill, a kernel, the recorder in it. One good run serves many assertions; each failure needs its own."""

import hashlib
import json
import os
import pickle
import signal
import stat
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.analysis.keep import keep_points
from nb2svc.analysis.outline import build_outline
from nb2svc.capture.cache import load_capture
from nb2svc.capture.driver import CellProgress, RunSettings, run_notebook
from nb2svc.capture.observe import observe
from nb2svc.errors import EnvironmentProblem, InternalError, Nb2svcError, RunError, UsageError
from nb2svc.ir.capture import Capture, KeepPoint
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.outline import ModelUse, Outline, Slice
from nb2svc.read.notebook import parse_notebook

pytestmark = pytest.mark.kernel

CELLS = [
    "%load_ext nb2svc\nfloor = 18\nseed = 0",
    """import random
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from units import thousands

loans = pd.read_csv("loans.csv")
class Scale:
    def __call__(self, x):
        return x / 10
scale = Scale()""",
    """%%nb2svc feature applicant
# adults only
loans = loans[loans["age"] >= floor]; loans = loans.copy()
loans["income"] = thousands(loans["income"].fillna(loans["income"].mean()))
X = loans[["age", "income"]]  # both
X.describe()""",
    "# nb2svc: model output=risk\nmodel = LogisticRegression()\nmodel.fit(X, loans['late'])",
    "risk = model.predict_proba(X)[:, 1]\nfor column in X:\n    print(column)\n%matplotlib inline\nX['age'] = 0",
    "%%time\n# nb2svc: check spread\nspread = float(risk.std())\nassert spread >= 0",
    "pd.DataFrame({'risk': risk}).to_csv('out.csv')\npd.read_csv('out.csv')\nrandom.random()",
]
ROWS = "age,income,late\n" + "\n".join(f"{age},{'' if age % 7 == 0 else age * 100},{age % 2}" for age in range(15, 60)) + "\n"


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A finished run, the folder it ran in, and what was told while it ran."""

    capture: Capture
    notebook: Notebook
    dataflow: Dataflow
    outline: Outline
    folder: Path
    told: tuple[CellProgress, ...]

    def value(self, kind: Any, label: str | None = None) -> Any:
        """A kept value; classes of the notebook are looked for in `__main__`, so only plain ones."""
        kept = self.capture.find(kind, label)
        assert kept is not None
        assert kept.problem == ""
        return pickle.loads((Path(self.capture.folder) / kept.file).read_bytes())


def notebook_file(folder: Path, cells: list[str], *, tags: dict[int, list[str]] | None = None, kernel: str = "python3") -> Path:
    folder.mkdir(exist_ok=True)
    document = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"id-{number}",
                "metadata": {"tags": (tags or {}).get(number, [])},
                "outputs": [],
                "source": source,
            }
            for number, source in enumerate(cells, start=1)
        ],
        "metadata": {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = folder / "loans.ipynb"
    path.write_text(json.dumps(document))
    return path


def settings_of(**options: Any) -> RunSettings:
    return RunSettings(**{"timeout": 120.0, **options})


def run_plain(path: Path, *points: KeepPoint, **options: Any) -> Capture:
    """Run a notebook without tags."""
    notebook, _ = parse_notebook(path.read_bytes(), path=str(path))
    nothing = Slice(target="", statements=())
    model = ModelUse(
        estimator="m", fit=0, fit_input=None, fit_target=None, method="predict", predict=None, predict_call=None,
        predict_input=None, output=None, output_statement=0,
    )  # fmt: skip
    outline = Outline(raws=(), model=model, checks=(), parts=(), serving=nothing, training=nothing)
    return run_notebook(notebook, build_dataflow(notebook), outline, points, settings=settings_of(**options))


def failing(path: Path, **options: Any) -> Nb2svcError:
    """The error of a run; nothing of a capture may be left, and no kernel."""
    before = path.read_bytes()
    with pytest.raises(Nb2svcError) as caught:
        run_plain(path, **options)
    assert path.read_bytes() == before
    home = path.parent / ".nb2svc" / "loans"
    assert {entry.name for entry in home.iterdir()} <= {"failed"} if home.exists() else True
    assert kernels_in(path.parent) == []
    return caught.value


def kernels_in(folder: Path) -> list[int]:
    """Processes that live in a folder, this one left out."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == folder and int(entry.name) != os.getpid():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("good") / "work {x}"
    path = notebook_file(folder, CELLS, tags={1: ["parameters"]})
    (folder / "loans.csv").write_text(ROWS)
    (folder / "units.py").write_text("def thousands(x):\n    return x / 1000\n")
    notebook, _ = parse_notebook(path.read_bytes(), path=str(path))
    dataflow = build_dataflow(notebook)
    outline, findings = build_outline(notebook, dataflow)
    assert outline is not None, findings
    told: list[CellProgress] = []
    before = path.read_bytes()
    settings = settings_of(parameters=(("floor", "20"),), progress=told.append)
    points = keep_points(dataflow, outline)
    capture = run_notebook(notebook, dataflow, outline, points, settings=settings)
    assert path.read_bytes() == before, "the author's file is never touched"
    return Ran(capture=capture, notebook=notebook, dataflow=dataflow, outline=outline, folder=folder, told=tuple(told))


def test_values_are_those_of_their_moment(ran: Ran) -> None:
    raw = ran.value("raw", "loans")
    assert len(raw) == 45
    assert raw["income"].isna().any(), "as loaded, before the feature cell changed it"
    X = ran.value("predict_input")
    assert X["age"].min() == 20, "the parameter was injected, and the later X['age'] = 0 is not seen"
    assert len(ran.value("fit_target")) == len(X)
    assert (ran.value("fit_input") == X).all().all()
    assert ran.value("output", "risk").tolist() == ran.value("estimator").predict_proba(X)[:, 1].tolist()


def test_every_point_has_an_answer(ran: Ran) -> None:
    assert [kept.label for kept in ran.capture.kept] == [point.label for point in ran.capture.points]
    assert {kept.problem for kept in ran.capture.kept} == {""}
    for kept in ran.capture.kept:
        path = Path(ran.capture.folder) / kept.file
        assert hashlib.sha256(path.read_bytes()).hexdigest() == kept.sha256
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_the_run_read_and_under_which_versions(ran: Ran) -> None:
    import pandas as pd
    import sklearn

    assert [item.path for item in ran.capture.inputs] == ["loans.csv", "units.py"], "not what the notebook wrote itself"
    assert ran.capture.inputs[0].sha256 == hashlib.sha256(ROWS.encode()).hexdigest()
    assert ran.capture.inputs[0].size == len(ROWS)
    versions = dict(ran.capture.versions)
    assert (versions["pandas"], versions["scikit-learn"]) == (pd.__version__, sklearn.__version__)
    assert dict(ran.capture.modules) == {"numpy": "numpy", "pandas": "pandas", "sklearn": "scikit-learn", "units": ""}
    assert ran.capture.python == ".".join(map(str, sys.version_info[:3]))
    assert Path(ran.capture.interpreter).exists()
    assert ran.capture.cwd == str(ran.folder)


def test_numbers_of_check_cells_are_metrics(ran: Ran) -> None:
    assert dict(ran.capture.metrics) == {"spread": pytest.approx(float(ran.value("output").std()))}


def test_progress_names_each_cell(ran: Ran) -> None:
    assert [(told.state, told.number) for told in ran.told] == [(state, n) for n in range(1, 8) for state in ("started", "ended")]
    assert ran.told[4].title == 'cell 3 "applicant"'
    assert {told.total for told in ran.told} == {7}
    assert [told.seconds for told in ran.told] == sorted(told.seconds for told in ran.told)


def test_the_capture_is_private_and_read_as_written(ran: Ran) -> None:
    folder = Path(ran.capture.folder)
    assert folder == ran.folder / ".nb2svc" / "loans" / ran.capture.digest[:12]
    assert load_capture(folder) == ran.capture
    assert {entry.name for entry in folder.parent.iterdir()} == {folder.name}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "executed.ipynb").stat().st_mode) == 0o600


def test_what_was_executed_shows_the_authors_outputs(ran: Ran) -> None:
    executed = json.loads((Path(ran.capture.folder) / "executed.ipynb").read_text())
    cells = {cell["id"]: cell for cell in executed["cells"]}
    assert cells["cell-3"]["source"][0].startswith("# %%nb2svc feature"), "the kernel need not know our magics"
    for identifier in ("cell-3", "cell-4"):
        kinds = [output["output_type"] for output in cells[identifier]["outputs"]]
        assert "execute_result" in kinds, "the last expression is displayed as ever"
    assert "input_path" not in executed["metadata"]["papermill"]
    names = " ".join("".join(cell["source"]) for cell in executed["cells"])
    assert "__nb2svc__.keep(" in names


def test_the_same_run_has_the_same_digest_and_another_parameter_another(ran: Ran) -> None:
    digests = set()
    for floor in ("20", "21"):
        again = run_notebook(
            ran.notebook, ran.dataflow, ran.outline, ran.capture.points, settings=settings_of(parameters=(("floor", floor),))
        )
        digests.add(again.digest)
    assert ran.capture.digest in digests
    assert len(digests) == 2
    assert load_capture(Path(ran.capture.folder)).digest == ran.capture.digest


def test_the_probe_answers_for_a_captured_run(ran: Ran) -> None:
    observation = observe(ran.capture, ran.notebook, ran.dataflow, ran.outline)
    request = json.loads((Path(ran.capture.folder) / "probe_request.json").read_text())
    assert request["target_names"][0] == "late"
    assert request["statements"][0]["source"] == "floor = 20", "as the run had it"
    assert observation.main.name == "loans"
    assert observation.target == "late"
    assert len(observation.selections) >= 1


def test_a_capture_that_was_tampered_with_is_not_unpickled(ran: Ran, tmp_path: Path) -> None:
    forged = replace(ran.capture, kept=tuple(replace(kept, sha256="0" * 64) for kept in ran.capture.kept))
    with pytest.raises(InternalError, match="changed after it was written") as caught:
        observe(forged, ran.notebook, ran.dataflow, ran.outline)
    assert "build again" in caught.value.fix


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
    assert "KeyError" in executed.read_text()
    assert not (executed.parent / "kept").exists(), "values of a failed run are of no use"


@pytest.mark.parametrize(
    ("cells", "what", "where", "fix"),
    [
        (["x = 1", "import sys\nsys.exit(0)", "y = 2"], "cell 2 (import sys) stopped the notebook: sys.exit(0)", "cell 2, line 2", "take that call out"),
        (["x = 1", "import os\nos._exit(0)", "y = 2"], "the kernel died while cell 2 (import os) ran", "cell 2", "more memory"),
        (["x = 1", "exit()"], "the kernel died after cell 2 (exit())", "cell 2", "check for exit()"),
        (["import yaml_of_nobody as y"], "cell 1 (import yaml_of_nobody as y) imports yaml_of_nobody, which the kernel does not have", "cell 1, line 1", "-m pip install yaml_of_nobody"),
        (["x = 1\nimport panadas"], "cell 1 (x = 1) imports panadas, which the kernel does not have", "cell 1, line 2", "did you mean pandas?"),
        (["open('loan.csv')"], "cell 1 (open('loan.csv')) reads loan.csv, which does not exist", "cell 1, line 1", "did you mean loans.csv?"),
        (["input('name? ')"], "cell 1 (input('name? ')) asks for input", "cell 1, line 1", "by -p"),
        (["%%time\nx = 1\ny = 1 / 0"], "cell 1 (%%time) failed: ZeroDivisionError: division by zero", "cell 1, line 3", "correct that line"),
        (["a = 1", "%%capture out\nx = 1\ny = 1 / 0", "b = 2"], "cell 2 (%%capture out) failed: ZeroDivisionError: division by zero", "cell 2, line 3", "correct that line"),
    ],
    ids=["exit 0", "killed", "exit", "module", "misspelt module", "file", "input", "time", "capture"],
)  # fmt: skip
def test_what_stops_a_run_has_a_place_and_a_remedy(tmp_path: Path, cells: list[str], what: str, where: str, fix: str) -> None:
    path = notebook_file(tmp_path, cells)
    (tmp_path / "loans.csv").write_text("age\n")
    error = failing(path)
    assert isinstance(error, RunError)
    assert (error.exit_code, error.what, error.where) == (4, what, f"loans.ipynb, {where}")
    assert fix in error.fix


def test_the_time_limit_is_for_the_whole_run(tmp_path: Path) -> None:
    path = notebook_file(tmp_path, ["import time", "time.sleep(0.1)", "# slow\nprint(1)\ntime.sleep(300)"])
    begin = time.monotonic()
    error = failing(path, timeout=2.0)
    assert time.monotonic() - begin < 30
    assert error.what == "the notebook ran longer than 2.0 s"
    assert (error.where, error.why) == ("loans.ipynb, cell 3", "cell 3 (# slow) was running")
    assert "--timeout" in error.fix


def test_a_cell_that_ignores_the_interrupt_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nb2svc.capture import engine

    monkeypatch.setattr(engine, "_GRACE", 1.0)
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
from functional.test_capture import run_plain
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
