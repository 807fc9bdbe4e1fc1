"""Whether two estimators score alike where their labels can't tell them apart: what a control of training has to see."""

from __future__ import annotations

from typing import Any, Dict, Optional

import numpy as np

from .compare import length, take

ROWS = 500
# Sums in another order move a score's last digits; half of the rows, or another seed, move it more.
RELATIVE = 1e-6
_METHODS = ("predict_proba", "decision_function", "predict")


def other_scores(one: Any, two: Any, inputs: Any) -> Optional[int]:
    """For how many of the first rows two fitted estimators give other probabilities or values; None where they can't be asked."""
    rows = take(inputs, np.arange(min(ROWS, length(inputs))))
    for method in _METHODS:
        left, right = _scores(one, method, rows), _scores(two, method, rows)
        if left is None or right is None:
            continue
        if left.shape != right.shape:
            return len(left)
        off = np.abs(left - right) > RELATIVE * np.maximum(1e-3, np.maximum(np.abs(left), np.abs(right)))
        return int(off.reshape(len(off), -1).any(axis=1).sum())
    return None


def _scores(model: Any, method: str, rows: Any) -> Any:
    """What a method gives as numbers; None where the estimator has or allows none, or its labels are texts."""
    try:
        return np.asarray(getattr(model, method)(rows), dtype=float)
    except Exception:
        return None


def with_scores(document: Dict[str, Any], one: Any, two: Any, inputs: Any) -> Dict[str, Any]:
    """A mode's result, which fails where the labels agree and the scores do not; `other_model` says that these differ."""
    differing = other_scores(one, two, inputs)
    if not differing:
        return document
    document = {**document, "other_model": True}
    if document["status"] == "fail":
        return document
    compared = min(ROWS, length(inputs))
    cell = {"row": -1, "column": "score", "expected": "the notebook's scores", "actual": str(differing) + " rows have others"}
    counted = {"compared": compared, "total": compared, "different": differing, "differences": [cell]}
    return {**document, **counted, "status": "fail"}
