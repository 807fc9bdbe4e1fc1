"""What training left, value by value: learned values, tables, fitted objects, large arrays."""

import io
import json

import numpy as np
import pandas as pd
import pytest

from nb2svc.compare.documents import Members, Table, read_document
from nb2svc.compare.estimators import read_fitted
from nb2svc.compare.state import state_changes
from nb2svc.ir.snapshot import Stored
from nb2svc_runtime import codec, columns, objects


def stored(value: object, *, name: str = "x", role: str = "learned") -> tuple[Stored, ...]:
    return (Stored(name=name, role=role, document=codec.dumps(value)),)


def told(old: object, new: object) -> tuple[str, tuple[str, ...]]:
    changes, _ = state_changes(stored(old), stored(new))
    assert len(changes) == 1
    return changes[0].what, changes[0].details


def fitted(model: object, *, name: str = "model", role: str = "model") -> tuple[Stored, ...]:
    return (Stored(name=name, role=role, file="model.skops", content=objects.dump(model, "the model")[0]),)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (2317.51, 2400.1, "2318 → 2400 (+3.6 %)"),
        (np.float64(0.731244), np.float64(0.744001), "0.7312 → 0.744 (+1.7 %)"),
        (3, 4, "3 → 4 (+33.3 %)"),
        (0.0, 0.5, "0 → 0.5"),
        (1.0, 1.0000001, "1 → 1.0000001 (+1e-05 %)"),
        ("a", "b", '"a" → "b"'),
        (True, 1, "true → 1"),
        (pd.Timestamp("2025-01-01"), pd.Timestamp("2025-02-01"), '"2025-01-01" → "2025-02-01"'),
        (["north", "south"], ["north", "east"], '"east" new; "south" gone'),
        (["a", "b"], ["b", "a"], "the same values in another order"),
        ([1.0, 2.0], [1.0, 2.5], "1 of 2 values changed"),
        (["a"], 3, "is a value of another form now"),
        ({"a": 1, "b": 2}, {"a": 1, "c": 2}, "c new, b gone"),
        ({"a": {"deep": 1}}, {"a": {"deep": 2}}, "1 of 1 row changed"),
    ],
)
def test_values(old, new, what) -> None:
    assert told(old, new)[0] == what


def test_equal_values_are_counted_and_not_told() -> None:
    values = (*stored(1.5, name="a"), *stored(float("nan"), name="b"), *stored(["x"], name="c"))
    assert state_changes(values, values) == ((), 3)


def test_a_value_comes_and_another_goes() -> None:
    changes, same = state_changes(stored(["n", "s"], name="old_one"), stored(2.5, name="new_one"))
    assert [(change.name, change.what) for change in changes] == [
        ("old_one", 'gone; it was "n" and "s"'),
        ("new_one", "new: 2.5"),
    ]
    assert same == 0


def test_a_series_by_its_keys_the_largest_change_first() -> None:
    old = pd.Series({"income": 2317.51, "months": 55.06, "age": 40.0})
    new = pd.Series({"income": 2400.0, "months": 110.12, "age": 40.0})
    what, details = told(old, new)
    assert what == "2 of 3 rows changed"
    assert details == ("months: 55.06 → 110.1 (+100.0 %)", "income: 2318 → 2400 (+3.6 %)")


def test_a_lookup_table_by_its_first_column() -> None:
    old = pd.DataFrame({"region": ["coast", "lakes"], "rate": [5.1, 6.2], "name": ["a", "b"]})
    new = pd.DataFrame({"region": ["lakes", "coast", "north"], "rate": [6.2, 5.6, 9.8], "name": ["b", "a", "c"]})
    what, details = told(old, new)
    assert what == "1 of 3 rows changed, north new"
    assert details == ("coast: rate 5.1 → 5.6 (+9.8 %)",)


def test_a_table_with_another_column() -> None:
    what, _ = told(pd.DataFrame({"k": ["a"], "v": [1]}), pd.DataFrame({"k": ["a"], "w": [1]}))
    assert what.startswith('column "w" new; column "v" gone')


def test_many_changes_are_summarised() -> None:
    what, details = told(list(range(100)), list(range(1, 101)))
    assert what == "100 of 100 values changed"
    assert len(details) == 6
    assert details[-1] == "and 95 more"


