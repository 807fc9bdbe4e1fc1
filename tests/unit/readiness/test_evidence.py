"""What collects evidence: read calls and files, mutants, artifacts as they lie, digests."""

import ast
import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from nb2svc.ir.capture import InputFile
from nb2svc.readiness.checks.reproducible import judge_reproduction
from nb2svc.readiness.evidence.artifacts import observe_artifacts
from nb2svc.readiness.evidence.digests import subjects
from nb2svc.readiness.evidence.input_data import observe_input_data
from nb2svc.readiness.evidence.read_calls import read_calls, unknown_call
from nb2svc.readiness.evidence.retraining import observe_reproduction
from nb2svc.readiness.mutants.constants import answer_mutants, constant_mutants
from nb2svc.readiness.mutants.training import halved, unseeded
from unit.readiness.worlds import make_outline, reading, statement

# --- read calls


def calls(world, source: str, *, names=("loans.csv",), kind: str = "file_read", detail: str = "pandas.read_csv"):
    effects = tuple(replace(effect, detail=detail) for effect in reading(kind))
    dataflow = replace(world.inputs.dataflow, statements=(statement(0, source, effects=effects, cell=2),), edges=())
    inputs = world.but(dataflow=dataflow, outline=make_outline((0,)))
    return [(call.source, call.file or call.origin) for call in read_calls(inputs, names=names)]


@pytest.mark.parametrize(
    ("source", "names", "file"),
    [
        ('pd.read_csv("loans.csv")', ("loans.csv",), "loans.csv"),
        ('pd.read_csv("../data/loans.csv")', ("loans.csv", "x.csv"), "loans.csv"),
        ('pd.read_csv(f"{DATA}/loans.csv")', ("data/loans.csv", "data/x.csv"), "data/loans.csv"),
        ('pd.concat(pd.read_csv(p) for p in Path("data").glob("*.csv"))', ("data/a.csv", "data/b.csv"), "data/a.csv, data/b.csv"),
        ("pd.read_csv(paths[0])", ("a.csv",), "a.csv"),
        ('pd.read_csv("other.csv")', ("loans.csv",), ""),
        ("pd.read_csv(paths[0])", (), ""),
        ('pd.read_sql("select 1 from loans", connection)', ("bank.sqlite",), "bank.sqlite"),
    ],
)
def test_a_read_call_is_matched_with_a_recorded_file(world, source, names, file) -> None:
    assert calls(world, source, names=names) == [("file", file)]


@pytest.mark.parametrize("source", ['paths = glob.glob("*.csv")', 'names = os.listdir("data")'])
def test_listing_is_no_reading(world, source) -> None:
    assert calls(world, source) == []


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ('pd.read_csv("https://example.org/loans.csv")', "file_read"),
        ('pd.read_parquet("s3://bucket/loans.parquet")', "file_read"),
        ("requests.get(address)", "network"),
        ('pd.read_sql("select 1 from loans", connection)', "file_read"),
    ],
)
def test_what_comes_over_the_network_is_remote(world, source, kind) -> None:
    assert calls(world, source, kind=kind) == [("remote", "")]


def test_bundled_data_is_named_with_its_distribution(world) -> None:
    found = calls(world, "X, y = load_diabetes(return_X_y=True)", detail="sklearn.datasets.load_diabetes")
    assert found == [("library", "scikit-learn 1.9.1")]
    assert calls(world, "X = fetch_openml(name)", kind="network", detail="sklearn.datasets.fetch_openml") == [("remote", "")]


def test_a_path_behind_a_name_is_found_through_the_dataflow(world) -> None:
    data = observe_input_data(world.inputs)
    assert [(call.where, call.file) for call in data.calls] == [("cell 2, line 1", "loans.csv")]
    assert unknown_call(world.inputs, names=("loans.csv",)).file == ""


def test_reads_outside_the_training_slice_do_not_count(world) -> None:
    assert observe_input_data(world.but(outline=make_outline((0, 1, 3)))).calls == ()


def test_a_file_from_elsewhere_is_told_without_its_folder(world, tmp_path_factory) -> None:
    away = tmp_path_factory.mktemp("secret-customer") / "away.csv"
    away.write_text("a\n1\n")
    inputs = world.capture(inputs=(InputFile(path=str(away), sha256="0" * 64, size=4),))
    assert [file.name for file in observe_input_data(inputs).files] == ["away.csv"]


