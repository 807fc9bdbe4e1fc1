"""`nb2svc.metric("auc", 0.91)`: a number that a notebook tells about itself, kept in its cell's output."""

import math
import sys
from typing import Any

MIME = "application/vnd.nb2svc.metric+json"


def metric(name: str, value: Any) -> None:
    """Tell a number under a name: validation runs gather it, and a saved notebook keeps it.

    metric("auc", roc_auc_score(y_test, p))    shows    auc = 0.91

    NaN and infinite values are kept as what they are. Outside Jupyter the line is printed.

    Raises:
        TypeError: the name is no text, or the value no single number.
    """
    if not isinstance(name, str) or not name.strip():
        raise TypeError(f"a metric needs a name, such as metric('auc', {value!r:.20}), not {name!r}")
    number = _number(name, value)
    special = "" if math.isfinite(number) else "nan" if math.isnan(number) else "inf" if number > 0 else "-inf"
    text = f"{name} = {number:.6g}"
    # Nobody needs to import it: where it is not loaded, no notebook runs.
    shell = sys.modules.get("IPython")
    if shell is None or shell.get_ipython() is None:
        print(text)  # noqa: T201 - that is its task
        return
    from IPython.display import display

    told = {"version": 1, "name": name, "value": None if special else number, "special": special}
    display({MIME: told, "text/plain": text}, raw=True)  # type: ignore[no-untyped-call]


def _number(name: str, value: Any) -> float:
    shape = getattr(value, "shape", ())
    if isinstance(value, str | bytes) or shape != ():
        what = f"a {type(value).__name__} of shape {shape}" if shape else f"the {type(value).__name__} {value!r:.40}"
        raise TypeError(f"the metric {name!r} needs a single number, not {what}")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"the metric {name!r} needs a single number, not a {type(value).__name__}") from None
