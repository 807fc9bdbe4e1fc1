"""What is known of held-out rows from the source, and what is refused there, each at its line."""

import pytest

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.analysis.index import make_index
from nb2svc.analysis.row_order import Rows, row_order
from nb2svc.errors import UsageError
from nb2svc.validate.segments.asking import check_columns
from nb2svc.validate.segments.values import AT_THE_END
from unit.capture.made import made
from unit.validate.segments.kernels import CHECK, FEATURES, LOANS, MODEL, planned, refused


def steps(*sources: str) -> list[str]:
    found = planned(*made(*sources)).plan
    assert found is not None
    return [one.source.split(" = ")[0] for one in found.steps]


def test_what_holds_the_held_out_rows_is_kept_and_what_is_computed_of_it_is_computed_again():
    found = planned(*made(LOANS, FEATURES, MODEL, CHECK)).plan
    assert found is not None
    assert found.held == ("X_test", "y_test", "risk")
    assert found.other == ("X_train", "y_train")
    assert [(one.name, one.how) for one in found.tables if one.how != "beside"][-3:] == [
        ("X", "labels"), ("loans", "labels"), ("raw", "labels"),
    ]  # fmt: skip
    assert [one.source for one in found.steps] == CHECK.strip().split("\n")[1:]
    assert dict(found.steps[0].reads)["risk"] == AT_THE_END
    assert [(one.name, one.step) for one in found.named] == [("auc", found.steps[0].number)]


def test_a_table_whose_labels_are_new_is_not_taken_for_the_old_one():
    """A merge gives other labels: `raw` must not be asked by those of `loans`."""
    merged = FEATURES.replace(
        'loans = raw[raw["age"] >= 18]', 'loans = raw[raw["age"] >= 18]\nloans = loans.merge(raw, on="age")'
    )
    found = planned(*made(LOANS, merged, MODEL, CHECK)).plan
    assert found is not None
    assert "loans" in [one.name for one in found.tables]
    assert "raw" not in [one.name for one in found.tables]


@pytest.mark.parametrize(
    "change", [".reset_index(drop=True)", ".rename(index=lambda at: at + 1)", ".sort_values('age', ignore_index=True)"]
)
def test_labels_that_were_given_anew_lead_to_no_older_table(change: str):
    found = planned(*made(LOANS, FEATURES.replace('raw[raw["age"] >= 18]', f'raw[raw["age"] >= 18]{change}'), MODEL, CHECK)).plan
    assert found is not None
    assert [one.name for one in found.tables if one.how != "beside" and one.name in ("raw", "loans")] == ["loans"]


def test_rows_chosen_twice_by_the_same_rows_are_the_same():
    model = (
        "# nb2svc: model\norder = rng.permutation(len(X))\ntest = order[:100]\nX_test = X.to_numpy()[test]\n"
        'y_test = loans["bad"].to_numpy()[test]\nother = loans["bad"].to_numpy()[order[100:]]\n'
        "model = LogisticRegression().fit(X, loans['bad'])\nrisk = model.predict(X_test)"
    )
    found = planned(*made(LOANS, FEATURES, model, CHECK)).plan
    assert found is not None
    assert found.held == ("X_test", "y_test", "risk")
    assert ("loans", "positions", ("test",)) in [(one.name, one.how, one.path) for one in found.tables]
    # Where `test` is another one in the end, it no longer says which rows these are.
    later = planned(*made(LOANS, FEATURES, model, CHECK, "test = order[:3]")).plan
    assert later is not None
    assert "loans" not in [one.name for one in later.tables]


