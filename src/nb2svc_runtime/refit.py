"""The served estimator fitted again, by the project's own code, on what the notebook's `fit` received.

What a class of the notebook learns is in no step: only another fit shows that it still learns the same.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, List, Tuple
from unittest import SkipTest

from .artifacts import given

if TYPE_CHECKING:
    from .replay import Capture

# Answers of so many rows tell two estimators apart.
ROWS = 300


def answers_of_another_fit(capture: "Capture") -> Tuple[Any, Any]:
    """The served estimator's answers, and those of a new one of its kind and settings, for the first rows that `fit` received.

    Of a search it is the best estimator, which the search fitted on the same rows.

    Raises:
        SkipTest: two new fits differ from each other: the estimator draws without a seed.
    """
    from .replay import differences

    model = next(each for each in given(capture.predictor.model) if hasattr(each, "fit"))
    model = getattr(model, "best_estimator_", model)
    inputs = capture.value("fit_input")
    few = inputs.iloc[:ROWS] if hasattr(inputs, "iloc") else inputs[:ROWS]
    served, again = _answers(model, few), _answers(_fitted(capture, model, inputs), few)
    if differences(served, again) and differences(again, _answers(_fitted(capture, model, inputs), few)):
        raise SkipTest("the estimator learns something else at each fit: set random_state in the notebook")
    return served, again


def _fitted(capture: "Capture", model: Any, inputs: Any) -> Any:
    from sklearn.base import clone

    labels: List[Any] = []
    with contextlib.suppress(KeyError):  # it may learn without labels
        labels = [capture.value("fit_target")]
    return clone(model).fit(inputs, *labels)


def _answers(model: Any, rows: Any) -> Any:
    """What tells most of an estimator: its probabilities where it has one table of them."""
    told = model.predict_proba(rows) if hasattr(model, "predict_proba") else None
    return model.predict(rows) if told is None or isinstance(told, list) else told
