"""State as JSON: decode∘encode is the identity, types included, and the text is the same each time."""

import datetime as dt
import json
import math
import subprocess
import sys
from collections import Counter, OrderedDict, defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nb2svc_runtime import codec

SRC = Path(__file__).parents[2] / "src"

numbers = st.integers() | st.floats() | st.booleans()
texts = st.text(st.characters(codec=None), max_size=8) | st.just("$type") | st.just("\ud800")
# ruff: noqa: DTZ001 - columns without a time zone are what is tested
moments = st.datetimes(min_value=dt.datetime(1900, 1, 1), max_value=dt.datetime(2200, 1, 1))
numpy_scalars = (
    st.floats().map(np.float64)
    | st.floats(width=32).map(np.float32)
    | st.integers(-(2**63), 2**63 - 1).map(np.int64)
    | st.integers(0, 255).map(np.uint8)
    | st.booleans().map(np.bool_)
    | moments.map(lambda moment: np.datetime64(moment, "us"))
)
pandas_scalars = (
    moments.map(pd.Timestamp)
    | moments.map(lambda moment: pd.Timestamp(moment, tz="UTC"))
    | st.integers(-(10**15), 10**15).map(lambda count: pd.Timedelta(count, unit="ns"))
    | st.tuples(st.integers(-9, 9), st.integers(0, 9)).map(lambda pair: pd.Interval(pair[0], pair[0] + pair[1]))
    | st.sampled_from([pd.NA, pd.NaT])
)
scalars = st.none() | numbers | texts | numpy_scalars | pandas_scalars | st.dates() | st.timedeltas() | st.binary(max_size=4)
keys = st.none() | st.integers() | texts | st.tuples(st.integers(), texts) | st.just(math.nan)


def containers(inner):
    return (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(keys, inner, max_size=4)
        | st.dictionaries(texts, inner, max_size=4).map(OrderedDict)
        | st.frozensets(st.integers() | texts, max_size=4)
        | st.lists(texts, max_size=4).map(Counter)
    )


columns = st.one_of(
    st.lists(st.floats(), min_size=3, max_size=3),
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3),
    st.lists(st.booleans(), min_size=3, max_size=3),
    st.lists(st.none() | st.text(st.characters(codec="utf-8"), max_size=4), min_size=3, max_size=3),
    st.lists(moments, min_size=3, max_size=3).map(pd.to_datetime),
    st.lists(st.sampled_from(["a", "b", None]), min_size=3, max_size=3).map(pd.Categorical),
    st.lists(st.none() | st.integers(0, 9), min_size=3, max_size=3).map(lambda values: pd.array(values, dtype="Int64")),
)
indexes = st.sampled_from(
    [
        pd.RangeIndex(3),
        pd.Index(["x", "y", None], name="region"),
        pd.Index([1.5, math.nan, math.inf]),
        pd.MultiIndex.from_tuples([("a", 1), ("b", 2), ("b", 3)], names=["job", None]),
        pd.interval_range(0, 3),
        pd.date_range("2020-01-01", periods=3, freq="D", tz="Europe/Berlin"),
        pd.CategoricalIndex(["u", "v", "u"]),
    ]
)


def assert_same(left, right):
    assert type(left) is type(right)
    if isinstance(left, pd.DataFrame):
        pd.testing.assert_frame_equal(left, right, check_exact=True)
    elif isinstance(left, pd.Series):
        pd.testing.assert_series_equal(left, right, check_exact=True)
    elif isinstance(left, pd.Index):
        pd.testing.assert_index_equal(left, right, exact=True)
    elif isinstance(left, np.ndarray):
        assert (left.dtype, left.shape) == (right.dtype, right.shape)
        if left.dtype == object:  # numpy takes two NaN objects for different
            assert_same(left.ravel().tolist(), right.ravel().tolist())
        else:
            np.testing.assert_array_equal(left, right)
    elif isinstance(left, pd.api.extensions.ExtensionArray):
        pd.testing.assert_extension_array_equal(left, right)
    elif isinstance(left, dict):
        assert len(left) == len(right)
        for (key, value), (other_key, other) in zip(left.items(), right.items(), strict=True):
            assert_same(key, other_key)
            assert_same(value, other)
    elif isinstance(left, list | tuple):
        assert len(left) == len(right)
        for value, other in zip(left, right, strict=True):
            assert_same(value, other)
    elif isinstance(left, float | np.floating):
        assert repr(left) == repr(right)
    else:
        assert left is right or left == right or (pd.isna(left) and pd.isna(right))


