"""Unit tests of model code: new estimators of the served one's kind, fitted on few rows of what the notebook's `fit` received.

toy         it fits and answers; saved and loaded by the project's own artifacts it answers the same
tiny        eight rows, many times over: it learns them by heart
shuffled    labels that belong to other rows: on rows apart it tells no more than chance (the mean of three)
true        the right labels: on the same rows apart it tells more
"""

from __future__ import annotations

import importlib
import math
import tempfile
from typing import Any, ContextManager, Dict, List, Tuple

from .limits import at_most

ROWS = 1200
TOY = 80
TINY = 8
COPIES = 40
SHUFFLES = 3


def try_model_code(request: Dict[str, Any]) -> Dict[str, Any]:
    """→ {"kind", "toy", "same", "tiny", "shuffled", "true", "bound", "rows"}, or {"absent": reason} where it does not apply.

    Scores are the area under the ROC curve (mean over the classes), for regressors R².
    """
    replay = importlib.import_module(request["package"] + "._nb2svc.replay")
    capture = replay.find_capture(request["package"])
    if capture is None:
        return {"problem": "the capture was not found"}
    try:
        inputs, labels = capture.value("fit_input"), capture.value("fit_target")
    except KeyError:
        return {"absent": "the notebook does not fit its model with labels"}
    trial = _Trial(request["package"], served_estimator(capture.predictor.model), inputs, labels)
    with _at_most(float(request["seconds"])):
        return trial.answers()


def served_estimator(model: Any) -> Any:
    """The first estimator of several; of a search the best, which is what serves."""
    while isinstance(model, (list, tuple, dict)) and model:
        model = next(iter(model.values())) if isinstance(model, dict) else model[0]
        model = model[-1] if isinstance(model, tuple) else model
    return getattr(model, "best_estimator_", model)


