"""What the service answers: the kind of the output, its dtype and container, the classes, the model input's columns."""

from __future__ import annotations

from typing import Any, Dict, List

import numpy as np
import pandas as pd

from .columns import scalar


def answer_json(output: Any, estimator: Any, served: Any) -> Dict[str, Any]:
    """The facts of the answer."""
    classes = getattr(estimator, "classes_", None)
    found: Dict[str, Any] = {"kind": "number", "dtype": _dtype(output), "container": _container(output), "names": []}
    labels = _is_label(output, estimator)
    wide = _width(output) > 1
    found["kind"] = ("labels" if labels else "numbers") if wide else ("label" if labels else "number")
    found["names"] = _names(output, estimator) if wide else []
    found["classes"] = [scalar(value) for value in classes] if isinstance(classes, np.ndarray) and classes.ndim == 1 else []
    found["columns"] = [str(name) for name in served.columns] if isinstance(served, pd.DataFrame) else []
    return found


def _container(output: Any) -> str:
    if isinstance(output, pd.DataFrame):
        return "frame"
    if isinstance(output, pd.Series):
        return "series"
    return "list" if isinstance(output, (list, tuple)) else "array"


def _dtype(output: Any) -> str:
    if isinstance(output, pd.DataFrame):
        return str(output.dtypes.iloc[0]) if output.shape[1] else "object"
    if hasattr(output, "dtype"):
        return str(output.dtype)
    return str(pd.Series(list(output)).dtype) if isinstance(output, (list, tuple)) else type(output).__name__


def _width(output: Any) -> int:
    shape = np.shape(output)
    return int(shape[1]) if len(shape) > 1 else 1


def _is_label(output: Any, estimator: Any) -> bool:
    """Strings and booleans are labels; integers are where they are all classes of the estimator."""
    values = np.asarray(output)
    if values.dtype.kind in "bOUS" or values.dtype.kind not in "iufc":
        return True
    classes = getattr(estimator, "classes_", None)
    if values.dtype.kind in "iu" and isinstance(classes, np.ndarray) and classes.dtype.kind in "iu":
        return bool(np.isin(values, classes).all())
    if values.dtype.kind == "f" and isinstance(classes, np.ndarray) and classes.dtype.kind == "f":
        return bool(np.isin(values, classes).all())
    return False


def _names(output: Any, estimator: Any) -> List[str]:
    if isinstance(output, pd.DataFrame):
        return [str(name) for name in output.columns]
    classes = getattr(estimator, "classes_", None)
    if isinstance(classes, np.ndarray) and classes.ndim == 1 and len(classes) == _width(output):
        return [str(scalar(value)) for value in classes]
    return ["output_{}".format(place) for place in range(_width(output))]
