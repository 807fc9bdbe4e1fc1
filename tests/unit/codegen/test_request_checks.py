"""Check cells with `serve=true`: the author's asserts on every request's rows, through the project's own predictor."""

import importlib
import re
import sys
from pathlib import Path

import pytest

from case_tables import write_tables
from case_values import proof_problems
from compile_cases import Case, Made, compile_case, importable, percent_cells
from nb2svc.analysis.check_accounts import check_accounts
from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.analysis.outline import build_outline
from nb2svc.errors import RefusalError
from nb2svc.read.notebook import parse_notebook

NOTEBOOK = """
# %%
import nb2svc
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

OLD = 79
loans = pd.read_csv("loans.csv")
# %%
# nb2svc: feature loans
X = loans[["age", "amount"]].copy()
X["amount"] = X["amount"] / 1000
y = loans["defaulted"]
assert len(X) == 360
# %%
# nb2svc: model
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
model = LogisticRegression(max_iter=1000).fit(X_train, y_train)
risk = model.predict_proba(X_test)[:, 1]
pred = model.predict(X_test)
nb2svc.metric("highest", risk.max())
# %%
shares = pd.Series(risk)
# %%
# nb2svc: check sane serve=true
nb2svc.metric("oldest", X_test["age"].max())
# nobody very old borrows very much
assert ((X_test["age"] < OLD) | (X_test["amount"] < 15)).all(), "too much at that age"
assert shares.between(0, 1).all()
assert np.isfinite(risk).all()
"""
CHECKS = '''"""What sane.ipynb asserts of every request; a row for which it does not hold is referred."""

import numpy as np
import pandas as pd

from ._nb2svc.request_checks import RequestCheck


# sane.ipynb, cell 5 "sane"
def sane(model, X_test):
    OLD = 79
    risk = model.predict_proba(X_test)[:, 1]
    shares = pd.Series(risk)
    # nobody very old borrows very much
    assert ((X_test["age"] < OLD) | (X_test["amount"] < 15)).all(), "too much at that age"
    assert shares.between(0, 1).all()
    assert np.isfinite(risk).all()


RESULTS = ("X", "pred")  # of model.answer, in its order
CHECKS = (
    RequestCheck("sane", sane, reads=("model", "X"), where="cell 5"),
)
'''


def made_of(tmp_path: Path, text: str = NOTEBOOK) -> Made:
    data = tmp_path / "data"
    data.mkdir()
    write_tables(data)
    case = Case(path=tmp_path / "sane.txt", notebook=text, cells=percent_cells(text), expected={})
    return compile_case(case, tmp_path, data=data)


@pytest.fixture(scope="module")
def sane(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made_of(tmp_path_factory.mktemp("sane"))


def test_a_check_becomes_a_function_of_what_a_request_has(sane: Made) -> None:
    assert sane.module("checks.py") == CHECKS
    assert "return X, pred" in sane.module("model.py")
    assert "assert len(X) == 360" not in sane.module("features.py"), "an assert of a feature cell is no code of the service"


def asked(sane: Made, *rows: dict) -> list[dict]:
    with importable(sane.folder / "project", sane.package):
        predictor = importlib.import_module(sane.package + "._nb2svc.predictor").load_predictor(sane.package)
        return predictor.predict(list(rows))


def test_the_row_that_fails_is_referred_with_the_checks_words_and_its_neighbours_are_answered(sane: Made) -> None:
    good = {"age": 40, "amount": 9000.0}
    first, bad, last = asked(sane, good, {"age": 79, "amount": 17000.0}, good)
    assert (first["status"], last["status"]) == ("ok", "ok")
    assert first["prediction"] == last["prediction"] is not None
    assert bad == {
        "id": "1",
        "status": "refer",
        "prediction": None,
        "issues": [{"field": "", "code": "check_failed", "message": "sane (cell 5): too much at that age"}],
    }


def test_the_notebooks_rows_are_still_proved(sane: Made) -> None:
    assert proof_problems(sane) == []


def test_a_check_that_reads_what_no_request_has_is_refused_at_its_line(tmp_path: Path) -> None:
    with pytest.raises(RefusalError) as raised:
        made_of(tmp_path, NOTEBOOK + "assert (pred == y_test).mean() > 0.5\n")
    (finding,) = raised.value.findings
    assert (finding.code, finding.span.cell, finding.span.line) == ("NB240", 5, 7)
    assert "`y_test`, which no request has" in finding.message
    assert finding.remedy.startswith("Leave out serve=true")
    (fix,) = finding.fixes
    (edit,) = fix.edits
    assert (fix.choice, edit.cell, edit.line, edit.text) == (True, 5, 1, "")
    assert percent_cells(NOTEBOOK)[4].split("\n")[0][edit.column : edit.end_column] == " serve=true"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("assert y.notna().all()", "`y`"),
        ('assert loans["defaulted"].isin([0, 1]).all()', "`defaulted`"),
        ("assert loans.defaulted.isin([0, 1]).all()", "`defaulted`"),
    ],
)
def test_the_target_is_a_stand_in_in_a_request_so_no_check_may_read_it(tmp_path: Path, line: str, told: str) -> None:
    text = NOTEBOOK.replace("y = loans", "y, spare = loans").replace('["defaulted"]\n', '["defaulted"], 1\n') + line + "\n"
    with pytest.raises(RefusalError) as raised:
        made_of(tmp_path, text)
    (finding,) = raised.value.findings
    assert (finding.code, finding.span.cell, finding.span.line) == ("NB240", 5, 7)
    assert f"reads {told}, which no request has" in finding.message


