"""Row selections: which are removed, what stands for them, and the conditions that become guards."""

from pathlib import Path
from typing import Any

import pytest

from nb2svc.ir.observation import Observation, Selection
from unit.probe.notebooks import build, observe
from unit.probe.test_features import DATA, run


def conditions(selection: Selection) -> list[tuple[Any, ...]]:
    return [(c.column, c.operator, c.value) for c in selection.conditions]


CASES = {
    "mask": ("df = df[df['age'] >= 18]\nX = df[['age']]", "df", [("age", ">=", 18)]),
    "two": ("df = df[(df['age'] >= 18) & (df.hours < 60)]\nX = df[['age']]", "df", [("age", ">=", 18), ("hours", "<", 60)]),
    "flipped": ("df = df[18 <= df['age']]\nX = df[['age']]", "df", [("age", ">=", 18)]),
    "notna": ("df = df[df['income'].notna()]\nX = df[['income']]", "df", [("income", "not null", None)]),
    "not_isna": ("df = df[~df['income'].isna()]\nX = df[['income']]", "df", [("income", "not null", None)]),
    "dropna": ("df = df.dropna(subset=['income'])\nX = df[['income']]", "df", [("income", "not null", None)]),
    "dropna_all": ("df = df.dropna()\nX = df[['income']]", "df", [("income", "not null", None)]),
    "isin": ("df = df[df['job'].isin(['a', 'b'])]\nX = df[['age']]", "df", [("job", "in", ("a", "b"))]),
    "between": ("df = df[df['age'].between(20, 60)]\nX = df[['age']]", "df", [("age", ">=", 20), ("age", "<=", 60)]),
    "query": ("df = df.query('age >= 20')\nX = df[['age']]", "df", [("age", ">=", 20)]),
    "named_mask": ("adult = df['age'] >= 18\ndf = df[adult]\nX = df[['age']]", "df", [("age", ">=", 18)]),
    "loc": ("df = df.loc[df['age'] > 30]\nX = df[['age']]", "df", [("age", ">", 30)]),
    "loc_columns": ("X = df.loc[df['age'] > 30, ['age', 'hours']]", "df.loc[:, ['age', 'hours']]", [("age", ">", 30)]),
    "drop_index": ("df = df.drop(df[df['age'] > 70].index)\nX = df[['age']]", "df", [("age", "<=", 70)]),
    "query_variable": ("low = 20\ndf = df.query('age >= @low')\nX = df[['age']]", "df", [("age", ">=", 20)]),
    "labels": ("df = df.drop([3, 4])\nX = df[['age']]", "df", []),
    "duplicates": ("df = df.drop_duplicates()\ndf = df.sample(frac=0.8, random_state=1)\nX = df[['age']]", "df", []),
    "copy": ("df = df[df['age'] >= 18].copy()\nX = df[['age']]", "df", [("age", ">=", 18)]),
    "chain": ("X = df[df['age'] >= 18].reset_index(drop=True)[['age', 'hours']]", "df", [("age", ">=", 18)]),
}


@pytest.mark.parametrize("name", CASES)
def test_conditions(tmp_path: Path, name: str) -> None:
    features, operand, expected = CASES[name]
    observation = _fit_on(tmp_path, features)
    assert [f.message for f in observation.findings] == []
    selection = observation.selections[0]
    assert selection.operands == (operand,)
    assert conditions(selection) == expected
    assert not selection.derived
    assert not selection.reads_target
    assert selection.rows_in >= selection.rows_out > 0


def _fit_on(
    tmp_path: Path, features: str, target: str = "target.loc[X.index] if len(X.index) < 0 else np.zeros(len(X))"
) -> Observation:
    case = build(
        tmp_path, [DATA, features, f"model = LinearRegression().fit(X, {target})\npred = model.predict(X)"], raws=["df"],
        fit="LinearRegression().fit", fit_input="X", predict="model.predict(X)", predict_input="X", output="pred", target_names=["y"],
    )  # fmt: skip
    return observe(case)


def test_computed_bounds_are_those_of_all_rows(tmp_path: Path) -> None:
    features = "low, high = df['hours'].quantile(0.05), df['hours'].quantile(0.95)\ndf = df[(df['hours'] > low) & (df['hours'] < high)]\nX = df[['age']]"
    observation = _fit_on(tmp_path, features)
    assert observation.findings == ()
    assert [(c.column, c.operator) for c in observation.selections[0].conditions] == [("hours", ">"), ("hours", "<")]
    assert observation.rewrites == ()  # the bounds feed only the selection