@pytest.mark.parametrize(
    ("what", "where", "change"),
    [
        (
            "`fit` trains, and a segment is evaluated without training again",
            "cell 4, line 2",
            {3: "# nb2svc: check good\nother = LogisticRegression().fit(X_test, y_test)\nassert other.score(X_test, y_test) > 0.5"},
        ),
        (
            "`retrained` trains, and a segment is evaluated without training again",
            "cell 4, line 4",
            {
                3: "# nb2svc: check good\ndef retrained(a, b):\n    return LogisticRegression().fit(a, b).score(a, b)\n"
                "assert retrained(X_test, y_test) > 0.5"
            },
        ),
        (
            "this line writes a file, and would do so again for each segment",
            "cell 4, line 2",
            {3: "# nb2svc: check good\nnone = X_test.to_csv('held.csv')\nassert none is None and roc_auc_score(y_test, risk) > 0.5"},
        ),
        (
            "`y_test` is another one when the run has ended",
            "cell 5, line 1",
            {4: "y_test = y_test.head(3)"},
        ),
        (
            "`kept` is another one when the run has ended",
            "cell 4, line 3",
            {2: MODEL + "kept = []\n", 3: "# nb2svc: check good\nassert len(risk)\nkept.append(risk.mean())\nassert kept"},
        ),
        (
            "which rows are held out can't be known",
            "cell 3, line 4",
            {
                2: "# nb2svc: model\nmodel = LogisticRegression().fit(X, loans['bad'])\nfor part in (1, 2):\n"
                "    risk = model.predict(X[X['age'] > part])"
            },
        ),
        (
            "what `mlflow.log_metric` does can't be seen, and it would be done again for each segment",
            "cell 4, line 4",
            {3: "# nb2svc: check good\nimport mlflow\nauc = roc_auc_score(y_test, risk)\nmlflow.log_metric('auc', auc)\nassert auc > 0"},
        ),
        (
            "`y_test` may be another one when the run has ended",
            "cell 4, line 3",
            {3: "import nb2svc\nmetrics = {'auc': roc_auc_score}\nnb2svc.metric('auc', metrics['auc'](y_test, risk))"},
        ),
        (
            "no check and no metric reads a held-out row",
            "cell 4, line 2",
            {3: "# nb2svc: check data\nassert len(raw) > 10"},
        ),
        (
            "no rows are held out",
            "cell 3, line 2",
            {2: "# nb2svc: model\nmodel = LogisticRegression().fit(X, loans['bad'])"},
        ),
        (
            "a function of the notebook reads `X`, of which the held-out rows are a part",
            "cell 4, line 4",
            {
                3: "# nb2svc: check good\ndef good():\n    return roc_auc_score(loans['bad'], model.predict(X))\n"
                "assert good() > 0.5 and roc_auc_score(y_test, risk) > 0.5"
            },
        ),
    ],
)  # fmt: skip
def test_what_the_source_tells_is_refused_at_its_line(what: str, where: str, change: dict[int, str]):
    sources = [LOANS, FEATURES, MODEL, CHECK]
    for at, source in change.items():
        sources[at:at + 1] = [source]  # fmt: skip
    assert (what, where) in refused(*sources)


def test_held_out_rows_that_are_chosen_again_are_refused():
    model = (
        "# nb2svc: model\ntest = loans['age'] > 60\nX_test = X[test]\nmodel = LogisticRegression().fit(X[~test], loans['bad'][~test])\n"
        "risk = model.predict(X_test)"
    )
    check = "# nb2svc: check good\nassert accuracy_score(loans['bad'][test], risk) > 0.1"
    ((what, where),) = refused(LOANS, FEATURES, model, check)
    assert (what, where) == (
        "`loans['bad'][test]` chooses the held-out rows again, and would choose all of them", "cell 4, line 2",
    )  # fmt: skip
    named = model + "\ny_test = loans['bad'][test]"
    assert steps(LOANS, FEATURES, named, check.replace("loans['bad'][test]", "y_test")) == [
        "assert accuracy_score(y_test, risk) > 0.1"
    ]


def test_rows_by_label_follow_the_segment():
    check = "# nb2svc: check good\nold = raw.loc[X_test.index, 'age'].mean()\nassert old > 18 and risk.mean() < 1"
    assert steps(LOANS, FEATURES, MODEL, check) == ["old", "assert old > 18 and risk.mean() < 1"]


def test_a_prediction_whose_name_another_one_took_is_made_again_by_its_model():
    first = "first = accuracy_score(y_test, guess)"
    cells = ["guess = model.predict(X_test)", f"import nb2svc\n{first}\nnb2svc.metric('first', first)", "guess = 1 - guess"]
    assert steps(LOANS, FEATURES, MODEL, *cells) == ["guess", "first", "nb2svc.metric('first', first)"]


