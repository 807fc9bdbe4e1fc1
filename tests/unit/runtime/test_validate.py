"""What one row may hold: the whole matrix of wrong, missing, strange and unseen values."""

import math

import pytest

GOOD = {"age": 31, "income": 2500.0, "region": "north", "transactions": [{"when": "2025-05-01", "amount": 20.0}]}


def only(predictor, **changes):
    row = {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}
    return predictor.predict([row])[0]


def test_a_good_row_is_answered(predictor):
    result = only(predictor)
    assert (result["status"], result["issues"]) == ("ok", [])
    assert result["prediction"] in ("High risk", "Low risk")


@pytest.mark.parametrize(
    ("field", "value", "status", "code"),
    [
        ("age", "31", "invalid", "wrong_type"),
        ("age", 31.0, "invalid", "wrong_type"),
        ("age", True, "invalid", "wrong_type"),
        ("age", [31], "invalid", "wrong_type"),
        ("age", {}, "invalid", "wrong_type"),
        ("age", 2**63, "invalid", "out_of_bounds"),
        ("age", 10**400, "invalid", "out_of_bounds"),
        ("age", math.inf, "invalid", "out_of_bounds"),
        ("age", ..., "invalid", "missing_field"),
        ("age", None, "refer", "missing_not_seen"),
        ("age", 17, "refer", "below_training_domain"),
        ("age", 120, "refer", "above_training_domain"),
        ("income", "2500", "invalid", "wrong_type"),
        ("income", False, "invalid", "wrong_type"),
        ("income", math.nan, "invalid", "not_finite"),
        ("income", math.inf, "invalid", "not_finite"),
        ("income", 10**400, "invalid", "not_finite"),
        ("income", -1, "refer", "below_training_domain"),
        ("income", 10**7, "refer", "above_training_domain"),
        ("region", 3, "invalid", "wrong_type"),
        ("region", "west", "refer", "unseen_category"),
        ("region", "", "refer", "unseen_category"),
        ("region", "\ud800", "invalid", "bad_text"),
        ("region", "x" * 200_000, "invalid", "too_long"),
        ("region", None, "refer", "missing_not_seen"),
        ("transactions", {}, "invalid", "wrong_type"),
        ("transactions", [3], "invalid", "wrong_type"),
        ("transactions", [{}] * 10_001, "invalid", "too_long"),
        ("transactions", [{"when": "2025-05-01"}], "invalid", "missing_field"),
        ("transactions", [{"when": "yesterday", "amount": 20.0}], "invalid", "bad_datetime"),
        ("transactions", [{"when": "now", "amount": 20.0}], "invalid", "bad_datetime"),
        ("transactions", [{"when": "2025-02-30", "amount": 20.0}], "invalid", "bad_datetime"),
        ("transactions", [{"when": "2025-05-01T00:00:00Z", "amount": 20.0}], "invalid", "bad_datetime"),
        ("transactions", [{"when": 1746057600, "amount": 20.0}], "invalid", "wrong_type"),
        ("transactions", [{"when": "0001-01-01", "amount": 20.0}], "refer", "below_training_domain"),
        ("transactions", [{"when": "2031-01-01", "amount": 20.0}], "refer", "above_training_domain"),
    ],
)
def test_each_bad_value_has_its_code(predictor, field, value, status, code):
    result = only(predictor, **{field: value})
    assert result["status"] == status
    assert result["prediction"] is None
    assert code in {issue["code"] for issue in result["issues"] if issue["field"].startswith(field)}


@pytest.mark.parametrize(
    "changes",
    [
        {"income": None},
        {"income": ...},
        {"income": 2500},
        {"transactions": []},
        {"transactions": None},
        {"transactions": ...},
        {"defaulted": 1},
        {"applicant_id": 1001},
        {"transactions": [{"when": "2025-05-01 10:30", "amount": 20}]},
    ],
)
def test_what_training_had_is_ok(predictor, changes):
    result = only(predictor, **changes)
    assert (result["status"], result["issues"]) == ("ok", [])


def test_an_unknown_field_is_noted_and_ignored(predictor):
    result = only(predictor, agee=5)
    assert result["status"] == "ok"
    assert [(issue["field"], issue["code"]) for issue in result["issues"]] == [("agee", "unknown_field")]


@pytest.mark.parametrize("row", [3, None, [], "x", True])
def test_a_row_that_is_no_object_is_invalid(predictor, row):
    assert predictor.predict([row])[0]["status"] == "invalid"


def test_the_guard_speaks_the_authors_words(predictor):
    (issue,) = only(predictor, age=17)["issues"]
    assert issue == {"field": "age", "code": "below_training_domain", "message": "17 is below 18: adults only (cell 3)"}


def test_the_callers_id_is_echoed(predictor):
    first, second, third, fourth = predictor.predict(
        [{**GOOD, "id": "a-1"}, {**GOOD, "applicant_id": 7}, GOOD, {**GOOD, "id": "x" * 999}]
    )
    assert (first["id"], second["id"], third["id"], fourth["id"]) == ("a-1", 7, "2", "3")
    assert [issue["code"] for issue in fourth["issues"]] == ["bad_id"]
    assert fourth["status"] == "ok"


def test_many_unknown_fields_give_a_bounded_answer(predictor):
    result = only(predictor, **{f"field_{n}": n for n in range(5_000)})
    assert result["status"] == "ok"
    assert len(result["issues"]) <= 60
