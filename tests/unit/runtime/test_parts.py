"""What skops can't hold inside an estimator is taken out and put back exactly; what can't be kept is named with its place."""

import datetime as dt
import decimal
import functools
import re
from collections import Counter, deque

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from nb2svc_runtime import codec, objects
from nb2svc_runtime.artifacts import ArtifactError
from nb2svc_runtime.parts import holding
from nb2svc_runtime.reviewed import REVIEWED

FRAME = pd.DataFrame({"age": [31.0, 44.0, 52.0, 29.0], "rooms": [2, 3, 5, 1], "region": ["east", "west", "east", "north"]})
KEPT = {
    "series": FRAME["age"],
    "frame": FRAME,
    "index": FRAME.columns,
    "dtypes": FRAME.dtypes,
    "dtype of pandas": pd.CategoricalDtype(["a", "b"], ordered=True),
    "categorical": pd.Categorical(["a", None, "b"]),
    "timestamp": pd.Timestamp("2025-03-04 05:06:07.000000008"),
    "not a time": pd.NaT,
    "interval": pd.Interval(0, 1.5),
    "edges": pd.IntervalIndex.from_breaks([0, 1, 2]),
    "two levels": pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", None]),
    "inside a tuple": (pd.Series([1.0]), 2, "three"),
    "inside a list in a dict": {"deep": [{"deeper": pd.DataFrame({"a": [1]})}]},
    "a set": {"a", "b"},
    "a set of times": {pd.Timestamp("2025-01-01"), pd.Timestamp("2025-02-01")},
    "a frozen set": frozenset({1, 2}),
    "keys of many kinds": {("east", 3): 1.5, 2: "x", None: 0, True: 1, pd.Timestamp("2025-01-01"): "then"},
    "numbers as keys": {np.int64(3): 1, 1.5: 2, "a": 3},
    "nested dicts": {"a": {"b": {"c": [1, (2, 3)]}}},
    "objects in an array": np.array([pd.Timestamp("2025-01-01"), None, "x"], dtype=object),
    "dates": [dt.date(2025, 1, 1), dt.datetime(2025, 1, 1, 3, tzinfo=dt.UTC), dt.timedelta(2)],
    "decimal": decimal.Decimal("1.50"),
    "counter": Counter("abca"),
    "deque": deque([1, 2], 5),
    "pattern": re.compile(r"\d+", re.IGNORECASE),
    "range": range(2, 9, 3),
    "complex": 1 + 2j,
}  # fmt: skip


def there_and_back(value):
    model = LinearRegression().fit([[1.0], [2.0]], [1, 2])
    model.kept_ = value
    data, tables, types = objects.dump(model, "the model")
    assert sorted(set(types) - set(REVIEWED)) == []
    return objects.restore(data, tables, types).kept_


@pytest.mark.parametrize("value", KEPT.values(), ids=KEPT)
def test_an_attribute_comes_back_as_it_was(value):
    back = there_and_back(value)

    assert type(back) is type(value)
    assert codec.dumps(back) == codec.dumps(value)


@pytest.mark.parametrize("generator", [np.random.RandomState(4), np.random.default_rng(4)], ids=["old", "new"])
def test_a_random_generator_goes_on_where_it_was(generator):
    generator.normal(size=3)
    back = there_and_back(generator)

    assert back.normal(size=5).tolist() == generator.normal(size=5).tolist()


def test_columns_chosen_by_an_index_stay_in_their_tuples():
    numbers = FRAME.select_dtypes("number").columns
    model = make_pipeline(
        ColumnTransformer(
            [("numbers", FeatureUnion([("scaled", StandardScaler())]), numbers), ("rest", OneHotEncoder(), ["region"])]
        ),
        LogisticRegression(),
    ).fit(FRAME, [0, 1, 0, 1])
    data, tables, types = objects.dump(model, "the model")
    back = objects.restore(data, tables, types)

    assert back.predict_proba(FRAME).tolist() == model.predict_proba(FRAME).tolist()
    assert back[0].transformers[0][2].equals(numbers)
    assert [step[0] for step in tables[0][0]] == ["attribute", "item", "item", "attribute", "item", "item"]
    assert model[0].transformers[0][2] is numbers


@pytest.mark.parametrize("kinds", [np.number, object, "category", ["int64", "float64"], np.integer, bool], ids=str)
def test_columns_chosen_by_kind_need_no_trust(kinds):
    data, _, types = objects.dump(make_column_selector(dtype_include=kinds), "the selector")

    assert sorted(set(types) - set(REVIEWED)) == []
    assert objects.restore(data, [], types).dtype_include == kinds


def test_a_function_of_numpy_with_its_arguments_comes_back():
    model = make_pipeline(FunctionTransformer(functools.partial(np.clip, a_min=0, a_max=40)), StandardScaler()).fit(
        FRAME[["age"]]
    )
    data, tables, types = objects.dump(model, "the model")

    assert objects.restore(data, tables, types).transform(FRAME[["age"]]).tolist() == model.transform(FRAME[["age"]]).tolist()


def test_what_no_form_is_known_for_is_named_with_its_attribute():
    model = LinearRegression().fit([[1.0], [2.0]], [1, 2])
    model.by_group_ = {("east", 1): LinearRegression()}
    with pytest.raises(ArtifactError, match=r"the model\.by_group_ is a dict that holds .*LinearRegression.* texts as keys"):
        objects.dump(model, "the model")


def test_what_skops_refuses_is_named_with_its_attribute(tmp_path):
    model = make_pipeline(StandardScaler(), LinearRegression()).fit([[1.0], [2.0]], [1, 2])
    with (tmp_path / "log").open("w") as log:
        model[1].log_ = log
        with pytest.raises(ArtifactError, match=r"the model\.steps\[1\]\[1\]\.log_ can't be kept as data"):
            objects.dump(model, "the model")


def test_a_function_is_found_where_it_is_held():
    model = make_pipeline(FunctionTransformer(np.log1p), FunctionTransformer(there_and_back))

    assert holding(model, f"{__name__}.there_and_back") == ".steps[1][1].func"
    assert holding(model, "sklearn.preprocessing._function_transformer.FunctionTransformer") == ".steps[0][1]"
    assert holding(model, "somewhere.else") == ""


def test_what_a_function_made_is_found_by_its_short_name():
    model = FunctionTransformer()
    model.rule_ = lambda rows: rows

    assert holding(model, f"{__name__}.<lambda>") == ".rule_"