def round_trip(value):
    text = codec.dumps(value)
    json.loads(text, parse_constant=pytest.fail)
    back = codec.loads(text)
    assert codec.dumps(back) == text
    return back


@given(st.recursive(scalars, containers, max_leaves=8))
def test_any_plain_value_comes_back(value):
    assert_same(value, round_trip(value))


@given(columns, indexes)
def test_any_series_comes_back(values, index):
    series = pd.Series(values, index=index, name="income")
    assert_same(series, round_trip(series))


@given(st.lists(columns, max_size=3), indexes)
def test_any_frame_comes_back(values, index):
    frame = pd.DataFrame({f"column {place}": column for place, column in enumerate(values)}, index=index)
    assert_same(frame, round_trip(frame))


@given(
    st.lists(st.floats(), max_size=12),
    st.sampled_from(["float64", "float32", "object"]),
    st.sampled_from([(-1,), (1, -1), (-1, 1, 1)]),
)
def test_any_array_comes_back(values, dtype, shape):
    with np.errstate(over="ignore"):
        array = np.array(values, dtype=dtype).reshape(shape if values else (0,) * len(shape))
    assert_same(array, round_trip(array))


@pytest.mark.parametrize(
    "value",
    [
        {1: "a", "1": "b", 1.5: "c", (1, 2): "d", None: "e"},
        {"$type": "float", "value": "nan"},
        defaultdict(int, {"a": 1}),
        pd.CategoricalDtype(["lo", "hi"], ordered=True),
        pd.qcut(pd.Series(range(8)), 4).dtype,
        pd.Series(["b", "a", None]).unique(),
        np.dtype("float32"),
        np.float64,
        np.timedelta64(5, "D"),
        pd.Timestamp("2020-01-01 00:00:00.123456789"),
        pd.Period("2020-01", "M"),
        pd.DataFrame(index=[3, 4]),
        np.zeros((3, 0)),
        range(2, 9, 3),
    ],
    ids=repr,
)
def test_what_is_rare_comes_back_too(value):
    assert_same(value, round_trip(value))


def test_a_readable_text():
    assert codec.dumps(["east", "north"]) == '["east", "north"]'
    assert codec.dumps({"a": 1.5}) == '{"a": 1.5}'
    assert codec.dumps({1: "x"}) == '{"$type": "dict", "pairs": [[1, "x"]]}'
    means = pd.Series([2983.0, math.nan], index=pd.Index(["east", "north"], name="region"), name="income")
    assert '"pairs": [["east", 2983.0], ["north", null]]' in codec.dumps(means)


class Fitted:
    pass


@pytest.mark.parametrize(
    "value",
    [Fitted(), [Fitted()], {"a": Fitted()}, len, np.array([Fitted()]), pd.Series([Fitted()])],
    ids=["object", "list", "dict", "function", "array", "series"],
)
def test_objects_are_refused_by_name(value):
    with pytest.raises(codec.NotJson):
        codec.dumps(value)


def test_a_value_that_contains_itself_is_refused():
    value = []
    value.append(value)
    with pytest.raises(codec.NotJson, match="contains itself"):
        codec.dumps(value)


def test_a_set_has_one_text_in_every_process():
    program = "from nb2svc_runtime import codec; print(codec.dumps({'north', 'south', 'east', 'west'}))"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(SRC)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1


def test_an_unknown_type_is_an_error():
    with pytest.raises(ValueError, match=r"unknown type 'os\.system'"):
        codec.loads('{"$type": "os.system", "value": "true"}')
