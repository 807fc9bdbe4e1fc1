"""Segments evaluated in a namespace: against figures computed by hand, and that nothing of the notebook changes."""

import random

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from unit.validate.segments.kernels import CHECK, FEATURES, LOANS, MODEL, Ran


def parts(seen: dict) -> dict[str, dict]:
    return {part["segment"]: part for part in seen["parts"]}


def states_now() -> tuple[object, str]:
    return random.getstate(), str(np.random.get_state())  # noqa: NPY002 - the generator that has no name


@pytest.fixture(scope="module")
def loans() -> Ran:
    return Ran(LOANS, FEATURES, MODEL, CHECK)


def test_each_segment_has_its_rows_and_its_metric_by_hand(loans: Ran):
    seen, space = loans.evaluate("region"), loans.shell.user_ns
    regions = space["loans"].loc[space["X_test"].index, "region"]
    assert seen["from"] == [["region", "loans, by index label"]]
    assert [part["segment"] for part in seen["parts"]] == ["region=east", "region=north", "region=west", "region=missing"]
    for name, part in parts(seen).items():
        region = name.removeprefix("region=")
        mask = (regions.isna() if region == "missing" else regions == region).to_numpy()
        by_hand = roc_auc_score(space["y_test"][mask], space["risk"][mask])
        assert part["rows"] == mask.sum() > 0
        assert part["told"]["metrics"]["auc"]["value"] == pytest.approx(by_hand, abs=1e-15)
    assert seen["whole"]["metrics"]["auc"]["value"] == space["auc"]


def test_nothing_of_the_notebook_changes(loans: Ran):
    before, states = dict(loans.shell.user_ns), states_now()
    values = {name: value.copy() for name, value in before.items() if isinstance(value, pd.DataFrame | np.ndarray)}
    loans.evaluate("region")
    assert list(loans.shell.user_ns) == list(before)
    assert all(loans.shell.user_ns[name] is value for name, value in before.items())
    assert all(values[name].equals(before[name]) if hasattr(values[name], "equals") else (values[name] == before[name]).all()
               for name in values)  # fmt: skip
    assert states_now() == states


def test_steps_that_draw_and_change_leave_no_trace_and_each_segment_draws_alike():
    check = (
        "# nb2svc: check lucky metrics=drawn\ndrawn = np.random.random() + 0 * risk.mean()\n"
        "assert random.random() < 2 and risk.mean() < 1"
    )
    ran = Ran(LOANS, FEATURES, MODEL, "import random", check)
    states = states_now()
    seen = ran.evaluate("region")
    assert states_now() == states
    assert len({part["told"]["metrics"]["drawn"]["value"] for part in seen["parts"]}) == 1


def test_functions_of_the_notebook_see_the_segment_and_not_all_rows():
    check = "# nb2svc: check good metrics=count\ndef counted():\n    return len(y_test)\ncount = counted()\nassert count > 0"
    seen = Ran(LOANS, FEATURES, MODEL, check).evaluate("region")
    assert all(part["told"]["metrics"]["count"]["value"] == part["rows"] for part in seen["parts"])
    assert sum(part["rows"] for part in seen["parts"]) == seen["whole"]["metrics"]["count"]["value"]


def test_a_decision_that_compares_rows_stays_what_it_was_of_all_rows():
    """The best tenth of all applicants is not the best tenth of each region."""
    model = MODEL + "called = risk > np.quantile(risk, 0.9)\n"
    check = "# nb2svc: check some metrics=share\nshare = called.mean()\nassert share <= 1"
    ran = Ran(LOANS, FEATURES, model, check)
    seen, space = ran.evaluate("region"), ran.shell.user_ns
    north = (space["loans"].loc[space["X_test"].index, "region"] == "north").to_numpy()
    assert parts(seen)["region=north"]["told"]["metrics"]["share"]["value"] == space["called"][north].mean() > 0.1


def test_a_failed_check_tells_what_it_compared_and_metrics_below_it_are_computed_all_the_same():
    check = "# nb2svc: check good metrics=rate\nassert y_test.mean() < 0.45, 'too many'\nrate = y_test.mean()"
    seen = Ran(LOANS, FEATURES, MODEL, check).evaluate("region")
    bad = {name: part["told"]["checks"]["cell-4"] for name, part in parts(seen).items() if part["told"]["checks"]["cell-4"]}
    assert bad
    for name, told in bad.items():
        (pair,) = told["values"]
        rate = parts(seen)[name]["told"]["metrics"]["rate"]["value"]
        assert (told["line"], told["message"], pair[0]) == (2, "too many", "y_test.mean()")
        assert float(pair[1]) == rate >= 0.45


ARRAYS = (
    "# nb2svc: model\nvalues, target = X.to_numpy(), loans['bad'].to_numpy()\norder = rng.permutation(len(values))\n"
    "train, test = order[100:], order[:100]\nX_test, y_test = values[test], target[test]\n"
    "model = LogisticRegression(max_iter=500).fit(values[train], target[train])\nrisk = model.predict_proba(X_test)[:, 1]"
)


