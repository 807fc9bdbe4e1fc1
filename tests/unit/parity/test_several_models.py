"""Several models in one answer: each is watched, wherever it is held, and only what they are given alike is replaced."""

import numpy as np
import pytest

from nb2svc.parity.harness.service import Recorder, watched

X = np.arange(6.0).reshape(3, 2)


class Doubling:
    """A model, and what holds one: its own attribute."""

    best_estimator_: "Doubling"

    def predict(self, rows: np.ndarray) -> np.ndarray:
        return rows.sum(axis=1) * 2


def test_models_in_lists_dictionaries_and_attributes_are_watched() -> None:
    recorder, search = Recorder(), Doubling()
    search.best_estimator_ = Doubling()
    held = watched({"all": [Doubling(), (search,)], "limit": 0.25, "weights": X}, recorder)

    held["all"][0].predict(X)
    held["all"][1][0].best_estimator_.predict(X + 1)

    assert [call.tolist() for call in recorder.calls] == [X.tolist(), (X + 1).tolist()]
    assert held["limit"] == 0.25
    assert held["weights"] is X, "what is no model stays what it is"


@pytest.mark.parametrize(("second", "replaced"), [(X.copy(), True), (X[:, :1], False), (X + 1e-12, False)])
def test_only_a_model_that_is_given_the_same_gets_the_notebooks_own_rows(second: np.ndarray, replaced: bool) -> None:
    recorder = Recorder()
    recorder.substitute = lambda given: given + 100
    model = watched(Doubling(), recorder)

    model.predict(X)
    model.predict(second)

    assert recorder.calls[0].tolist() == (X + 100).tolist()
    assert (recorder.calls[1].tolist() == (second + 100).tolist()) is replaced