@pytest.mark.parametrize(
    "line",
    [
        "assert (X_test['age'] > 0).all()",
        "assert (X['age'] > 0).all()",
        "assert len(loans) > 0",
        "assert model.max_iter > 0",
        "assert len(X_train) > 0",
        "assert (y_train >= 0).all()",
        "assert pred.mean() >= 0",
        "regions = pd.read_csv('regions.csv')\nassert len(regions) > 0",
    ],
)
def test_analysis_says_before_the_run_what_the_build_then_says(tmp_path: Path, line: str) -> None:
    text = NOTEBOOK[: NOTEBOOK.index("# %%\n# nb2svc: check")] + f"# %%\n# nb2svc: check one serve=true\n{line}\n"
    notebook, _ = parse_notebook(text.encode(), path="one.py")
    dataflow = build_dataflow(notebook)
    outline, _ = build_outline(notebook, dataflow)
    assert outline is not None
    (account,) = check_accounts(notebook, dataflow, outline)
    try:
        made_of(tmp_path, text)
    except RefusalError:
        assert not account.request
    else:
        assert account.request


def test_without_serve_there_is_no_such_module(tmp_path: Path) -> None:
    made = made_of(tmp_path, NOTEBOOK.replace(" serve=true", ""))
    assert not any(file.path.endswith("sane/checks.py") for file in made.project.files)
    assert "return pred" in made.module("model.py")


NESTED = """
# %%
import nb2svc
import pandas as pd
from nb2svc import metric as told
from sklearn.linear_model import LogisticRegression

loans = pd.read_csv("loans.csv")
# %%
# nb2svc: feature loans
X = loans[["age", "amount"]].copy()
for column in ["amount"]:
    X[column] = X[column] / 1000
    nb2svc.metric(f"rows with {column}", len(X))
y = loans["defaulted"]
# %%
# nb2svc: model
model = LogisticRegression(max_iter=1000).fit(X, y)
if len(X):
    risk = model.predict_proba(X)[:, 1]
    told("rows", len(risk))
# %%
# nb2svc: check sane serve=true
for name, part in [("all", X), ("again", X)]:
    nb2svc.metric(f"oldest {name}", part["age"].max())
    assert (part["age"] < 200).all()
"""


def test_a_metric_among_statements_that_are_served_tells_nobody_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = made_of(tmp_path, NESTED)
    assert proof_problems(made) == []
    monkeypatch.setitem(sys.modules, "nb2svc", None)  # a service has none
    assert [one["status"] for one in asked(made, {"age": 40, "amount": 9000.0})] == ["ok"]
    texts = {path.name: path.read_text() for path in (tmp_path / "project").rglob("*.py") if "_nb2svc" not in path.parts}
    told = {name for name, text in texts.items() if "metric(" in text or "told(" in text}
    assert told == {"features.py", "model.py", "checks.py", "test_checks.py"}
    assert not any(re.search(r"(?m)^\s*(import nb2svc|from nb2svc)\b", text) for text in texts.values())
    assert f"from {made.package}._nb2svc import metrics as nb2svc\n" in texts["test_checks.py"]
