"""The examples: they run as they are, they build, and every part of the proof holds."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "example_notebooks"
TIDY = ("credit_risk", "diabetes_progression", "digits")
MESSY = "messy_car_price"
SCRIPT = "breast_cancer_screening"
NAMES = (*TIDY, MESSY, SCRIPT)
ORACLES = ("predictions", "inputs")


def read(example: str) -> dict:
    return json.loads((EXAMPLES / f"{example}.ipynb").read_text(encoding="utf-8"))


def make_ledger(folder: Path, *arguments: str) -> dict[str, bytes]:
    subprocess.run(
        [sys.executable, str(EXAMPLES / "make_ledger.py"), "--out", str(folder), *arguments], check=True, capture_output=True
    )
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


def code_cells(example: str) -> list[dict]:
    return [cell for cell in read(example)["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("example", TIDY)
def test_a_notebook_is_committed_without_outputs(example: str) -> None:
    assert [cell["id"] for cell in code_cells(example) if cell["outputs"] or cell["execution_count"] is not None] == []


def test_the_messy_notebook_is_as_its_author_left_it() -> None:
    cells = code_cells(MESSY)
    counts = [cell["execution_count"] for cell in cells]
    tagged = [cell for cell in cells if cell["source"][0].startswith("# nb2svc:") or "tags" in cell["metadata"]]
    assert len(cells) >= 30
    assert len(tagged) == 3
    assert len([cell for cell in cells if cell["outputs"]]) > 20
    assert [number for number, count in enumerate(counts[:-1]) if count > counts[number + 1]] == [19]
    assert len(json.dumps(read(MESSY))) < 50_000


@pytest.mark.parametrize("example", [*TIDY, MESSY])
def test_a_notebook_runs_top_to_bottom(example: str, workspace, tmp_path: Path) -> None:
    import papermill

    notebook = workspace(example)
    papermill.execute_notebook(str(notebook), str(tmp_path / "out.ipynb"), cwd=str(notebook.parent), progress_bar=False)


def test_a_script_is_plain_python_that_runs_without_a_notebook(workspace) -> None:
    script = workspace(SCRIPT)
    environment = {**os.environ, "MPLBACKEND": "agg"}
    done = subprocess.run(
        [sys.executable, script.name], cwd=script.parent, capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr


def test_the_ledger_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    first, again, other = (
        make_ledger(tmp_path / name, "--applicants", "300", *seed)
        for name, seed in (("first", ()), ("again", ()), ("other", ("--seed", "12")))
    )
    assert first == again
    assert first.keys() == other.keys()
    assert all(first[name] != other[name] for name in first)


def test_a_missing_history_is_common_and_matters(ledger: Path) -> None:
    import pandas as pd

    applicants, transactions = pd.read_csv(ledger / "applicants.csv"), pd.read_csv(ledger / "transactions.csv")
    absent = ~applicants["applicant_id"].isin(transactions["applicant_id"])
    assert len(applicants) == 8000
    assert 0.15 < absent.mean() < 0.35
    assert applicants["defaulted"][absent].mean() > 1.5 * applicants["defaulted"][~absent].mean()
    assert (applicants["age"] < 18).sum() > 20
    assert applicants["income"].isna().mean() > 0.03


@pytest.mark.parametrize("example", NAMES)
def test_an_example_builds_and_is_proved(example: str, built) -> None:
    readiness = json.loads((built(example).project / "readiness.json").read_text(encoding="utf-8"))
    statuses = {item["id"]: item["status"] for step in readiness["steps"] for item in step["items"]}
    assert len(statuses) == 61
    assert {name: statuses[name] for name in ("DAT-01", "DAT-03", "OPS-02", "GOV-03", "GOV-04")} == {
        "DAT-01": "pass", "DAT-03": "pass", "OPS-02": "pass", "GOV-03": "pass", "GOV-04": "pass",
    }  # fmt: skip


@pytest.mark.parametrize("example", NAMES)
def test_the_checklist_of_an_example_still_stands_after_the_build(example: str, built) -> None:
    made = built(example)
    done = made.run("ready", example, "--gate", "build", "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    now = json.loads(done.stdout)
    written = json.loads((made.project / "readiness.json").read_text(encoding="utf-8"))
    assert now["readiness"] == written
    (reproduced,) = (item for step in written["steps"] for item in step["items"] if item["id"] == "OPS-02")
    ((path, digest),) = reproduced["evidence"]["files"]
    page = (made.folder / path).read_bytes()
    assert hashlib.sha256(page).hexdigest() == digest
    assert b"__nb2svc__" not in page
    assert b"<script" not in page


@pytest.mark.parametrize("example", NAMES)
def test_a_project_stands_alone(example: str, built) -> None:
    project = built(example).project
    foreign = re.compile(r"^\s*(?:import|from)\s+nb2svc\b", re.MULTILINE)
    assert [str(path) for path in project.rglob("*.py") if foreign.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("example", NAMES)
def test_a_projects_own_tests_pass(example: str, built) -> None:
    done = built(example).run("test", example)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_hero_takes_an_applicant_with_their_transactions(built) -> None:
    project = built("credit_risk").project
    request = json.loads((project / "example.json").read_text(encoding="utf-8"))
    (row,) = request["rows"][:1]
    assert {"age", "income", "employment", "region", "loan_amount", "months_at_address", "transactions"} == set(row)
    assert {"when", "amount", "kind"} == set(row["transactions"][0])


def test_the_screening_takes_measurements_and_a_note(built) -> None:
    project = built(SCRIPT).project
    (row,) = json.loads((project / "example.json").read_text(encoding="utf-8"))["rows"][:1]
    assert len(row) == 11
    assert isinstance(row["note"], str)
    training = (project / SCRIPT / "training.py").read_text(encoding="utf-8")
    answer = (project / SCRIPT / "model.py").read_text(encoding="utf-8")
    assert "precision_recall_curve" in training
    assert "precision_recall_curve" not in answer


def test_what_only_looks_at_the_data_is_left_out(built) -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (built("credit_risk").project / "credit_risk").glob("*.py"))
    assert "matplotlib" not in code
    assert "describe" not in code
    assert "has_history" not in code


def test_of_the_messy_notebook_only_what_the_price_needs_is_moved(built) -> None:
    made = built(MESSY)
    features = (made.project / MESSY / "features.py").read_text(encoding="utf-8")
    code = "\n".join(path.read_text(encoding="utf-8") for path in (made.project / MESSY).glob("*.py"))
    assert not re.search(r"matplotlib|ExtraTrees|pickle|log_final|describe|\.head\(|\.info\(|corr", code)
    assert "df.drop_duplicates(inplace=True)" in features
    assert "pd.get_dummies(state.categories(final, [" in features
    row = json.loads((made.project / "example.json").read_text(encoding="utf-8"))["rows"][0]
    assert not {"Selling_Price", "Car_Name"} & row.keys()
    assert "cell 20 (plt.figure(figsize=(5, 4))) was run again after cell 21" in made.output


def test_the_demonstration(tmp_path: Path) -> None:
    environment = {**os.environ, "BENTOML_HOME": str(tmp_path / "bentoml")}
    command = [sys.executable, str(EXAMPLES / "demo.py"), "--folder", str(tmp_path / "demo")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=1800)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r'"prediction": "(High|Low) risk"', done.stdout)
    assert '"status": "refer"' in done.stdout
    assert "The API page" in done.stdout
