"""One captured row at a time: the notebook's values beside the service's, an edited request beside the nearest row."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from nb2svc.parity.harness.rows import Rows
from nb2svc.parity.harness.service import importable
from nb2svc.parity.request import make_request
from unit.parity.loans import Loans

Changed = Callable[..., Loans]


@contextmanager
def rows_of(loans: Loans) -> Iterator[Rows]:
    request = make_request(loans.capture, loans.observation, project=loans.project, package="loans", modes=())
    with importable(request["project"], request["package"]):
        yield Rows(request)


@pytest.fixture(scope="module")
def rows(loans: Loans) -> Iterator[Rows]:
    with rows_of(loans) as found:
        yield found


def ask(rows: Rows, **question: Any) -> dict[str, Any]:
    # What is told goes over a pipe as strict JSON.
    return json.loads(json.dumps(rows.answer(question), allow_nan=False))


def values(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        *(value for step in found["steps"] for value in step["values"]),
        *found["inputs"]["values"],
        *found["answer"]["values"],
    ]


def test_each_row_that_the_notebook_kept_is_equal_at_every_step(rows: Rows) -> None:
    for row in rows.bench.rows[:25]:
        found = ask(rows, ask="row", row=row)
        assert found["parting"] is None
        told = [value["equal"] for value in values(found)]
        assert told.count(True) > 15
        assert False not in told
        assert found["answer"]["values"][0]["equal"] is True


def test_the_notebooks_values_are_those_of_the_capture(rows: Rows, loans: Loans) -> None:
    row = rows.bench.rows[7]
    found = ask(rows, ask="row", row=row)
    for step in found["steps"]:
        for value in step["values"]:
            ordinals, kept, *table = rows.checkpoints[step["statement"]][value["name"].partition("[")[0]]
            if value.get("notebook") is None or table or not hasattr(kept, "columns"):
                continue
            own = kept.iloc[list(ordinals).index(row)][value["column"]]
            assert own == pytest.approx(value["notebook"]) or str(own) == str(value["notebook"])


def test_a_statement_tells_only_what_it_made(rows: Rows) -> None:
    found = ask(rows, ask="row", row=rows.bench.rows[3])
    (step,) = [each for each in found["steps"] if (each["cell"], each["line"]) == (3, 10)]
    assert [value["column"] for value in step["values"]] == ["stale"]
    assert step["file"] == "features.py"
    assert step["as_before"] > 5


BROKEN = {
    "a constant": (("features.py", "> 30).astype", "> 60).astype"), (3, 10, "stale")),
    "a state": (("features.py", 'state.income_mean(lambda: loans["income"].mean())', "0"), (3, 11, "income")),
    "an error": (("features.py", 'loans["debt"] /', 'loans["dept"] /'), (3, 12, "")),
    "the answer": (("model.py", "risk > 0.4", "risk > 0.7"), (4, 5, "")),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_project_parts_at_its_statement_and_column(what: str, changed: Changed) -> None:
    edit, (cell, line, column) = BROKEN[what]
    with rows_of(changed(edit)) as rows:
        partings = []
        assert rows.whole is not None
        for row in sorted(rows.whole.bad)[:6]:
            found = ask(rows, ask="row", row=row)
            if found["parting"] is not None and found["parting"]["statement"] is not None:
                (step,) = [each for each in found["steps"] if each["statement"] == found["parting"]["statement"]]
                partings.append((step["cell"], step["line"], found["parting"]["column"]))
    assert partings
    assert set(partings) == {(cell, line, column)}


def test_rows_that_the_service_answers_otherwise_come_first(changed: Changed) -> None:
    with rows_of(changed(("model.py", "risk > 0.4", "risk > 0.7"))) as rows:
        listed = ask(rows, ask="list", limit=3)["rows"]
        assert all(row["notable"][0] == "the service answers otherwise" for row in listed)
        assert ask(rows, ask="row", row=listed[0]["row"])["answer"]["values"][0]["equal"] is False


def test_a_page_has_fields_answers_and_reasons(rows: Rows) -> None:
    page = ask(rows, ask="list", limit=1000)
    assert page["total"] == page["matching"] == 160
    by_row = {each["row"]: each for each in page["rows"]}
    reasons = {reason for each in page["rows"] for reason in each["notable"]}
    assert {"income is missing", "home = owner", "home = rent", "highest debt"} <= reasons
    assert any(reason.startswith("most transactions") for reason in reasons)
    dropped = [each for each in page["rows"] if each["row"] not in rows.bench.rows]
    assert dropped
    assert all(each["notebook"] is None for each in dropped)
    first = rows.bench.oracle.predictions
    assert first is not None
    row = int(first.ordinals[0])
    assert (by_row[row]["standing"], by_row[row]["notebook"]) == ("predicted", str(np.asarray(first.value)[0]))
    assert [each["row"] for each in ask(rows, ask="list", order="row", offset=5, limit=2)["rows"]] == [5, 6]


SEARCHES = {
    "home=rent": lambda row: row["home"] == "rent",
    "home!=rent": lambda row: row["home"] != "rent",
    "age>=60 home=owner": lambda row: row["age"] >= 60 and row["home"] == "owner",
    "income=missing": lambda row: row["income"] is None,
    "income!=missing debt<500": lambda row: row["income"] is not None and row["debt"] < 500,
    "OWN": lambda row: row["home"] == "owner",
    "transactions=0": lambda row: row["transactions"] == 0,
}


@pytest.mark.parametrize("search", SEARCHES)
def test_a_search_finds_what_holds(search: str, rows: Rows) -> None:
    everything = ask(rows, ask="list", order="row", limit=1000)["rows"]
    wanted = [row["row"] for row in everything if SEARCHES[search](row["values"])]
    assert 0 < len(wanted) < 160
    assert [row["row"] for row in ask(rows, ask="list", order="row", search=search, limit=1000)["rows"]] == wanted


def test_an_unedited_request_is_the_row_itself(rows: Rows) -> None:
    row = rows.bench.rows[11]
    captured = ask(rows, ask="row", row=row)
    again = ask(rows, ask="try", request=captured["request"], row=row)
    assert (again["nearest"]["row"], again["nearest"]["distance"], again["nearest"]["differs"]) == (row, 0, [])
    assert again["judged"]
    assert again["steps"] == captured["steps"]


def test_an_edit_shows_what_changed_beside_the_nearest_row(rows: Rows) -> None:
    row = rows.bench.rows[11]
    request = ask(rows, ask="row", row=row)["request"]
    found = ask(rows, ask="try", request={**request, "debt": request["debt"] + 1.5}, row=row)
    assert found["nearest"]["row"] == row
    assert [each["field"] for each in found["nearest"]["differs"]] == ["debt"]
    assert not found["judged"]
    assert all(value["equal"] is None for value in values(found))
    changed = {value["column"] for step in found["steps"] for value in step["values"] if value["changed"]}
    assert changed == {"burden"}
    wire = rows.bench.service.predictor.predict([found["request"]])[0]
    assert found["result"]["prediction"] == wire["prediction"]


def test_the_nearest_row_is_the_nearest_of_all(rows: Rows) -> None:
    request = {**ask(rows, ask="row", row=rows.bench.rows[2])["request"], "income": None, "home": "rent"}
    found = ask(rows, ask="try", request=request, row=rows.bench.rows[2])
    assert rows._distances is not None
    least = min(rows._distances.nearest(request, [row]).distance for row in rows.bench.rows)  # type: ignore[union-attr]
    assert found["nearest"]["distance"] == pytest.approx(least, abs=1e-6)
    beside = ask(rows, ask="try", request=request, row=rows.bench.rows[2], beside="row")
    assert beside["nearest"]["row"] == rows.bench.rows[2]


def test_a_row_that_the_service_refers_still_shows_its_steps(rows: Rows) -> None:
    dropped = min(set(range(160)) - set(rows.bench.rows))
    found = ask(rows, ask="row", row=dropped)
    assert found["result"]["status"] == "refer"
    assert found["aside"]
    assert found["steps"]
    assert {"holds": False} in [{"holds": check["holds"]} for check in found["checks"]]


def test_a_request_that_can_not_be_computed_has_its_issues_and_no_steps(rows: Rows) -> None:
    request = {**ask(rows, ask="row", row=4)["request"], "debt": "much"}
    found = ask(rows, ask="try", request=request, row=4)
    assert found["result"]["status"] == "invalid"
    assert [issue["field"] for issue in found["result"]["issues"]] == ["debt"]
    assert found["steps"] == []


@pytest.mark.parametrize(
    "question", [{"ask": "row", "row": 160}, {"ask": "row", "row": -1}, {"ask": "x"}, {"ask": "try", "request": 3}]
)
def test_a_question_without_an_answer_says_so(question: dict[str, Any], rows: Rows) -> None:
    assert ask(rows, **question)["problem"]
