"""A service that fails in production: its log leads back to the notebook's cell and line."""

import json
import traceback
import urllib.request

import pytest

from case_tables import write_tables
from compile_cases import Case, compile_case, percent_cells
from conftest import nb2svc
from nb2svc.bento.serve import running
from nb2svc.ir.source import split_lines
from nb2svc.read.notebook import parse_notebook

# All amounts of training are whole; 4000.5 lies between them.
NOTEBOOK = """
# %%
import pandas as pd
from sklearn.linear_model import LogisticRegression

loans = pd.read_csv("loans.csv")

def nearness(amount):
    # to the usual amount
    return 1 / (amount - 4000.5)  # never zero
# %%
# nb2svc: feature loans
X = loans[["age", "amount"]].copy()
X["amount"] = X["amount"].round(1)
X["near"] = X["amount"].map(nearness)
y = loans["defaulted"]
# %%
# nb2svc: model
model = LogisticRegression(max_iter=1000).fit(X, y)
pred = model.predict(X)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("terms")
    write_tables(folder)
    case = Case(path=folder / "terms.txt", notebook=NOTEBOOK, cells=percent_cells(NOTEBOOK), expected={})
    made = compile_case(case, folder, data=folder)
    assert made.project is not None, made.findings
    return made


def test_a_request_that_the_authors_code_fails_on_is_traced_to_its_line(made):
    project = made.folder / "project"
    rows = json.loads((project / "example.json").read_text())["rows"]
    bad = [{**rows[0], "amount": amount} for amount in (4000.0, 4000.5, 4000.52, 4000.5)]
    with running(project) as server:
        headers = {"Content-Type": "application/json", "X-Request-ID": "r-4711"}
        request = urllib.request.Request(f"{server.url}/predict", json.dumps({"rows": bad}).encode(), headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            results = json.load(answer)["results"]
        log = server.log.read_text()
    assert [result["status"] for result in results] == ["ok", "invalid", "invalid", "invalid"]
    assert results[1]["issues"][0]["message"] == "the row could not be computed (cell 1, line 8)"

    record = next(line for line in log.splitlines() if "could not be computed" in line)
    assert "3 of 4 rows of request r-4711" in record
    assert (
        'ZeroDivisionError in terms.ipynb, cell 1 (loans = pd.read_csv("loans.csv")), line 8: '
        "return 1 / (amount - 4000.5)  # never zero [case_terms "
    ) in record
    assert "4000.52" not in log

    (made.folder / "service.log").write_text(log)
    done = nb2svc("trace", "service.log", "--format", "json", cwd=made.folder)
    assert done.returncode == 0, done.stdout + done.stderr
    (failure,) = json.loads(done.stdout)["failures"]
    assert (failure["exception"], failure["count"], failure["cell"], failure["line"]) == ("ZeroDivisionError", 1, 1, 8)
    assert failure["first"].startswith("20")
    assert failure["stale"] == ""
    text = nb2svc("trace", "service.log", cwd=made.folder).stdout
    assert "  → 8 │     return 1 / (amount - 4000.5)  # never zero" in text
    assert '→ terms.ipynb, cell 2 "loans", line 4: X["near"] = X["amount"].map(nearness)' in text


@pytest.mark.parametrize("example", ["diabetes_progression", "breast_cancer_screening", "credit_risk"])
def test_every_line_of_the_authors_comes_back_from_a_traceback(built, example, tmp_path):
    here = built(example)
    notebook, _ = parse_notebook(here.notebook.read_bytes(), path=str(here.notebook))
    home = here.project / here.package
    expected, log = {}, []
    for module in sorted(home.glob("*.py")):
        for number, text in enumerate(module.read_text().splitlines(), start=1):
            frame = traceback.FrameSummary(
                f"/srv/app/{here.package}/{module.name}", number, "f", line=text.strip(), lookup_line=False
            )
            lines = "".join(traceback.StackSummary.from_list([frame]).format())
            log.append(f"Traceback (most recent call last):\n{lines}E{number}.{module.stem.title()}: x\n")
            expected[f"E{number}.{module.stem.title()}"] = text.strip()
    (tmp_path / "all.log").write_text("".join(log))
    done = nb2svc("trace", str(tmp_path / "all.log"), "--project", str(here.project), "--format", "json", cwd=tmp_path)
    found = json.loads(done.stdout)["failures"]
    assert len(found) == len(json.loads((home / "_nb2svc" / "line_map.json").read_text()))
    same = 0
    for failure in found:
        author = split_lines(notebook.cell(failure["cell"]).source)[failure["line"] - 1].strip()
        assert failure["text"] == author
        assert failure["stale"] == ""
        same += expected[failure["exception"]] == author
    # The others are wrapped: `state.income_mean(lambda: …)`.
    assert same > len(found) / 2