def test_a_missing_file_is_a_problem_and_not_a_crash(world) -> None:
    (world.root / "loans.csv").unlink()
    assert observe_input_data(world.inputs).files[0].problem == "No such file or directory"


def test_without_files_the_captured_raw_value_is_read_again(world) -> None:
    data = observe_input_data(world.capture(inputs=()))
    assert [(pin.name, pin.pinned == pin.reread) for pin in data.kept] == [("the raw value loans", True)]


# --- mutants


def edits(source: str, mutants) -> list[str]:
    """The lines that a mutant changed, each still Python."""
    changed = []
    for mutant in mutants:
        ast.parse(mutant.source)
        pairs = zip(source.splitlines(), mutant.source.splitlines(), strict=True)
        changed += [new.strip() for old, new in pairs if old != new]
    return changed


def test_constants_are_perturbed_the_most_telling_first() -> None:
    source = '''import numpy as np

LIMIT = 3


def f(loans, state, size=2):
    """Ärger: 5 columns."""
    loans["ä"] = (loans["é"] - 40) / 30.0
    loans["n"] = loans["n"].fillna(0).round(2)
    loans["m"] = loans["m"].fillna(state.m_mean(lambda: loans["m"].mean()))
    X = loans.sum(axis=1).sample(5, random_state=4)
    return pd.Series(loans["p"] > 0.4).map({True: "High", False: "Low"}), X.iloc[:, 3 - 1]
'''
    assert edits(source, constant_mutants("features.py", source)) == [
        'loans["ä"] = (loans["é"] - 40.04) / 30.0',
        'loans["ä"] = (loans["é"] - 40) / 30.03',
        'loans["n"] = loans["n"].fillna(1).round(2)',
        'loans["n"] = loans["n"].fillna(0).round(5)',
        "X = loans.sum(axis=1).sample(11, random_state=4)",
        'return pd.Series(loans["p"] > 1.8).map({True: "High", False: "Low"}), X.iloc[:, 3 - 1]',
        'loans["m"] = loans["m"].fillna((state.m_mean(lambda: loans["m"].mean()) * 1.01))',
        'return pd.Series(loans["p"] > 0.4).map({True: \'High?\', False: "Low"}), X.iloc[:, 3 - 1]',
        'return pd.Series(loans["p"] > 0.4).map({True: "High", False: \'Low?\'}), X.iloc[:, 3 - 1]',
    ]


def test_code_without_constants_still_has_a_mutant() -> None:
    source = "def answer(images, model, state):\n    digit = model.predict(images)\n    return digit\n"
    assert edits(source, answer_mutants("model.py", source)) == ["digit = model.predict(images)[::-1]"]


def test_an_edit_is_described_with_its_line() -> None:
    source = "def f(x, state):\n    return x / 30\n"
    assert next(constant_mutants("loans/features.py", source)).description == "30 → 30.03 in loans/features.py, line 2"


def test_seeds_go_before_rows_do() -> None:
    source = (
        "def train(state):\n"
        "    np.random.seed(7)\n"
        "    a, b, c, d = train_test_split(X, y, random_state=seed, shuffle=True)\n"
        "    model = Forest(random_state=0, n_jobs=2).fit(a, c, sample_weight=w)\n"
        "    return model\n"
    )
    mutants = [*unseeded("loans/training.py", source), *halved("loans/training.py", source)]
    assert [mutant.description for mutant in mutants] == [
        "seeds removed in loans/training.py, line 2, 3, 4",
        "every second training row left out in loans/training.py, line 4",
    ]
    assert edits(source, mutants) == [
        "np.random.seed(None)",
        "a, b, c, d = train_test_split(X, y, random_state=None, shuffle=True)",
        "model = Forest(random_state=None, n_jobs=2).fit(a, c, sample_weight=w)",
        "model = Forest(random_state=0, n_jobs=2).fit((a)[::2], (c)[::2], sample_weight=(w)[::2])",
    ]


def test_unseeded_training_has_only_the_rows_to_spoil() -> None:
    source = "def train(state):\n    return Line(random_state=None).fit(X, y)\n"
    assert list(unseeded("t.py", source)) == []
    assert edits(source, halved("t.py", source)) == ["return Line(random_state=None).fit((X)[::2], (y)[::2])"]


