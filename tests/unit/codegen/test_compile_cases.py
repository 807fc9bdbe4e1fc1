"""The case runner fails when it should: on generated code that answers otherwise, and on a schema that lets anything through."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from case_tables import write_tables
from case_values import answer_to, answers_to, proof_problems, training_problems, unseen_problems
from compile_cases import FEATURES, Made, compile_case, findings_differ, percent_cells, read_case
from nb2svc.ir.finding import Finding
from nb2svc.ir.span import Span

CASES = Path(__file__).parents[2] / "cases" / "features"


@pytest.fixture
def made(tmp_path: Path) -> Made:
    data = tmp_path / "data"
    data.mkdir()
    write_tables(data)
    return compile_case(read_case(CASES / "dummies_with_the_target_in_the_frame.txt"), tmp_path, data=data)


def _change(made: Made, module: str, old: str, new: str) -> None:
    path = made.folder / "project" / made.package / module
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_wrong_feature_is_a_problem(made: Made) -> None:
    assert proof_problems(made) == []
    _change(made, "features.py", "/ 1000", "/ 1001")

    assert any(problem.startswith("inputs:") for problem in proof_problems(made))


def test_a_statistic_of_the_request_is_a_problem(made: Made) -> None:
    _change(made, "features.py", 'state.age_mean(lambda: loans["age"].mean())', 'loans["age"].mean()')

    assert any(problem.startswith("alone:") for problem in proof_problems(made))
    assert any("age_mean" in problem for problem in training_problems(made))


def test_an_answer_for_what_nobody_saw_is_a_problem(made: Made) -> None:
    assert unseen_problems(made) == []
    _change(made, "schema.py", 'seen("basic", "plus")', "seen()")
    assert unseen_problems(made) == []  # the learned categories know it, too
    _change(made, "_nb2svc/predictor.py", "if columns else computed", "if not columns else computed")

    assert [problem.partition(" was ")[0] for problem in unseen_problems(made)] == ["an unseen plan"]


@pytest.mark.parametrize(
    ("case", "change", "field"),
    [
        ("dummies_of_whole_numbers", {"months": 30}, "months"),  # between those that training saw
        ("numbers_as_categories", {"months": 30}, "months"),
        ("text_split_into_columns", {"purpose": "zebra car boat"}, "first"),  # a category that the notebook makes
    ],
)
def test_a_category_that_only_the_code_knows_is_referred(case: str, change: dict, field: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    write_tables(data)
    made = compile_case(read_case(CASES / f"{case}.txt"), tmp_path, data=data)

    same, other = answer_to(made, {}), answer_to(made, change)

    assert (same["status"], other["status"], other["prediction"]) == ("ok", "refer", None)
    assert [(issue["field"], issue["code"]) for issue in other["issues"]] == [(field, "unseen_category")]


JOINED = """# %%
import pandas as pd
from sklearn.linear_model import LinearRegression

loans = pd.read_csv("loans.csv")
moons = pd.read_csv("moons.csv")
# %%
# nb2svc: feature
loans = MERGE
X = loans[["score", "moon"]]
# %%
# nb2svc: model
model = LinearRegression().fit(X, loans["rate"])
pred = model.predict(X)
"""


@pytest.mark.parametrize(
    ("merge", "lost"),
    [
        ('loans.merge(moons, on="opened")', ("refer", "no_match")),
        ('pd.merge(loans, moons, how="left").fillna({"moon": 0})', ("ok", None)),
    ],
)
def test_a_row_that_a_join_repeats_moves_no_other_row(merge: str, lost: tuple, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    write_tables(data)
    days = [*sorted(set(pd.read_csv(data / "loans.csv")["opened"])), "2030-01-01", "2030-01-01"]  # a day that no loan has
    pd.DataFrame({"opened": days, "moon": [place % 28 for place in range(len(days))]}).to_csv(data / "moons.csv", index=False)
    path = tmp_path / "joined.txt"
    path.write_text(JOINED.replace("MERGE", merge) + "# ---\n")
    made = compile_case(read_case(path), tmp_path, data=data)
    assert proof_problems(made) == []

    changes: list[dict] = [{"score": 0.1}, {"opened": "2031-01-01"}, {"score": 0.2}, {"opened": "2030-01-01"}, {"score": 0.3}]
    results = answers_to(made, changes)
    alone = [answers_to(made, [change])[0] for change in changes]

    said = [(each["status"], each["issues"][0]["code"] if each["issues"] else None) for each in results]
    assert said == [("ok", None), lost, ("ok", None), ("invalid", "not_computable"), ("ok", None)]
    assert [each["prediction"] for each in results] == pytest.approx([each["prediction"] for each in alone])


def test_a_refusal_has_its_code_place_and_words(tmp_path: Path) -> None:
    path = tmp_path / "case.txt"
    path.write_text("# %%\nx = 1\n# ---\nNB301 2:3 needs rows | Declare\n")
    finding = Finding(code="NB301", severity="refusal", message="it needs rows", remedy="Declare it.", span=Span(2, 3, 0, 3, 1))
    case, made = read_case(path), Made(folder=tmp_path, package="case", findings=(finding,))

    assert findings_differ(case, made, FEATURES) == ""
    for wrong in (replace(finding, code="NB302"), replace(finding, span=None), replace(finding, remedy="Go.")):
        assert findings_differ(case, replace(made, findings=(wrong,)), FEATURES)
    assert findings_differ(case, replace(made, findings=(finding, finding)), FEATURES)


def test_cells_are_split_at_percent_lines_and_prose_is_left_out() -> None:
    assert percent_cells("# %%\na = 1\n\n# %% [markdown]\n# text\n# %% title\nb = 2\n") == ("a = 1", "b = 2")