def test_large_tables_in_files_by_rows() -> None:
    def file(value: object) -> tuple[Stored, ...]:
        return (Stored(name="t", role="lookup", file="lookup_t.npz", content=columns.dump(value)),)

    old = pd.DataFrame({"k": [f"k{number}" for number in range(12_000)], "v": np.arange(12_000.0)})
    new = old.assign(v=old["v"].where(old.index % 1000 != 0, -1.0))
    (change,), _ = state_changes(file(old), file(new))
    assert change.what == "at least 12 of 12,000 rows changed"
    assert change.details == ("v: 12 of 12,000 values changed",)
    (shorter,), _ = state_changes(file(old), file(old.iloc[:11_000]))
    assert shorter.what.startswith("12,000 rows → 11,000")
    (array,), _ = state_changes(file(np.zeros(20_000)), file(np.r_[np.ones(3), np.zeros(19_997)]))
    assert array.what == "at least 3 of 20,000 rows changed"


def test_a_fitted_object_by_its_settings_and_what_it_learned() -> None:
    from sklearn.preprocessing import StandardScaler

    old = StandardScaler().fit(pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [2.0, 4.0, 6.0]}))
    new = StandardScaler(with_std=True).fit(pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [2.0, 4.0, 9.0]}))
    (change,), _ = state_changes(fitted(old, role="learned"), fitted(new, role="learned"))
    assert change.what == "another fitted StandardScaler"
    assert "mean_: 1 of 2 values changed" in change.details
    assert " b: 4 → 5 (+25.0 %)" in change.details
    other = StandardScaler(with_mean=False).fit(pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [2.0, 4.0, 6.0]}))
    (changed,), _ = state_changes(fitted(old, role="learned"), fitted(other, role="learned"))
    assert changed.what.startswith("1 setting changed")
    assert "with_mean: true → false" in changed.details


def test_another_class_is_said_as_such() -> None:
    from sklearn.linear_model import Lasso, Ridge

    data = np.arange(6.0).reshape(3, 2), np.arange(3.0)
    (change,), _ = state_changes(fitted(Ridge().fit(*data)), fitted(Lasso().fit(*data)))
    assert change.what == "was a fitted Ridge, is a fitted Lasso"


def test_trees_are_not_looked_into_and_still_no_equal() -> None:
    from sklearn.tree import DecisionTreeRegressor

    data = np.arange(20.0).reshape(10, 2)
    one, two = (DecisionTreeRegressor(random_state=0).fit(data, data[:, 0] * factor) for factor in (1.0, 2.0))
    (change,), _ = state_changes(fitted(one), fitted(two))
    assert "its inside (trees and the like) is not" in change.what


def test_settings_of_a_pipeline_have_the_names_of_its_steps() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    rows, labels = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
    model = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression(C=2.0))]).fit(rows, labels)
    found = read_fitted(objects.dump(model, "m")[0])
    assert found is not None
    assert found.kind == "Pipeline"
    assert found.settings["steps.model.C"] == "2.0"
    assert found.settings["steps.scale"] == '"StandardScaler"'
    assert found.learned["steps.scale.n_features_in_"] == 2
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2).fit(rows, labels)
    chosen = read_fitted(objects.dump(search, "m")[0])
    assert chosen is not None
    assert chosen.settings["best_params_.C"] == repr(search.best_params_["C"])


def test_what_is_no_skops_file_is_nothing() -> None:
    assert read_fitted(b"no zip") is None
    out = io.BytesIO()
    np.savez(out, a=np.arange(3))
    assert read_fitted(out.getvalue()) is None


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (np.float64(1.5), 1.5),
        ((1, "a"), Members(items=(1, "a"))),
        ({1: 2.5}, Table(rows={"1": 2.5})),
        (pd.Series([1.0], index=["a"]), Table(rows={"a": 1.0})),
        (pd.Series([1, 2]), Members(items=(1, 2))),
        (pd.Interval(0, 1), "0 to 1"),
        (pd.DataFrame({"m": [1.0]}, index=pd.Index(["n"], name="r")), Table(rows={"n": {"m": 1.0}}, columns=("m",))),
        (pd.DataFrame({"m": [1.0, 2.0]}), Table(rows={"0": {"m": 1.0}, "1": {"m": 2.0}}, columns=("m",))),
        (pd.Index(["a", "b"]), Members(items=("a", "b"))),
    ],
)
def test_documents_of_the_codec(value, found) -> None:
    assert read_document(json.loads(codec.dumps(value))) == found