# --- reproduction, artifacts, digests


def test_switched_off_training_says_so(world) -> None:
    run = observe_reproduction(world.but(retrain=False))
    assert (run.retrain, run.reason) == (None, "it was switched off")


def test_cells_that_nothing_needs_are_named(world) -> None:
    run = observe_reproduction(world.but(outline=make_outline((0, 1, 2))))
    assert run.unused == ("cell 3 (model = Line().fit(loans))",)
    assert observe_reproduction(world.but(outline=None)).unused == ()


def test_artifacts_are_listed_as_they_lie(world) -> None:
    folder = world.inputs.package_dir / "artifacts"
    (folder / "stray.pkl").write_bytes(b"\x80\x04.")
    (folder / "odd.bin").write_bytes(b"\x80\x05.")
    (folder / "state.json").unlink()
    seen = observe_artifacts(world.but(capture=None))
    assert {file.name: file.pickled for file in seen.files} == {"model.skops": False, "odd.bin": True, "stray.pkl": True}
    assert seen.absent == ("state.json",)
    assert seen.load is None


def test_artifacts_without_a_manifest_are_a_problem(world) -> None:
    (world.inputs.package_dir / "artifacts" / "manifest.json").write_text("[]")
    assert observe_artifacts(world.inputs).problem == "the manifest can't be read (TypeError)"


def test_an_interpreter_that_is_gone_loads_nothing(world) -> None:
    seen = observe_artifacts(world.capture(interpreter="/nowhere/python"))
    assert seen.load is not None
    assert not seen.load.loaded
    assert seen.load.error == "its process could not be started"


def test_evidence_is_bound_to_these_subjects(world) -> None:
    before = subjects(world.inputs)
    assert set(before) == {"notebook", "notebook_file", "data", "features", "model", "state", "code", "project", "validation"}
    features = world.inputs.package_dir / "features.py"
    features.write_text(features.read_text() + "# edited\n")
    after = subjects(world.inputs)
    assert {name for name in before if before[name] != after[name]} == {"features", "code", "project"}
    assert subjects(world.but(capture=None)).keys() == {
        "notebook",
        "notebook_file",
        "features",
        "model",
        "state",
        "code",
        "project",
        "validation",
    }


def test_every_artifact_and_every_file_is_a_subject_but_for_what_running_makes(world) -> None:
    def changed(path: Path) -> set[str]:
        before = subjects(world.inputs)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("another\n")
        after = subjects(world.inputs)
        return {name for name in after if before[name] != after[name]}

    artifacts = world.inputs.package_dir / "artifacts"
    assert changed(artifacts / "prices.npz") == {"state", "project"}
    assert changed(next(artifacts.glob("model*"))) == {"model", "project"}
    assert changed(world.inputs.project_dir / "README.md") == {"project"}
    for ours in ("READINESS.md", "readiness.json", ".nb2svc-manifest.json", "tests/__pycache__/a.pyc", ".pytest_cache/x"):
        assert changed(world.inputs.project_dir / ours) == set()


def test_the_page_of_the_run_is_evidence_by_its_digest(world) -> None:
    digest = hashlib.sha256(b"<html>").hexdigest()
    inputs = world.but(capture=replace(world.inputs.capture, page=digest))
    page = Path(world.inputs.capture.folder) / "executed.html"
    missing = ("the executed notebook", "its page is not there as the run left it")
    assert missing in judge_reproduction(observe_reproduction(inputs)).details
    page.write_text("<html>altered")
    assert missing in judge_reproduction(observe_reproduction(inputs)).details
    page.write_text("<html>")
    assert observe_reproduction(world.inputs).page is None
    outcome = judge_reproduction(observe_reproduction(inputs))
    assert missing not in outcome.details
    ((path, told),) = outcome.files
    assert told == digest
    assert (world.inputs.notebook_dir / path) == page.resolve()


def test_assessing_imports_nothing_heavy() -> None:
    code = "import sys, json, nb2svc.readiness.assess; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
    assert not {"numpy", "pandas", "sklearn", "skops", "jsonschema", "rich", "jinja2"} & set(loaded)
