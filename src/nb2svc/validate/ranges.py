"""What a metric can't be outside of, by its name: no accuracy is above 1. Pure.

An interval that ends beyond says what can't be. Cut off there it holds as often as before, since the true mean is never outside.
A name is known only where every word of it is: `val_accuracy` is a share, `accuracy_gain` may be below 0. A value outside, such
as an accuracy in percent, says that the name means something else, and nothing is cut. Comparisons are never cut: their bounds
decide, and the ends of a range have no part in that.
"""

import math
import re
from collections.abc import Iterable, Mapping

from nb2svc.ir.judgement import Interval

_SHARE = Interval(low=0.0, high=1.0)
_AGREEMENT = Interval(low=-1.0, high=1.0)
_POSITIVE = Interval(low=0.0, high=math.inf)
_AT_MOST_ONE = Interval(low=-math.inf, high=1.0)

_RANGES: Mapping[str, Interval] = {
    **dict.fromkeys("auc auroc auprc accuracy acc f1 fbeta precision recall ap ndcg jaccard tpr tnr fpr fnr".split(), _SHARE),
    **dict.fromkeys("specificity ece".split(), _SHARE),
    **dict.fromkeys("kappa mcc".split(), _AGREEMENT),
    **dict.fromkeys("rmse mse mae mape smape rmsle msle wape pinball brier logloss".split(), _POSITIVE),
    "r2": _AT_MOST_ONE,
}
_LONG = (("log_loss", "logloss"), ("mean_squared_error", "mse"), ("mean_absolute_error", "mae"))
# What says on which rows, or how classes are put together: the range stays.
_BESIDE = frozenset(
    "val valid validation test train holdout cv oof roc pr average balanced macro micro weighted mean score".split()
)


def range_of(name: str, values: Iterable[float]) -> Interval | None:
    """Where a metric of this name always lies; None where the name does not say it, or a value lies elsewhere.

    val_accuracy 0.98 → 0 to 1    r2 0.4 → up to 1    profit 3.5 → None    accuracy 98 → None
    """
    joined = re.sub(r"[^a-z0-9]+", "_", name.lower())
    for long, short in _LONG:
        joined = joined.replace(long, short)
    words = [word for word in joined.split("_") if word]
    found = {_RANGES[word] for word in words if word in _RANGES}
    if len(found) != 1 or not all(word in _RANGES or word in _BESIDE for word in words):
        return None
    (limits,) = found
    return limits if all(limits.low <= value <= limits.high for value in values) else None


def within(interval: Interval, limits: Interval | None) -> Interval:
    """The part of an interval that lies in a range."""
    if limits is None:
        return interval
    return Interval(low=max(interval.low, limits.low), high=min(interval.high, limits.high))


def cut_note(interval: Interval, limits: Interval | None) -> str:
    """What is said of an interval that had to be cut: Student's t alone went further; "" of others."""
    ends = []
    if limits is not None and interval.low < limits.low:
        ends.append(f"none is below {limits.low:g} (Student's t alone goes to {interval.low:.4g})")
    if limits is not None and interval.high > limits.high:
        ends.append(f"none is above {limits.high:g} (Student's t alone goes to {interval.high:.4g})")
    return "; ".join(ends)
