"""OPS-03: estimators that learn, that can't, and that learn what they should not."""

import importlib
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.cluster import KMeans
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV

import nb2svc_runtime.artifacts
import nb2svc_runtime.state
from nb2svc.readiness.checks.tested_model import ModelTests, judge_model_tests
from nb2svc.readiness.evidence.model_tests import observe_model_tests
from nb2svc.readiness.harness import model_code
from unit.readiness.worlds import TRIED

RANDOM = np.random.RandomState(3)
ROWS = pd.DataFrame(RANDOM.normal(size=(600, 9)), columns=list("abcdefghi"))
LABELS = np.where(ROWS["a"] + ROWS["b"] + RANDOM.normal(scale=0.7, size=600) > 0, "high", "low")
NUMBERS = 3 * ROWS["a"] + RANDOM.normal(size=600)


def tried(monkeypatch: pytest.MonkeyPatch, model, *, inputs=ROWS, labels=LABELS, kept=("fit_input", "fit_target")) -> dict:
    values = {"fit_input": inputs, "fit_target": labels}

    def value(kind: str) -> object:
        if kind not in kept:
            raise KeyError(kind)
        return values[kind]

    capture = SimpleNamespace(value=value, predictor=SimpleNamespace(model=model))
    parts = {
        "_nb2svc.replay": SimpleNamespace(find_capture=lambda _: capture),
        "_nb2svc.artifacts": nb2svc_runtime.artifacts,
        "_nb2svc.state": nb2svc_runtime.state,
    }
    real = importlib.import_module
    ours = lambda name, package=None: parts[name[6:]] if name.startswith("loans.") else real(name, package)  # noqa: E731
    monkeypatch.setattr(importlib, "import_module", ours)
    return model_code.try_model_code({"package": "loans", "seconds": 60})


def judged(answer: dict):
    return judge_model_tests(observe_model_tests(SimpleNamespace(tried=lambda _: answer)))


def test_a_classifier_learns_and_nothing_from_labels_of_other_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = tried(monkeypatch, LogisticRegression().fit(ROWS, LABELS))
    assert (answer["toy"], answer["same"], answer["tiny"]) == (True, True, 1.0)
    assert 0.4 < answer["shuffled"] < answer["bound"] < 0.7 < answer["true"]
    assert judged(answer).status == "pass"


def test_a_regressor_too(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = tried(monkeypatch, Ridge().fit(ROWS, NUMBERS), labels=NUMBERS)
    assert answer["shuffled"] < answer["bound"] < 0.8 < answer["true"]
    assert judged(answer).status == "pass"


def test_the_best_estimator_of_a_search_is_tried_without_searching_again(monkeypatch: pytest.MonkeyPatch) -> None:
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2).fit(ROWS, LABELS)
    monkeypatch.setattr(GridSearchCV, "fit", lambda *_: pytest.fail("it searched again"))
    assert judged(tried(monkeypatch, search)).status == "pass"


def test_the_first_of_several_estimators_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    models = [LogisticRegression().fit(ROWS, LABELS) for _ in range(2)]
    assert judged(tried(monkeypatch, models)).status == "pass"


class Knowing(ClassifierMixin, BaseEstimator):
    """Looks the answer up among all that it ever could see, whatever it is fitted with."""

    def fit(self, rows, labels):
        self.classes_ = np.unique(LABELS)
        return self

    def predict(self, rows):
        return LABELS[rows.index]


def test_an_estimator_that_knows_the_answers_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_code._Trial, "_comes_back", lambda *_: True)
    outcome = judged(tried(monkeypatch, Knowing().fit(ROWS, LABELS)))
    assert outcome.status == "fail"
    assert "Fitted with the labels of other rows, it tells more than chance" in outcome.sentence


def test_an_estimator_that_learns_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = judged(tried(monkeypatch, DummyClassifier().fit(ROWS, LABELS)))
    assert outcome.status == "fail"
    assert "no more than chance" in outcome.sentence


def test_what_has_no_labels_or_can_not_be_fitted_anew_does_not_apply(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(tried(monkeypatch, KMeans(2, n_init=1).fit(ROWS))).status == "not_applicable"
    assert judged(tried(monkeypatch, object())).status == "not_applicable"
    loaded = judged(tried(monkeypatch, LogisticRegression(), kept=()))
    assert loaded.status == "not_applicable"
    assert "does not fit its model with labels" in loaded.sentence


def endless() -> None:
    while True:
        pass


def test_too_few_rows_and_too_much_time_are_not_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    few = tried(monkeypatch, LogisticRegression(), inputs=ROWS[:20], labels=LABELS[:20])
    assert judged(few).status == "not_evaluated"
    with pytest.raises(RuntimeError, match="longer than"), model_code._at_most(0.05):
        endless()


GOOD = ModelTests(**TRIED["model"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({}, "pass", "AUC 0.52 with shuffled labels and 0.81 with their own (chance ends at 0.60)"),
        ({"toy": False}, "fail", "does not give one answer a row"),
        ({"same": False}, "fail", "after it was saved and loaded"),
        ({"shuffled": 0.7}, "fail", "AUC 0.70 (chance ends at 0.60)"),
        ({"true": 0.55}, "fail", "no more than chance on 400 rows apart"),
        ({"tiny": 0.5}, "warn", "learns only 50% of eight rows by heart"),
    ],
)
def test_each_of_the_four_tests_can_fail(changes: dict, status: str, said: str) -> None:
    from dataclasses import replace

    outcome = judge_model_tests(replace(GOOD, **changes))
    assert outcome.status == status
    assert said in outcome.sentence
    assert bool(outcome.next_action) == (status != "pass")