def test_a_mask_on_a_made_column_is_derived(tmp_path: Path) -> None:
    observation = _fit_on(tmp_path, "df['z'] = df['age'] * 2\ndf = df[df['z'] > 50]\nX = df[['age']]")
    assert observation.selections[0].derived
    assert observation.selections[0].guards
    assert observation.selections[0].conditions == ()


def test_a_mask_that_no_row_alone_can_be_asked_for_is_a_warning(tmp_path: Path) -> None:
    observation = _fit_on(tmp_path, "df = df.nlargest(50, 'age')\nX = df[['age']]")
    assert not observation.selections[0].guards
    assert [(f.code, f.severity) for f in observation.findings] == [("NB315", "warning")]


def test_what_is_dropped_and_predicted_all_the_same_is_a_split(tmp_path: Path) -> None:
    features = "train = df[df['age'] < 50]\ntest = df[df['age'] >= 50]"
    tail = "model = LinearRegression().fit(train[['age']], np.zeros(len(train)))\npred = model.predict(test[['age']])"
    case = build(
        tmp_path, [DATA, features, tail], raws=["df"], fit="LinearRegression().fit", fit_input="train[['age']]",
        predict="model.predict(test[['age']])", predict_input="test[['age']]", output="pred", twin=["test ="],
    )  # fmt: skip
    (selection,) = observe(case).selections
    assert (selection.conditions, selection.derived, selection.guards) == ((), False, False)


def test_a_column_that_only_a_filter_reads_is_asked_for(tmp_path: Path) -> None:
    for features in ("df = df[df['hours'] < 45]", "df['late'] = df['hours'] * 2\ndf = df[df['late'] < 90]"):
        observation = _fit_on(tmp_path / str(len(features)), features + "\nX = df[['age']]")
        assert next(column.use for column in observation.main.columns if column.name == "hours") == "read"


def test_a_mask_on_the_target_gives_no_guard(tmp_path: Path) -> None:
    observation = run(tmp_path, "df = df[df['y'] < 1]\nX = df[['age', 'hours']]")
    assert observation.target == "y"
    assert observation.selections[0].reads_target
    assert observation.selections[0].conditions == ()
    assert not observation.selections[0].guards


def test_in_place(tmp_path: Path) -> None:
    observation = _fit_on(tmp_path, "df.dropna(subset=['income'], inplace=True)\nX = df[['income']]")
    assert observation.findings == ()
    (selection,) = observation.selections
    assert selection.in_place
    assert selection.operands == ()
    assert selection.targets == ("df",)
    assert conditions(selection) == [("income", "not null", None)]


def test_a_filter_whose_rows_come_back_is_ordinary_code(tmp_path: Path) -> None:
    observation = run(tmp_path, "df['big'] = df[df['age'] > 40]['hours']\ndf['big'] = df['big'].fillna(0)\nX = df[['big']]")
    assert observation.findings == ()
    assert observation.selections == ()


def test_outermost_function_that_selects(tmp_path: Path) -> None:
    features = (
        "def adults(d):\n    keep = d['age'] > d['age'].quantile(0.1)\n    return d[keep]\nkept = adults(df)\nX = kept[['age']]"
    )
    observation = _fit_on(tmp_path, features)
    assert [(s.statement, s.operands) for s in observation.selections] == [(observation.selections[0].statement, ("df",))]
    assert observation.selections[0].targets == ("kept",)
    assert observation.selections[0].guards  # and the bound inside it is frozen, so that one row can be asked for
    assert [rewrite.rule for rewrite in observation.rewrites] == ["state"]


def test_sorting_is_removed_only_if_the_model_input_keeps_it(tmp_path: Path) -> None:
    kept = _fit_on(tmp_path / "a", "df = df.sort_values('hours')\nX = df[['hours']]")
    assert len(kept.selections) == 1
    restored = _fit_on(tmp_path / "b", "df = df.sort_values('hours')\ndf = df.sort_index()\nX = df[['hours']]")
    assert restored.selections == ()


def test_split_gives_each_target_an_operand(tmp_path: Path) -> None:
    features = "X_train, X_test, y_train, y_test = train_test_split(df[['age', 'hours']], df['y'], random_state=0)"
    tail = "model = LinearRegression().fit(X_train, y_train)\npred = model.predict(X_test)\nout = pd.Series(pred, index=X_test.index)"
    case = build(
        tmp_path, [DATA, features, tail], raws=["df"], fit="LinearRegression().fit", fit_input="X_train", fit_target="y_train",
        predict="model.predict(X_test)", predict_input="X_test", output="out", target_names=["y"],
    )  # fmt: skip
    observation = observe(case)
    assert observation.findings == ()
    assert observation.selections[0].operands == ("df[['age', 'hours']]", "df[['age', 'hours']]", "None", "None")
    assert observation.target == "y"
