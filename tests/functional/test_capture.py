"""One real run: papermill, a kernel, the recorder in it. It serves many assertions."""

import hashlib
import json
import pickle
import re
import stat
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from functional.capture_runs import notebook_file, settings_of
from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.analysis.keep import keep_points
from nb2svc.analysis.outline import build_outline
from nb2svc.capture.cache import load_capture
from nb2svc.capture.driver import CellProgress, run_notebook
from nb2svc.capture.observe import observe
from nb2svc.errors import InternalError
from nb2svc.ir.capture import Capture
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.outline import Outline
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
    printed: tuple[tuple[int, str], ...]

    def value(self, kind: Any, label: str | None = None) -> Any:
        """A kept value; classes of the notebook are looked for in `__main__`, so only plain ones."""
        kept = self.capture.find(kind, label)
        assert kept is not None
        assert kept.problem == ""
        return pickle.loads((Path(self.capture.folder) / kept.file).read_bytes())


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
    printed: list[tuple[int, str]] = []
    before = path.read_bytes()
    settings = settings_of(parameters=(("floor", "20"),), progress=told.append, output=lambda *said: printed.append(said))
    points = keep_points(dataflow, outline)
    capture = run_notebook(notebook, dataflow, outline, points, settings=settings)
    assert path.read_bytes() == before, "the author's file is never touched"
    return Ran(
        capture=capture,
        notebook=notebook,
        dataflow=dataflow,
        outline=outline,
        folder=folder,
        told=tuple(told),
        printed=tuple(printed),
    )


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


def test_what_cells_print_is_told_as_it_comes(ran: Ran) -> None:
    shown = {number: "".join(text for cell, text in ran.printed if cell == number) for number in (3, 5, 7)}
    assert "mean" in shown[3], "the table that describe() shows"
    assert shown[5] == "age\nincome\n"
    assert float(shown[7].splitlines()[-1]) < 1
    assert {cell for cell, _ in ran.printed} == {3, 4, 5, 6, 7}, (
        "the model shows itself, %%time prints; of our own cells nothing is told"
    )


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


def test_a_page_of_it_shows_the_authors_cells_only(ran: Ran) -> None:
    path = Path(ran.capture.folder) / "executed.html"
    page = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "All cells ran, from the top" in page
    assert "%%nb2svc feature" in re.sub(r"<[^>]*>", "", page)
    assert "__nb2svc__" not in page
    assert "<script" not in page


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
    # The run that was made again lies in the same folder; its generators stood elsewhere.
    capture = load_capture(Path(ran.capture.folder))
    observation = observe(capture, ran.notebook, ran.dataflow, ran.outline)
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
