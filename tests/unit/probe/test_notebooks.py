"""Whole notebooks in small: child and lookup tables, a scaler outside a pipeline, arrays; tables, target, answer, oracles."""

import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nb2svc.capture.probe
from nb2svc.ir.codec import from_json
from nb2svc.ir.observation import Observation, Table
from unit.probe.notebooks import Case, build, observe, sha256
from unit.probe.test_features import frozen

LOANS = """import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
rng = np.random.RandomState(0)
n, m = 300, 900
applicants = pd.DataFrame({
    "applicant_id": 1000 + np.arange(n), "age": rng.randint(16, 80, n),
    "income": np.where(rng.rand(n) < 0.1, np.nan, rng.gamma(3, 1000, n).round(2)),
    "region": rng.choice(["north", "south", "east"], n), "note": "x", "defaulted": rng.randint(0, 2, n)})
transactions = pd.DataFrame({
    "applicant_id": 1000 + rng.randint(0, n * 3 // 4, m), "when": pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.randint(0, 300, m), "D"),
    "amount": rng.gamma(2, 50, m).round(2)})
regions = pd.DataFrame({"region": ["north", "south", "east"], "index": [1.5, 2.5, 0.5]})"""

HISTORY = """snapshot = transactions["when"].max()
history = transactions.groupby("applicant_id").agg(n=("amount", "size"), total=("amount", "sum"), last=("when", "max")).round({"total": 2})
history["days_since"] = (snapshot - history["last"]).dt.days  # recency, not the date itself"""

APPLICANT = """loans = applicants[applicants["age"] >= 18]  # adults only
loans = loans.merge(history.drop(columns="last"), on="applicant_id", how="left")
loans = loans.merge(regions, on="region", how="left")
loans["n"] = loans["n"].fillna(0)
loans[["total", "days_since"]] = loans[["total", "days_since"]].fillna(-1)
loans["income"] = loans["income"].fillna(loans["income"].mean())
X = pd.get_dummies(loans.drop(columns=["applicant_id", "defaulted", "note"]), columns=["region"])"""

MODEL = """X_train, X_test, y_train, y_test = train_test_split(X, loans["defaulted"], random_state=0)
model = RandomForestClassifier(5, random_state=0).fit(X_train, y_train)
risk = model.predict_proba(X_test)[:, 1]
decision = pd.Series(risk > 0.4).map({True: "High risk", False: "Low risk"})"""


def loans(folder: Path, *, history: str = HISTORY, applicant: str = APPLICANT, data: str = LOANS, **options: Any) -> Case:
    return build(
        folder, [data, history, applicant, MODEL], raws=["applicants", "transactions", "regions"], fit="RandomForestClassifier(5, random_state=0).fit",
        fit_input="X_train", fit_target="y_train", predict="model.predict_proba(X_test)", predict_input="X_test", method="predict_proba",
        output="decision", target_names=["defaulted"], **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Observation]:
    folder = tmp_path_factory.mktemp("loans")
    return folder, observe(loans(folder))


def table(observation: Observation, name: str) -> Table:
    return next(table for table in observation.tables if table.name == name)


def uses(table: Table) -> dict[str, str]:
    return {column.name: column.use for column in table.columns}


def test_frozen_expressions_of_the_example(example: tuple[Path, Observation]) -> None:
    _, observation = example
    assert observation.findings == ()
    assert frozen(observation) == [("state", "snapshot"), ("state", "income_mean"), ("R1", "region")]
    assert [str(rewrite.span) for rewrite in observation.rewrites] == ["cell 2, line 1", "cell 3, line 6", "cell 3, line 7"]