class _Trial:
    def __init__(self, package: str, model: Any, inputs: Any, labels: Any) -> None:
        import numpy as np

        self._package = package
        self._model = model
        self._inputs = inputs
        self._labels = np.asarray(labels)
        self._random = np.random.RandomState(0)

    def answers(self) -> Dict[str, Any]:
        from sklearn.base import is_classifier, is_regressor

        fits = hasattr(self._model, "get_params") and hasattr(self._model, "fit")
        kind = (
            "" if not fits else "classifier" if is_classifier(self._model) else "regressor" if is_regressor(self._model) else ""
        )
        if not kind:
            return {"absent": "a " + type(self._model).__name__ + " is no classifier or regressor that could be fitted anew"}
        if self._labels.ndim > 1 and self._labels.shape[1:] != (1,):
            return {"problem": "the labels have several columns"}
        self._labels = self._labels.reshape(len(self._labels))
        total = len(self._labels)
        if length(self._inputs) != total or total < 4 * TINY:
            return {"problem": "there are too few rows to fit with"}
        chosen = self._random.permutation(total)[:ROWS]
        held, train = chosen[: len(chosen) // 3], chosen[len(chosen) // 3 :]
        toy = self._fitted(train[:TOY], self._labels[train[:TOY]])
        answer: Dict[str, Any] = {"kind": kind, "rows": len(train), "apart": len(held)}
        answer["toy"] = length(toy.predict(self._take(held))) == len(held)
        answer["same"] = self._comes_back(toy, held)
        answer["tiny"] = self._by_heart(train, kind)
        answer["true"] = self._score(self._fitted(train, self._labels[train]), held, kind)
        answer["shuffled"] = sum(self._shuffled(train, held, kind) for _ in range(SHUFFLES)) / SHUFFLES
        answer["bound"] = _bound(self._labels[held], kind)
        return answer

    def _shuffled(self, train: Any, held: Any, kind: str) -> float:
        """One estimator fitted with each row's label given to another; one alone can be lucky, so several are tried."""
        labels = self._labels[train][self._random.permutation(len(train))]
        return self._score(self._fitted(train, labels), held, kind)

    def _take(self, rows: Any) -> Any:
        if hasattr(self._inputs, "iloc"):
            return self._inputs.iloc[rows]
        return [self._inputs[row] for row in rows] if isinstance(self._inputs, list) else self._inputs[rows]

    def _new(self) -> Any:
        """An estimator of the same kind and settings, in one process."""
        from sklearn.base import clone

        model = clone(self._model)
        jobs = {name: None for name in model.get_params(deep=True) if name.rpartition("__")[2] == "n_jobs"}
        return model.set_params(**jobs) if jobs else model

    def _fitted(self, rows: Any, labels: Any) -> Any:
        return self._new().fit(self._take(rows), labels)

    def _by_heart(self, train: Any, kind: str) -> float:
        """The share of few rows that it answers right after it saw only them; of a regressor R²."""
        import numpy as np

        rows: List[int] = []
        for place in train.tolist():  # half of each class, so that there is something to tell apart
            same = sum(1 for row in rows if self._labels[row] == self._labels[place])
            if kind == "regressor" or same < TINY // 2:
                rows.append(place)
            if len(rows) == TINY:
                break
        often = np.tile(np.array(rows), COPIES)
        answers = np.asarray(self._fitted(often, self._labels[often]).predict(self._take(np.array(rows)))).reshape(len(rows), -1)
        truth = self._labels[np.array(rows)]
        if kind == "classifier":
            return float(np.mean([answer == label for answer, label in zip(answers[:, 0].tolist(), truth.tolist())]))
        return _explained(answers[:, 0].astype(float), truth.astype(float))

    def _score(self, model: Any, rows: Any, kind: str) -> float:
        import numpy as np

        given, truth = self._take(rows), self._labels[rows]
        if kind == "regressor":
            return _explained(np.asarray(model.predict(given), dtype=float).reshape(len(rows), -1)[:, 0], truth.astype(float))
        classes, scores = class_scores(model, given)
        areas = [area_under(scores[:, place], truth == label) for place, label in enumerate(classes)]
        known = [area for area in areas if area == area]
        return float(np.mean(known)) if known else 0.5

    def _comes_back(self, model: Any, rows: Any) -> bool:
        """Whether the project's own artifacts give the same estimator back."""
        import numpy as np

        artifacts = importlib.import_module(self._package + "._nb2svc.artifacts")
        state = importlib.import_module(self._package + "._nb2svc.state").State()
        given = self._take(rows)
        with tempfile.TemporaryDirectory() as folder:
            artifacts.save(folder, model, state)
            again = artifacts.load(folder).model
        return bool(np.array_equal(np.asarray(model.predict(given)), np.asarray(again.predict(given))))


def class_scores(model: Any, given: Any) -> Tuple[List[Any], Any]:
    """A column of scores for each class: probabilities, else decision values, else the answer itself."""
    import numpy as np

    classes = list(getattr(model, "classes_", ()))
    for method in ("predict_proba", "decision_function"):
        if hasattr(model, method) and classes:
            scores = np.asarray(getattr(model, method)(given))
            scores = np.stack([-scores, scores], axis=1) if scores.ndim == 1 else scores
            if scores.shape[1:] == (len(classes),):
                return classes, scores
    answers = np.asarray(model.predict(given)).reshape(length(given), -1)[:, 0]
    classes = sorted(set(answers.tolist()))
    return classes, np.stack([(answers == label).astype(float) for label in classes], axis=1)


def area_under(scores: Any, truth: Any) -> float:
    """The area under the ROC curve by ranks; NaN where there is one class only."""
    import numpy as np

    positive = int(truth.sum())
    negative = len(truth) - positive
    if not positive or not negative:
        return float("nan")
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[np.asarray(places).reshape(-1)]
    return float((ranks[truth].sum() - positive * (positive + 1) / 2.0) / (positive * negative))


def _explained(answers: Any, truth: Any) -> float:
    """R²: 1 for the truth, 0 for its mean, less for what is further off."""
    spread = float(((truth - truth.mean()) ** 2).sum())
    return 1.0 - float(((truth - answers) ** 2).sum()) / spread if spread else 0.0


def _bound(truth: Any, kind: str) -> float:
    """How far chance reaches on so few rows: a tenth of R², three standard errors of the smallest class's area."""
    import numpy as np

    if kind == "regressor":
        return 0.1
    counts = np.unique(truth, return_counts=True)[1]
    if len(counts) < 2:
        return 1.0
    small = int(counts.min())
    large = len(truth) - small
    return 0.5 + max(0.05, 3 * math.sqrt((len(truth) + 1) / (12.0 * small * large)))


def length(value: Any) -> int:
    """How many rows a table, an array or a list has."""
    shape = getattr(value, "shape", None)
    return int(shape[0]) if shape else len(value)


def _at_most(seconds: float) -> ContextManager[None]:
    """The time that fitting may take, of the processor's: a busy machine is no fault."""
    return at_most(seconds, RuntimeError("fitting a few rows took longer than {:.0f} s".format(seconds)), processor=True)
