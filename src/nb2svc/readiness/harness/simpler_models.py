"""The served estimator beside simpler ones on the rows that were held out: a constant answer, a rule of one line, a linear model.

Differences have an interval: the same rows are drawn again and again, for both.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Tuple

from .held_out import HeldOut, Unknown, held_out
from .limits import at_most
from .model_code import area_under, class_scores

DRAWS = 400
FEW_VALUES = 50


def try_simpler_models(request: Dict[str, Any]) -> Dict[str, Any]:
    """→ {"measure", "rows", "model", "linear", "against": {name: {"score", "gain", "low", "high"}}, …}, or why not.

    `linear` says that the served model is one itself; `itself` is the constant answer against itself, `left` the columns that a
    linear model can't take.
    """
    limit = float(request["seconds"])
    try:
        with at_most(limit, RuntimeError("fitting simpler models took longer than {:.0f} s".format(limit)), processor=True):
            return _compared(held_out(request["package"], tuple(request["labels"])))
    except Unknown as error:
        return {"problem": str(error)}


def _compared(held: HeldOut) -> Dict[str, Any]:
    measure, score_of = _measure(held)
    model = score_of(held.model)
    trivial = score_of(_trivial(held))
    last = _last(held.model)
    answer: Dict[str, Any] = {
        "measure": measure,
        "rows": len(held.rows),
        "model": model(None),
        "linear": hasattr(last, "coef_"),
        "against": {"constant": _difference(model, trivial, len(held.rows))},
        "itself": _difference(trivial, trivial, len(held.rows)),
        "left": [],
    }
    rule, answer["left"] = _fitted(held, _rule(held))
    if rule is not None:
        answer["against"]["rule"] = _difference(model, score_of(rule), len(held.rows))
    if not answer["linear"]:
        linear, answer["left"] = _fitted(held, _linear(held))
        if linear is not None:
            answer["against"]["linear"] = _difference(model, score_of(linear), len(held.rows))
    return answer


def _measure(held: HeldOut) -> Tuple[str, Callable[[Any], Callable[[Any], float]]]:
    """The measure's name, and what makes of an estimator its score on drawn rows (None: all); more is better."""
    import numpy as np

    if held.kind == "classifier" and len(set(held.fit_target.tolist())) == 2:

        def area(model: Any) -> Callable[[Any], float]:
            classes, scores = class_scores(model, held.inputs)
            column, positive = scores[:, -1], np.array([label == classes[-1] for label in held.truth.tolist()])
            return lambda rows: area_under(column, positive) if rows is None else area_under(column[rows], positive[rows])

        return "AUC", area

    sign = -1.0 if held.kind == "regressor" else 1.0

    def mean(model: Any) -> Callable[[Any], float]:
        errors = held.errors_of(model)
        told = sign * (errors if held.kind == "regressor" else 1.0 - errors)
        return lambda rows: float(np.mean(told if rows is None else told[rows]))

    return ("mean absolute error" if held.kind == "regressor" else "share of right answers"), mean


def _difference(model: Callable[[Any], float], other: Callable[[Any], float], count: int) -> Dict[str, float]:
    """By how much the model is better, and where 95 of 100 draws lie."""
    import numpy as np

    random = np.random.RandomState(0)
    gains = [model(rows) - other(rows) for rows in (random.randint(0, count, count) for _ in range(DRAWS))]
    known = np.array([gain for gain in gains if gain == gain])
    low, high = (float(value) for value in np.percentile(known, [2.5, 97.5])) if len(known) else (float("-inf"), float("inf"))
    return {"score": other(None), "gain": model(None) - other(None), "low": low, "high": high}


def _trivial(held: HeldOut) -> Any:
    from sklearn.dummy import DummyClassifier, DummyRegressor

    made = DummyClassifier(strategy="prior") if held.kind == "classifier" else DummyRegressor(strategy="mean")
    return made.fit(held.fit_input, held.fit_target)


def _last(model: Any) -> Any:
    """The estimator at the end of pipelines and of what turns targets back."""
    while True:
        inner = model.steps[-1][1] if hasattr(model, "steps") else getattr(model, "regressor_", None)
        if inner is None:
            return model
        model = inner


def _linear(held: HeldOut) -> Any:
    from sklearn.linear_model import LogisticRegression, Ridge

    return LogisticRegression(max_iter=1000) if held.kind == "classifier" else Ridge()


def _rule(held: HeldOut) -> Any:
    """One question about one column: `duration > 24 → high`."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    made = DecisionTreeClassifier if held.kind == "classifier" else DecisionTreeRegressor
    return made(max_depth=1, random_state=0)


def _fitted(held: HeldOut, last: Any) -> Tuple[Any, List[str]]:
    """A simpler model on all columns that it can take; None where there is none, with the columns left out."""
    from sklearn.pipeline import make_pipeline

    prepared, left = _prepared(held.fit_input)
    if prepared is None:
        return None, left
    return make_pipeline(prepared, last).fit(held.fit_input, held.fit_target), left


def _prepared(inputs: Any) -> Tuple[Any, List[str]]:
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(with_mean=not hasattr(inputs, "tocsr")))
    if not hasattr(inputs, "columns"):
        plain = getattr(getattr(inputs, "dtype", None), "kind", "") in "fiub" and len(getattr(inputs, "shape", ())) == 2
        return (numbers, []) if plain else (None, ["all of them"])
    kinds = {name: _kind(inputs[name]) for name in inputs.columns}
    parts = [
        ("numbers", numbers, [name for name, kind in kinds.items() if kind == "number"]),
        ("words", OneHotEncoder(handle_unknown="ignore"), [name for name, kind in kinds.items() if kind == "words"]),
    ]
    parts = [part for part in parts if part[2]]
    left = [str(name) for name, kind in kinds.items() if not kind]
    return (ColumnTransformer(parts) if parts else None), left


def _kind(column: Any) -> str:
    if str(column.dtype).lower().rstrip("0123456789") in ("int", "uint", "float", "bool", "boolean"):
        return "number"
    return "words" if column.nunique() <= FEW_VALUES and not str(column.dtype).startswith("datetime") else ""
