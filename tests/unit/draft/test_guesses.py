"""What a draft makes of ways of writing features: what it guesses, how it says so, and what it leaves alone."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from unit.draft.drafted import HEAD, code, drafted, module

SPLIT = "X_train, X_test, y_train, y_test = train_test_split(X, y)"
FITTED = "# nb2svc: model\nmodel = Ridge().fit(X_train, y_train)\npred = model.predict(X_test)"


@pytest.mark.parametrize(
    ("features", "line"),
    [
        ('df["a"] = df["a"].fillna(df["a"].median())', 'df["a"] = df["a"].fillna(state.a_median(lambda: df["a"].median()))'),
        ("df = df.fillna(df.mean())", "df = df.fillna(state.df_mean(lambda: df.mean()))"),
        ('typical = df["a"].mode()[0]\ndf["a"] = df["a"].fillna(typical)', 'typical = state.typical(lambda: df["a"].mode()[0])'),
        (
            'for c in ["a", "b"]:\n    df[c] = df[c].fillna(df[c].mean())',
            "df[c] = df[c].fillna(state.mean(lambda: df[c].mean(), c))",
        ),
        (
            'df["m"] = df["r"].map(df.groupby("r")["a"].mean())',
            'df["m"] = df["r"].map(state.a_mean(lambda: df.groupby("r")["a"].mean()))',
        ),
        (
            'df["m"] = df.groupby("r")["a"].transform("mean")',
            'df["m"] = df["r"].map(state.a_by_r(lambda: df.groupby("r")["a"].mean()))',
        ),
        (
            'df["r"] = df["r"].astype("category")',
            'df["r"] = df["r"].astype(state.r(lambda: df["r"].astype("category").dtype))',
        ),
        (
            'df = pd.get_dummies(df, columns=["r", "s"])',
            'df = pd.get_dummies(state.categories(df, ["r", "s"]), columns=["r", "s"])',
        ),
        ("df = pd.get_dummies(df)", "df = pd.get_dummies(state.categories(df, ...))"),
        (
            "from sklearn.preprocessing import StandardScaler\nscaler = StandardScaler()\ndf[['a']] = scaler.fit_transform(df[['a']])",
            "scaler = state.scaler(lambda: scaler.fit(df[['a']]))",
        ),
        ("df = df[df['a'] > 3]", "df = df[df['a'] > 3] if state.learning else df"),
        ("df = df.dropna().query('a > 3')", "df = df.dropna().query('a > 3') if state.learning else df"),
        ("df = df.loc[df['a'] > 3, ['a', 'b']]", "df = df.loc[df['a'] > 3, ['a', 'b']] if state.learning else df.loc[:, ['a', 'b']]"),
        (
            "df['c'] = df['a'] / df['b']\ndf = df[df['c'] > 3]",
            "df = state.guard(lambda: df[df['c'] > 3], df, \"df['c'] > 3 (cell 2)\")",
        ),
        ("df = df.sample(frac=0.5).copy()", "df = (df.sample(frac=0.5) if state.learning else df).copy()"),
    ],
)  # fmt: skip
def test_what_a_run_usually_finds_is_written_and_marked(tmp_path: Path, features: str, line: str) -> None:
    shown = drafted(tmp_path, f"{features}\nX = df.drop(columns='y')\ny = df['y']")
    assert line in code(shown)
    features_py = module(shown)
    place = next(number for number, text in enumerate(features_py.text.split("\n"), start=1) if text.strip() == line)
    assert any(mark.first <= place <= mark.last for mark in features_py.marks)


@pytest.mark.parametrize(
    "features",
    [
        "df['c'] = df[['a', 'b']].max(axis=1)",
        "df['c'] = df['a'] / 30",
        "df['c'] = df['r'].str.len()",
        "df = df.drop(columns=['z'])",
        "df['c'] = df['a'].clip(0, 3)",
        "df['late'] = df['r'].map({'a': 1, 'b': 2})",
        "df['n'] = df['a'].apply(lambda a: a + 1)",
        "limit = sum([1, 2, 3])\ndf['c'] = df['a'] > limit",
    ],
)
def test_what_is_of_each_row_by_itself_is_left_alone(tmp_path: Path, features: str) -> None:
    shown = drafted(tmp_path, f"{features}\nX = df[['a', 'b']]\ny = df['y']")
    assert {mark.kind for mark in module(shown).marks} <= {"types"}
    assert all(line in code(shown) for line in features.split("\n")[-1:])


@pytest.mark.parametrize("call", ["df['a'].rank()", "pd.qcut(df['a'], 4, labels=False)", "pd.cut(df['a'], 3)", "df['a'].shift()"])
def test_what_has_no_words_yet_stands_as_it_is_and_is_marked(tmp_path: Path, call: str) -> None:
    shown = drafted(tmp_path, f"df['c'] = {call}\nX = df[['a', 'c']]\ny = df['y']")
    assert f"df['c'] = {call}" in code(shown)
    [mark] = [mark for mark in module(shown).marks if mark.kind == "aligned"]
    assert (mark.cell, mark.cell_line) == (2, 2)


def test_a_split_gives_a_request_its_rows_and_no_labels(tmp_path: Path) -> None:
    shown = drafted(tmp_path, "X = df[['a']]\ny = df['y']", tail=f"# nb2svc: model\n{SPLIT}\n" + FITTED.split("\n", 1)[1])
    assert "X, _ = features.home(df, state)" in code(shown, "model")
    assert SPLIT in code(shown, "training")
    assert [mark.cell_line for mark in module(shown, "training").marks if mark.kind == "selection"] == [2]


def test_a_function_that_learns_is_in_the_step_and_marked_whole(tmp_path: Path) -> None:
    shown = drafted(tmp_path, "def fill(d):\n    return d.fillna(d.mean())\n\ndf = fill(df)\nX = df[['a']]\ny = df['y']")
    assert "return d.fillna(state.d_mean(lambda: d.mean()))" in code(shown)
    # From its first line to its last, past the mark of the line within.
    whole = [mark for mark in module(shown).marks if mark.last - mark.first == 2]
    assert [mark.cell_line for mark in whole] == [2]


def test_what_is_grouped_and_joined_seems_to_come_with_the_row(tmp_path: Path) -> None:
    head = f'{HEAD}\nvisits = pd.read_csv("visits.csv")\nareas = pd.read_csv("areas.csv")'
    body = "n = visits.groupby('id').agg(n=('when', 'size'))\ndf = df.merge(n, on='id').merge(areas, on='area')\nX = df[['n', 'size']]\ny = df['y']"
    shown = drafted(tmp_path, body, head=head)
    assert "def answer(df: pd.DataFrame, visits: pd.DataFrame, areas: pd.DataFrame, model, state: State):" in code(shown, "model")
    assert 'return model, {"areas": areas}' in code(shown, "training")
    kinds = [mark.kind for mark in module(shown, "model").marks]
    assert "tables" in kinds
    # Nothing says more of the columns than that a run has to see them.
    assert {mark.kind for mark in module(shown, "schema").marks} == {"columns"}


def test_what_the_tag_says_of_tables_is_believed(tmp_path: Path) -> None:
    head = f'{HEAD}\nvisits = pd.read_csv("visits.csv")'
    body = "df = df.merge(visits, on='id')\nX = df[['n', 'size']]\ny = df['y']"
    plain = drafted(tmp_path, body, head=head)
    assert 'return model, {"visits": visits}' in code(plain, "training")
    said = drafted(tmp_path, f"{body}\n", head=head, directive="feature home request=visits")
    assert "return model" in code(said, "training")
    assert '"visits"' not in module(said, "training").text


def test_a_guess_that_contradicts_itself_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nb2svc.codegen import generate
    from nb2svc.errors import InternalError

    real, calls = generate.verify, []

    def verify(context, modules):
        calls.append(1)
        if len(calls) == 1:
            raise InternalError("a name that it never defines")
        real(context, modules)

    monkeypatch.setattr(generate, "verify", verify)
    shown = drafted(tmp_path, "df = df.fillna(df.mean())\nX = df[['a']]\ny = df['y']")
    assert "df = df.fillna(df.mean())" in code(shown)
    assert "state" in {mark.kind for mark in module(shown).marks}


@pytest.fixture
def plain_stack() -> Iterator[None]:
    """Python's own limit of nested calls: a probe that ran in this process has raised it."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.usefixtures("plain_stack")
def test_an_expression_of_hundreds_of_parts_is_marked_as_it_stands(tmp_path: Path) -> None:
    line = f"df['c'] = {' + '.join(['df.a.mean()'] * 300)}"
    shown = drafted(tmp_path, f"{line}\nX = df[['a', 'c']]\ny = df['y']")
    assert line in code(shown)
    assert [mark.cell_line for mark in module(shown).marks if mark.kind == "state"] == [2]