def test_tables_of_the_example(example: tuple[Path, Observation]) -> None:
    _, observation = example
    assert [(t.name, t.role, t.key, t.main_key) for t in observation.tables] == [
        ("applicants", "main", None, "applicant_id"),
        ("transactions", "child", "applicant_id", "applicant_id"),
        ("regions", "lookup", None, None),
    ]
    assert uses(observation.main) == {
        "applicant_id": "key", "age": "read", "income": "read", "region": "read", "note": "unused", "defaulted": "target",
    }  # fmt: skip
    assert observation.target == "defaulted"
    age, income, region = (next(c for c in observation.main.columns if c.name == name) for name in ("age", "income", "region"))
    assert (age.kind, age.low, age.nullable) == ("integer", 18, False)  # minors never reached the model input
    assert (income.kind, income.nullable) == ("float", True)
    assert region.values == ("east", "north", "south")
    when = next(c for c in table(observation, "transactions").columns if c.name == "when")
    assert when.kind == "datetime"
    assert str(when.low).startswith("2025-01-0")


def test_selections_of_the_example(example: tuple[Path, Observation]) -> None:
    _, observation = example
    adults, split = observation.selections
    assert [(c.column, c.operator, c.value) for c in adults.conditions] == [("age", ">=", 18)]
    assert (adults.operands, adults.targets) == (("applicants",), ("loans",))
    assert split.targets == ("X_train", "X_test", "y_train", "y_test")
    assert split.operands == ("X", "None", "None", "None")


def test_learned_values_and_oracles_of_the_example(example: tuple[Path, Observation]) -> None:
    folder, observation = example
    learned = {item.slot: item for item in observation.learned}
    assert json.loads(learned["region_categories__" + observation.rewrites[2].parts[1].slots[0].split("__")[1]].value) == [
        "east",
        "north",
        "south",
    ]
    rows = pickle.loads((folder / observation.oracles.fit_rows).read_bytes())
    kept = pickle.loads((folder / "kept" / "fit_input.pkl").read_bytes())
    raw = pickle.loads((folder / "kept" / "raw_applicants.pkl").read_bytes())
    assert raw["age"].iloc[rows].tolist() == kept["age"].tolist()
    assert dict(observation.oracles.sha256)["fit_rows"] == sha256(folder / observation.oracles.fit_rows)
    checkpoints = pickle.loads((folder / observation.oracles.checkpoints).read_bytes())
    ids, value = checkpoints[observation.rewrites[1].statement]["loans"]
    assert len(ids) == len(value) == observation.selections[0].rows_out
    assert value["age"].tolist() == raw["age"].iloc[ids].tolist()
    assert observation.estimator_rows == len(kept)


def test_answer_of_the_example(example: tuple[Path, Observation]) -> None:
    answer = example[1].answer
    assert (answer.kind, answer.container, answer.classes) == ("label", "series", (0, 1))
    assert answer.columns[:3] == ("age", "income", "n")
    assert dict(example[1].probes)["single"] >= 20