def test_what_a_check_cell_only_shows_or_writes_is_not_done_again():
    check = CHECK + "print(auc)\nax = risk.plot()\nax.figure.savefig('risk.png')\ntracker.log('auc', auc)\nX_test.to_csv('a.csv')"
    assert steps(LOANS, FEATURES, MODEL, check) == ["auc", 'assert auc > 0.5, "too weak"']


def orders(*sources: str) -> dict[str, object]:
    notebook, dataflow = made(LOANS, *sources)
    order = row_order(make_index(notebook, dataflow), {})
    return {name: order.known_as(rows.order) for name, rows in order.final.items() if isinstance(rows, Rows)}


@pytest.mark.parametrize(
    ("source", "same"),
    [
        ("a, b = raw[raw['age'] > 40], raw['bad'][raw['age'] > 40]", True),
        ("a, b = raw.query('age > 40'), raw.query('age > 40')['bad']", True),
        ("a = raw.copy()\nb = np.log(a['age'].fillna(0).to_numpy()) / 10", True),
        ("a = raw\nb = [age + 1 for age in a['age']]", True),
        ("a = raw.assign(old=1)\na['new'] = 2\nb = raw['bad']", True),
        ("a = raw.copy()\na['age'].fillna(0, inplace=True)\nb = raw['bad']", True),
        ("b = raw['age'] > 40\na = pd.DataFrame({'y': raw['bad'], 'p': b})", True),
        ("a, b = raw[np.random.rand(400) < 0.5], raw[np.random.rand(400) < 0.5]", False),
        ("a, b = raw.sample(9), raw.sample(9)", False),
        ("a, b = raw[raw['age'] > 40], raw[raw['age'] > 41]", False),
        ("k = 40\na = raw.query('age > @k')\nk = 41\nb = raw.query('age > @k')", False),
        ("k = 40\na = raw[raw['age'] > k]\nk = 41\nb = raw[raw['age'] > k]", False),
        ("a = raw.copy()\nb = a.sort_values('age')", False),
        ("a = raw.copy()\na.sort_values('age', inplace=True)\nb = raw", False),
        ("a = raw.merge(raw, on='age')\nb = raw", False),
        ("a = raw.copy()\ndel a['age']\nb = raw", True),
        ("for c in ['age']:\n    raw[c] = raw[c].fillna(0)\na, b = raw, raw['bad']", True),
        ("def mixed(t):\n    t.sort_values('age', inplace=True)\n    return 1\na, b = raw.copy(), raw\nb['n'] = mixed(a)", False),
        ("def mixed(t):\n    t.sort_values('age', inplace=True)\na = raw.copy()\nmixed(a)\nb = raw", False),
        ("a = raw.groupby('region')['age'].mean()\nb = raw", False),
        ("a = np.where(raw['age'] > 40)\nb = raw", False),
        ("a = raw.copy()\na.loc[7] = 0\nb = raw", False),
        ("from sklearn.metrics import pairwise_distances\na, b = raw.head(5), raw.tail(9)\nd = pairwise_distances(a, b)", False),
        ("a, b = raw.head(5), raw.tail(5)\nm = accuracy_score(a, b)", True),
    ],
)
def test_two_values_have_the_same_rows_or_it_is_not_said(source: str, same: bool):
    found = orders(source)
    assert (found.get("a", 1) == found.get("b", 2)) is same


def test_a_refusal_is_told_with_its_place_and_all_others():
    bad = "# nb2svc: check good\nnone = X_test.to_csv('a.csv')\nmodel.fit(X_test, y_test)\nassert none is None and model.score(X_test, y_test) > 0.1"
    notebook, _ = made(LOANS, FEATURES, MODEL, bad)
    with pytest.raises(UsageError) as caught:
        check_columns(notebook, build_dataflow(notebook), ["region"])
    assert caught.value.where.endswith('cell 4 "good", line 2')
    assert caught.value.fix
    assert "trains" in caught.value.details
    check_columns(notebook, build_dataflow(notebook), [])


def test_a_chain_of_a_thousand_statements_is_no_depth_too_many():
    chain = "\n".join(["value = risk.mean()", *(f"value = value + {at}" for at in range(1200))])
    check = "# nb2svc: check good\nassert value > 0"
    assert len(steps(LOANS, FEATURES, MODEL, chain, check)) == 1202