def test_arrays_are_followed_by_position():
    ran = Ran(LOANS, FEATURES, ARRAYS, CHECK)
    seen, space = ran.evaluate("region"), ran.shell.user_ns
    assert seen["from"] == [["region", "loans, by position"]]
    north = (space["loans"]["region"] == "north").to_numpy()[space["test"]]
    by_hand = roc_auc_score(space["y_test"][north], space["risk"][north])
    assert parts(seen)["region=north"]["told"]["metrics"]["auc"]["value"] == by_hand


def test_arrays_that_were_split_at_random_have_no_way_back_and_a_column_split_along_has():
    split = MODEL.replace('(X, loans["bad"], ', "(X.to_numpy(), loans['bad'].to_numpy(), ")
    refused = Ran(LOANS, FEATURES, split, CHECK).evaluate("region")["refused"]
    assert refused["what"] == "no column region is known of the held-out rows"
    assert "--segments region_test" in refused["fix"]
    along = split.replace("y_train, y_test = ", "y_train, y_test, region_train, region_test = ").replace(
        "['bad'].to_numpy(), ", "['bad'].to_numpy(), loans['region'], "
    )
    ran = Ran(LOANS, FEATURES, along, CHECK)
    assert ran.evaluate("region_test")["from"] == [["region_test", "itself"]]
    assert [part["rows"] for part in ran.evaluate("region")["parts"]] == [
        part["rows"] for part in ran.evaluate("region_test")["parts"]
    ]


def test_a_column_that_is_misspelt_or_has_too_many_values_is_told(loans: Ran):
    assert loans.evaluate("regoin")["refused"]["fix"] == "did you mean region?"
    many = loans.evaluate("age")["refused"]
    assert many["what"].startswith("age has ")
    assert many["what"].endswith("held-out rows: at most 30 make segments")
    assert "pd.cut" in many["fix"]


def test_a_table_can_be_named_and_one_with_labels_twice_is_not_trusted():
    ran = Ran(LOANS, FEATURES.replace("X = ", "loans['region'] = loans['region'].fillna('east')\nX = "), MODEL, CHECK)
    assert "region=missing" not in parts(ran.evaluate("region"))
    assert "raw.region=missing" in parts(ran.evaluate("raw.region"))
    twice = Ran(LOANS + "raw = pd.concat([raw, raw])\n", FEATURES, MODEL, CHECK).evaluate("region")["refused"]
    assert "stand there twice" in twice["why"]


def test_a_value_that_may_be_of_the_same_rows_or_of_others_is_not_used():
    check = "# nb2svc: check good metrics=mean\nmean = np.average(risk, weights=shuffled)\nassert mean < 1"
    # Made of the number of rows it is made again for each segment, and fits it.
    seen = Ran(LOANS, FEATURES, MODEL, "shuffled = np.random.permutation(np.ones(len(X_test)))", check).evaluate("region")
    assert seen["whole"]["problems"] == {}
    loaded = LOANS + "weights = np.ones(len(raw[raw['age'] >= 18]) - int(len(raw[raw['age'] >= 18]) * 0.75))\n"
    ran = Ran(loaded, FEATURES, MODEL, check.replace("shuffled", "weights"))
    assert len(ran.shell.user_ns["weights"]) == len(ran.shell.user_ns["risk"])
    told = ran.evaluate("region")["whole"]
    assert "whether it has the same in the same order can't be known" in told["checks"]["cell-4"]["unreached"]
    assert "mean" not in told["metrics"]


def test_an_assertion_on_what_few_rows_do_not_define_has_not_failed():
    check = "# nb2svc: check found\nassert recall_score(y_test, risk > 0.4) > 0.2, 'too few'"
    sources = LOANS.replace("import accuracy_score", "import recall_score, accuracy_score"), FEATURES, MODEL, check
    nobody = parts(Ran(*sources).evaluate("bad"))["bad=0"]["told"]["checks"]["cell-4"]
    assert nobody["unreached"].startswith("Recall is ill-defined")


def test_a_metric_that_few_rows_do_not_define_is_told_as_such_and_not_as_zero():
    """Where nobody defaults there is no recall; scikit-learn warns, and says 0."""
    check = "# nb2svc: check found metrics=recall\nrecall = recall_score(y_test, risk > 0.4)\nassert recall > 0.2, 'too few'\n"
    ran = Ran(LOANS.replace("import accuracy_score", "import recall_score, accuracy_score"), FEATURES, MODEL, check)
    seen = ran.evaluate("bad")
    nobody, some = (parts(seen)[name]["told"] for name in ("bad=0", "bad=1"))
    assert nobody["checks"]["cell-4"]["unreached"].startswith("Recall is ill-defined")
    assert "recall" not in nobody["metrics"]
    assert nobody["problems"]["recall"].endswith("(cell 4, line 2)")
    assert some["checks"]["cell-4"] == {}
    assert some["metrics"]["recall"]["value"] == seen["whole"]["metrics"]["recall"]["value"] > 0.2