def test_the_probe_as_a_script(tmp_path: Path) -> None:
    case = loans(tmp_path)
    script = Path(nb2svc.capture.probe.__file__).parent / "__main__.py"
    done = subprocess.run(
        [sys.executable, str(script), str(case.folder / "probe_request.json")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    observation = from_json(Observation, json.loads((tmp_path / "observation.json").read_text()))
    assert frozen(observation) == [("state", "snapshot"), ("state", "income_mean"), ("R1", "region")]


def test_other_names_and_text_keys(tmp_path: Path) -> None:
    data = LOANS + '\napplicants = applicants.assign(applicant_id="k" + applicants["applicant_id"].astype(str))\n'
    data += 'transactions = transactions.assign(applicant_id="k" + transactions["applicant_id"].astype(str))\n'
    data += 'applicants = applicants.rename(columns={"applicant_id": "Id"})'
    applicant = APPLICANT.replace('on="applicant_id"', 'left_on="Id", right_on="applicant_id"', 1).replace(
        '"applicant_id", "defaulted"', '"Id", "defaulted"'
    )
    applicant = applicant.replace('history.drop(columns="last")', 'history.drop(columns="last").reset_index()').replace(
        '["Id", "defaulted"', '["Id", "applicant_id", "defaulted"'
    )
    observation = observe(loans(tmp_path, data=data, applicant=applicant))
    assert observation.findings == ()
    assert [(t.role, t.key, t.main_key) for t in observation.tables][:2] == [
        ("main", None, "Id"),
        ("child", "applicant_id", "Id"),
    ]


def test_a_reduction_of_a_child_table_is_state_without_knowledge(tmp_path: Path) -> None:
    observation = observe(loans(tmp_path, options={"knowledge": False}))
    assert frozen(observation)[:2] == [("state", "snapshot"), ("state", "income_mean")]


def test_a_key_in_the_model_input_is_refused(tmp_path: Path) -> None:
    applicant = APPLICANT.replace('["applicant_id", "defaulted", "note"]', '["defaulted", "note"]')
    observation = observe(loans(tmp_path, applicant=applicant))
    assert [f.code for f in observation.findings] == ["NB307"]


def test_a_lookup_hint_overrides_and_is_refused(tmp_path: Path) -> None:
    observation = observe(loans(tmp_path, lookup_hint=["transactions"]))
    assert {t.name: t.role for t in observation.tables}["transactions"] == "lookup"


DIABETES = [
    """import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
patients = load_diabetes(as_frame=True, scaled=False).frame""",
    """X = patients.drop(columns="target")
X_train, X_test, y_train, y_test = train_test_split(X, np.log(patients["target"]), random_state=0)
scaler = StandardScaler()
X_train_s = scaler.fit_transform(X_train)
X_test_s = scaler.transform(X_test)""",
    """model = Ridge().fit(X_train_s, y_train)
progression = np.exp(model.predict(X_test_s))""",
]


def test_a_scaler_outside_a_pipeline(tmp_path: Path) -> None:
    case = build(
        tmp_path, DIABETES, raws=["patients"], fit="Ridge().fit", fit_input="X_train_s", fit_target="y_train", predict="model.predict(X_test_s)",
        predict_input="X_test_s", output="progression", twin=["X_test_s = "], target_names=["target"],
    )  # fmt: skip
    observation = observe(case)
    assert observation.findings == ()
    assert frozen(observation) == [("R3", "scaler")]
    assert observation.learned[0].file
    assert observation.learned[0].sha256 == sha256(tmp_path / observation.learned[0].file)
    assert observation.target == "target"
    assert (observation.answer.kind, observation.answer.container) == ("number", "array")
    assert observation.selections[0].operands == ("X", "None", "None", "None")


def test_test_rows_prepared_otherwise_are_reported(tmp_path: Path) -> None:
    cells = [cell.replace("scaler.transform(X_test)", "StandardScaler().fit_transform(X_test)") for cell in DIABETES]
    case = build(
        tmp_path, cells, raws=["patients"], fit="Ridge().fit", fit_input="X_train_s", fit_target="y_train", predict="model.predict(X_test_s)",
        predict_input="X_test_s", output="progression", twin=["X_test_s = "], target_names=["target"],
    )  # fmt: skip
    assert [f.code for f in observe(case).findings] == ["NB313"]


def test_arrays(tmp_path: Path) -> None:
    cells = [
        (
            "from sklearn.datasets import load_digits\nfrom sklearn.linear_model import LogisticRegression\nfrom sklearn.model_selection import train_test_split\n"
            "digits = load_digits()\nimages = digits.images[:600]\nlabels = digits.target[:600]"
        ),
        "pixels = images.reshape(len(images), -1) / 16",
        (
            "X_train, X_test, y_train, y_test = train_test_split(pixels, labels, random_state=0)\n"
            "model = LogisticRegression(max_iter=50).fit(X_train, y_train)\nguess = model.predict(X_test)"
        ),
    ]
    case = build(
        tmp_path, cells, raws=["images", "labels"], fit="LogisticRegression(max_iter=50).fit", fit_input="X_train", fit_target="y_train",
        predict="model.predict(X_test)", predict_input="X_test", output="guess",
    )  # fmt: skip
    observation = observe(case)
    assert [f.message for f in observation.findings] == []
    assert (observation.main.name, observation.main.kind, observation.main.shape) == ("images", "array", (8, 8))
    assert observation.rewrites == ()
    assert observation.answer.kind == "label"
    rows = pickle.loads((tmp_path / observation.oracles.fit_rows).read_bytes())
    assert len(rows) == 450
    assert len(np.unique(rows)) == 450


def test_scaled_arrays(tmp_path: Path) -> None:
    cells = [
        (
            "from sklearn.datasets import load_digits\nfrom sklearn.linear_model import LogisticRegression\nfrom sklearn.decomposition import PCA\n"
            "digits = load_digits()\nimages = digits.images[:400]"
        ),
        "pixels = images.reshape(len(images), -1)\npixels = (pixels - pixels.mean()) / pixels.max()\npca = PCA(5, random_state=0)\nX = pca.fit_transform(pixels)",
        "model = LogisticRegression(max_iter=50).fit(X, digits.target[:400])\nguess = model.predict(X[:100])",
    ]
    case = build(
        tmp_path, cells, raws=["images"], fit="LogisticRegression(max_iter=50).fit", fit_input="X", predict="model.predict(X[:100])",
        predict_input="X[:100]", output="guess",
    )  # fmt: skip
    observation = observe(case)
    assert [f.message for f in observation.findings] == []
    assert frozen(observation) == [("state", "pixels_mean"), ("state", "pixels_max"), ("R3", "pca")]


def test_text_rows(tmp_path: Path) -> None:
    cells = [
        (
            "from sklearn.feature_extraction.text import TfidfVectorizer\nfrom sklearn.linear_model import LogisticRegression\n"
            "words = ['good', 'bad', 'fine', 'awful', 'nice', 'poor', 'great', 'sad']\n"
            "texts = [' '.join([words[i % 8], words[(i * 3) % 8], 'w%d' % (i % 5)]) for i in range(80)]\nlabels = [i % 2 for i in range(80)]"
        ),
        "clean = [t.upper() for t in texts]\nvectorizer = TfidfVectorizer()\nX = vectorizer.fit_transform(clean)",
        "model = LogisticRegression().fit(X, labels)\nguess = model.predict(X)",
    ]
    case = build(
        tmp_path, cells, raws=["texts"], fit="LogisticRegression().fit", fit_input="X", predict="model.predict(X)", predict_input="X", output="guess",
    )  # fmt: skip
    observation = observe(case)
    assert [f.message for f in observation.findings] == []
    assert frozen(observation) == [("R3", "vectorizer")]
    assert (observation.main.kind, observation.main.columns[0].kind) == ("list", "string")


def test_a_replay_that_differs_names_the_column(tmp_path: Path) -> None:
    case = loans(tmp_path)
    path = tmp_path / "kept" / "fit_input.pkl"
    kept = pickle.loads(path.read_bytes())
    kept["income"] += 1
    path.write_bytes(pickle.dumps(kept))
    (finding,) = observe(case).findings
    assert finding.code == "NB301"
    assert "'income'" in finding.message


STOPPING = """model = Ridge().fit(X, homes["price"])
floor = X["area"].min()
price = model.predict(X) - floor"""


def test_a_statement_that_stops_after_the_fit_is_refused_where_it_stands(tmp_path: Path) -> None:
    data = """import pandas as pd
from sklearn.linear_model import Ridge
homes = pd.DataFrame({"area": range(20, 60), "price": range(40)})"""
    case = build(
        tmp_path, [data, 'X = homes[["area"]] / 10', STOPPING], raws=["homes"], fit="Ridge().fit", fit_input="X",
        fit_target='homes["price"]', predict="model.predict(X)", predict_input="X", output="price", training=["floor = "],
    )  # fmt: skip
    (finding,) = observe(case).findings
    assert (finding.code, finding.severity) == ("NB302", "refusal")
    assert finding.span is not None
    assert (finding.span.cell, finding.span.line) == (3, 3)
    assert "NameError: name 'floor' is not defined" in finding.message
    assert finding.remedy.startswith("Move what this statement needs into cells")
