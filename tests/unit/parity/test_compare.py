"""Equal means: labels, integers and text exactly, floats by tolerance, missing equals missing, the rest is a difference."""

import numpy as np
import pandas as pd
import pytest

from nb2svc.parity.harness.compare import IN_PROCESS, THROUGH_JSON, compare, unequal

EQUAL = [
    ([1, 2], np.array([1.0, 2.0])),
    (np.array([0.1 + 0.2]), np.array([0.3])),
    (np.array([np.nan, 1.0]), np.array([np.nan, 1.0])),
    (pd.Series(["a", None]), np.array(["a", np.nan], dtype=object)),
    (pd.Series(["a", "b"]), pd.Series(["a", "b"], dtype="category")),
    (pd.Series([1, None], dtype="Int64"), np.array([1.0, np.nan])),
    (pd.Series(pd.to_datetime(["2025-01-01", None])).astype("datetime64[s]"), pd.Series(pd.to_datetime(["2025-01-01", None]))),
    (np.array([True, False]), [1, 0]),
    (np.array([np.inf]), np.array([np.inf])),
]
DIFFERENT = [
    (np.array([1, 2]), np.array([1, 3])),
    (np.array([1, 2]), np.array([1.0, 2.0 + 1e-9])),
    (np.array([1.0, 2.0]), np.array([1.0, 2.0 + 1e-6])),
    (np.array([1e-3, 1e6]), np.array([1e-3 + 1e-7, 1e6])),
    (np.array([np.nan]), np.array([0.0])),
    (pd.Series(["a"]), pd.Series(["A"])),
    (pd.Series(["1"]), pd.Series([1])),
    (pd.Series(pd.to_datetime(["2025-01-01"])), pd.Series(pd.to_datetime(["2025-01-02"]))),
    (np.array([np.inf]), np.array([-np.inf])),
]


@pytest.mark.parametrize(("expected", "actual"), EQUAL)
def test_equal_values(expected: object, actual: object) -> None:
    assert not unequal(expected, actual, IN_PROCESS).any()


@pytest.mark.parametrize(("expected", "actual"), DIFFERENT)
def test_different_values(expected: object, actual: object) -> None:
    assert unequal(expected, actual, IN_PROCESS).any()


def test_json_is_compared_with_a_wider_tolerance() -> None:
    assert not unequal(np.array([2.0]), np.array([2.0 + 1e-7]), THROUGH_JSON).any()
    assert unequal(np.array([2.0]), np.array([2.0 + 1e-6]), THROUGH_JSON).any()


def test_a_difference_names_row_column_and_both_values() -> None:
    found = compare(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), pd.DataFrame({"a": [1, 2], "b": ["x", "z"]}), [10, 20])

    assert found.rows == {20}
    assert [tuple(cell) for cell in found.cells] == [(20, "b", "y", "z")]


def test_columns_are_compared_by_name_and_order() -> None:
    frame = pd.DataFrame({"a": [1], "b": [2]})

    assert compare(frame, frame[["b", "a"]], [0]).cells[0].expected == "column 1"
    assert compare(frame, frame[["a"]], [0]).cells[0].actual == "no such column"
    assert compare(frame[["a"]], frame, [0]).cells[0].expected == "no such column"
    assert compare(frame, frame[["b", "a"]], [0]).rows == {0}


def test_other_categories_are_a_difference_whatever_the_rows_hold() -> None:
    expected = pd.Series(pd.Categorical(["a"], categories=["a", "b"]), name="c")
    actual = pd.Series(pd.Categorical(["a"], categories=["b", "a"]), name="c")

    assert compare(expected, actual, [0]).cells[0].column == "c"


def test_another_number_of_rows_is_a_difference_of_all() -> None:
    assert compare(np.array([1, 2]), np.array([1]), [4, 5]).rows == {4, 5}


def test_arrays_of_several_dimensions_are_compared_by_position() -> None:
    left = np.arange(12).reshape(2, 2, 3)
    right = left.copy()
    right[1, 1, 2] = 0

    assert [cell.column for cell in compare(left, right, [0, 1]).cells] == ["5"]
