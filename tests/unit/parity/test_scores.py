"""Two estimators with the same labels: another model all the same, and the same model again."""

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge

from nb2svc.parity.harness.scores import other_scores, with_scores

ROWS = np.random.RandomState(0).normal(size=(400, 3))
LABELS = (ROWS[:, 0] > 0).astype(int)
PASSED = {"status": "pass", "compared": 400, "total": 400, "different": 0, "differences": [], "note": ""}


def test_half_of_the_rows_give_other_scores_where_every_label_is_the_same() -> None:
    rows = np.sign(ROWS) * 5
    whole, half = LogisticRegression().fit(rows, LABELS), LogisticRegression().fit(rows[::2], LABELS[::2])
    assert (whole.predict(rows) == half.predict(rows)).all()
    found = with_scores(PASSED, whole, half, rows)
    assert (found["status"], found["different"], found["other_model"]) == ("fail", 400, True)
    # Where the answers differ already, that the model is the cause.
    failed = {**PASSED, "status": "fail", "different": 7}
    assert with_scores(failed, whole, half, rows) == {**failed, "other_model": True}


def test_the_same_model_again_and_its_last_digits_are_no_difference() -> None:
    one, two = Ridge().fit(ROWS, ROWS[:, 0]), Ridge().fit(ROWS, ROWS[:, 0])
    two.coef_ = two.coef_ * (1 + 1e-12)
    assert other_scores(one, two, ROWS) == 0
    assert with_scores(PASSED, one, two, ROWS) == PASSED


def test_what_can_not_be_asked_is_left_as_it_was() -> None:
    failed = {**PASSED, "status": "fail", "different": 7}
    assert other_scores(object(), object(), ROWS) is None
    assert with_scores(PASSED, object(), object(), ROWS) == PASSED
    assert with_scores(failed, Ridge(), Ridge(), ROWS) == failed
