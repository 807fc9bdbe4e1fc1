"""Ways in which notebooks hold rows out: of each, the accuracies of the segments make up that of all rows."""

import pytest

from unit.validate.segments.kernels import FEATURES, LOANS, Ran

CHECK = "# nb2svc: check good metrics=acc\nacc = accuracy_score(y_test, answer)\nassert acc > 0.1"
TIME = (
    "# nb2svc: model output=answer\nloans = loans.copy()\nloans['year'] = 2015 + loans['age'] % 8\nfeatures = ['age']\n"
    "train = loans[loans.year < 2020]\ntest = loans[loans.year >= 2020].copy()\n"
    "model = LogisticRegression().fit(train[features], train['bad'])\nanswer = model.predict(test[features])\ny_test = test['bad']"
)
IDIOMS = {
    "the later years": (TIME, CHECK),
    "a prediction kept beside its row": (
        TIME + "\ntest['answer'] = answer",
        (
            "# nb2svc: check good metrics=acc\nresults = test.assign(hit=test['answer'] == test['bad'])\nacc = results['hit'].mean()\n"
            "assert acc > 0.1"
        ),
    ),
    "places split": (
        (
            "# nb2svc: model\ntrain, test = train_test_split(np.arange(len(X)), random_state=0)\nX_test = X.iloc[test]\n"
            "y_test = loans['bad'].iloc[test]\nmodel = LogisticRegression().fit(X.iloc[train], loans['bad'].iloc[train])\n"
            "answer = model.predict(X_test)"
        ),
        CHECK,
    ),
    "a sample, and what is left": (
        (
            "# nb2svc: model\ntrain = loans.sample(frac=0.7, random_state=1)\ntest = loans.drop(train.index)\ny_test = test['bad']\n"
            "model = LogisticRegression().fit(train[['age']], train['bad'])\nanswer = model.predict(test[['age']])"
        ),
        CHECK,
    ),
    "a function that splits": (
        "def parts(table):\n    return table.iloc[:200], table.iloc[200:]\ntrain, test = parts(loans)",
        "# nb2svc: model\nmodel = LogisticRegression().fit(train[['age']], train['bad'])\nanswer = model.predict(test[['age']])",
        CHECK.replace("y_test", "test['bad']"),
    ),
    "columns by a list that only a run knows, and a function that evaluates": (
        (
            "# nb2svc: model\nwanted = [name for name in loans if name in ('age',)]\n"
            "X_train, X_test, y_train, y_test = train_test_split(loans[wanted], loans['bad'], random_state=0)\n"
            "model = LogisticRegression().fit(X_train, y_train)\nanswer = model.predict(X_test)"
        ),
        "def evaluate(model, rows, truth):\n    return {'acc': accuracy_score(truth, model.predict(rows))}",
        "# nb2svc: check good metrics=acc\nscores = evaluate(model, X_test, y_test)\nacc = scores['acc']\nassert acc > 0.1",
    ),
    "scaled under the same name": (
        (
            "# nb2svc: model\nfrom sklearn.preprocessing import StandardScaler\n"
            "X_train, X_test, y_train, y_test = train_test_split(X, loans['bad'], random_state=0)\nscaler = StandardScaler()\n"
            "X_train = scaler.fit_transform(X_train)\nX_test = scaler.transform(X_test)\n"
            "model = LogisticRegression().fit(X_train, y_train)\nanswer = model.predict(X_test)"
        ),
        CHECK.replace("acc = ", "from sklearn.metrics import confusion_matrix\ncells = confusion_matrix(y_test, answer)\nacc = "),
    ),
}


@pytest.mark.parametrize("idiom", IDIOMS)
def test_the_segments_make_up_the_whole(idiom: str):
    ran = Ran(LOANS, FEATURES, *IDIOMS[idiom])
    seen = ran.evaluate("region")
    told = [(part["rows"], part["told"]["metrics"]["acc"]["value"]) for part in seen["parts"]]
    assert len(told) == 4
    whole = sum(rows * acc for rows, acc in told) / sum(rows for rows, _ in told)
    assert whole == pytest.approx(seen["whole"]["metrics"]["acc"]["value"])
    assert seen["whole"]["metrics"]["acc"]["value"] == ran.shell.user_ns["acc"]
    assert len({acc for _, acc in told}) > 1
