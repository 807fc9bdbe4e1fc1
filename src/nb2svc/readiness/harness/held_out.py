"""The rows that the notebook predicted and did not learn from, with their labels as the estimator was taught them.

A label comes from the target's column of the raw table, else from a variable that a check compares answers with.
"""

from __future__ import annotations

import copy
import functools
import importlib
from typing import Any, List, Sequence, Tuple
from unittest import SkipTest

from .model_code import length, served_estimator

LEAST, MOST = 40, 2000


class Unknown(Exception):
    """Why there are no held-out rows to look at."""


@functools.lru_cache(maxsize=1)
def held_out(package: str, labels: Tuple[str, ...]) -> "HeldOut":
    """The held-out rows of a project, looked up once for all that is asked of them.

    Raises:
        Unknown: there are none.
    """
    return HeldOut(package, labels)


class HeldOut:
    """`kind` is classifier or regressor; `rows` are ordinals of the main table, `truth` their labels in the same order.

    Of a regressor whose labels were transformed before it was taught (`np.log(y)`), answers are compared, which the author turned
    back: `answers` then says so.
    """

    def __init__(self, package: str, labels: Sequence[str]) -> None:
        from sklearn.base import is_classifier, is_regressor

        replay = importlib.import_module(package + "._nb2svc.replay")
        self.capture = replay.find_capture(package)
        if self.capture is None:
            raise Unknown("the capture was not found")
        self.model = served_estimator(self.capture.predictor.model)
        self.kind = "classifier" if is_classifier(self.model) else "regressor" if is_regressor(self.model) else ""
        if not self.kind:
            raise Unknown("a " + type(self.model).__name__ + " is no classifier or regressor of scikit-learn's kind")
        try:
            self.fit_input, self.fit_target = self.capture.value("fit_input"), _column(self.capture.value("fit_target"))
        except KeyError:
            raise Unknown("the notebook does not fit its model with labels") from None
        self.answers = False
        self.rows, self.truth = self._labelled(labels)
        self.inputs = self.capture.inputs(self.rows)

    def _labelled(self, names: Sequence[str]) -> Any:
        import numpy as np

        fitted = set(self.capture._rows("fit_rows"))
        predicted = self._predicted()
        places = [place for place, row in enumerate(predicted) if row >= 0 and row not in fitted]
        if len(places) < LEAST:
            raise Unknown("fewer than {} rows were held out".format(LEAST))
        labels = self._of_table(predicted)
        labels = self._of_check(names, len(predicted)) if labels is None else labels
        places = [place for place in places if labels[place] is not None]
        if len(places) < LEAST:
            raise Unknown("the labels of too few held-out rows are known")
        chosen = places[:: -(-len(places) // MOST)]
        return [predicted[place] for place in chosen], np.array([labels[place] for place in chosen])

    def _predicted(self) -> List[int]:
        try:
            self.capture.predictions()
        except SkipTest as error:
            raise Unknown(str(error)) from None
        rows: List[int] = self.capture._rows("predict_rows")
        return rows

    def _of_table(self, predicted: List[int]) -> Any:
        """The target's column, told as the estimator was taught it: True → 1, "bad" → 1."""
        target = self.capture.observation["target"]
        main = next(each["name"] for each in self.capture.observation["tables"] if each["role"] == "main")
        table = self.capture._main_table(main)
        if not target or target not in getattr(table, "columns", ()):
            return None
        column, learned = table[target].tolist(), self.capture._rows("fit_rows")
        if len(learned) != len(self.fit_target):
            return None
        pairs = [(column[row], label) for row, label in zip(learned, self.fit_target.tolist()) if row >= 0]
        if self.kind == "regressor":
            self.answers = any(abs(float(raw) - float(label)) > 1e-9 * max(1.0, abs(float(raw))) for raw, label in pairs)
            return [column[row] if row >= 0 else None for row in predicted]
        taught = dict(pairs)
        if any(taught[raw] != label for raw, label in pairs):
            return None
        return [taught.get(column[row]) if row >= 0 else None for row in predicted]

    def _of_check(self, names: Sequence[str], count: int) -> Any:
        for name in names:
            try:
                labels = _column(self.capture.value("check_value", name)).tolist()
            except (KeyError, ValueError, TypeError):
                continue
            if len(labels) == count and (self.kind == "regressor" or set(labels) <= set(self.fit_target.tolist())):
                return labels
        raise Unknown("the labels of the held-out rows are neither a column of the raw table nor read by a check")

    def answers_of(self, model: Any) -> Any:
        """One answer a row: of the estimator, or of the service with this estimator in it."""
        import numpy as np

        if not self.answers:
            return np.asarray(model.predict(self.inputs)).reshape(len(self.rows), -1)[:, 0]
        if type(self.capture.predictor.model).__name__ == "Models":
            raise Unknown("the labels were transformed, and training leaves several values")
        served = copy.copy(self.capture)
        served._predictor = copy.copy(self.capture.predictor)
        served._predictor.model = model
        given = np.asarray(served.answer(self.rows))
        if length(given) != len(self.rows) or given.dtype.kind not in "fiu":
            raise Unknown("the labels were transformed, and the answer is no number a row")
        return given.reshape(len(self.rows), -1)[:, 0]

    def errors_of(self, model: Any) -> Any:
        """How wrong it is in each row: 1 or 0 of a classifier, else the distance."""
        import numpy as np

        told = self.answers_of(model)
        if self.kind == "classifier":
            return np.array([float(answer != truth) for answer, truth in zip(told.tolist(), self.truth.tolist())])
        return np.abs(told.astype(float) - self.truth.astype(float))


def _column(labels: Any) -> Any:
    import numpy as np

    array = np.asarray(labels)
    if array.ndim > 1 and array.shape[1:] != (1,):
        raise Unknown("the labels have several columns")
    return array.reshape(len(array))
