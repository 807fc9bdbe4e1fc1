"""Which statement goes where: into a step, or as a line of its own into training and the answer."""

from collections.abc import Sequence

from nb2svc.plan.placing import place
from nb2svc.plan.served import served_statements

from .homes import case

SPLIT = "train_test_split(X, y, random_state=0)"
FILTER = "df[df['rooms'] > 0]"
START = (
    "import pandas as pd\nfrom sklearn.linear_model import LinearRegression\n"
    "from sklearn.model_selection import train_test_split\ndf = pd.read_csv('homes.csv')\n"
)
END = "# nb2svc: model\nmodel = LinearRegression()\nmodel.fit(X_train, y_train)\nanswer = model.predict(X_test)\n"
TAGGED = "# nb2svc: feature\ndf['rooms'] = df['size'].str.len()\n"


def _placed(*middle: str, selections: Sequence[str] = (FILTER,)) -> tuple[list[list[str]], list[str]]:
    """The steps' statements, and the lines."""
    operands: dict[str, tuple[str, ...]] = {
        each: ("X", "X", "None", "None") if each == SPLIT else ("df",) for each in (*selections, SPLIT)
    }
    made = case((START, *middle, f"X_train, X_test, y_train, y_test = {SPLIT}\n", END), selections=operands)
    served = served_statements(made.notebook, made.dataflow, made.outline, made.observation)
    placement = place(made.notebook, made.dataflow, made.outline, made.observation, served=served)
    return [made.sources(numbers) for numbers in placement.steps.values()], made.sources(placement.lines)


def test_features_after_the_last_feature_cell_join_its_step() -> None:
    """They would stand twice otherwise, in training and in the answer; selections among them come along, a split does not."""
    steps, lines = _placed(
        TAGGED, f"kept = {FILTER}\n", "kept = kept.drop(columns='size')\n", "X = kept[['rooms']]\ny = df['price']\n"
    )
    assert steps == [
        [
            "df['rooms'] = df['size'].str.len()",
            "kept = df[df['rooms'] > 0]",
            "kept = kept.drop(columns='size')",
            "X = kept[['rooms']]",
            "y = df['price']",
        ]
    ]
    assert lines == [f"X_train, X_test, y_train, y_test = {SPLIT}", "model = LinearRegression()", "model.fit(X_train, y_train)"]


def test_features_between_two_feature_cells_join_what_reads_them_first_else_the_cell_before() -> None:
    steps, _ = _placed(
        TAGGED,
        "wide = df['rooms'] * 2\nlast = df['rooms'] * 3\n",
        "# nb2svc: feature\ndf['wide'] = wide\n",
        "X = df[['rooms', 'wide']].assign(last=last)\ny = df['price']\n",
        selections=(),
    )
    assert [step[:2] for step in steps] == [
        ["df['rooms'] = df['size'].str.len()", "last = df['rooms'] * 3"],
        ["wide = df['rooms'] * 2", "df['wide'] = wide"],
    ]


def test_what_reads_a_table_that_is_loaded_later_stays_a_line() -> None:
    """The step is called before that table is there."""
    _, lines = _placed(
        TAGGED,
        "towns = pd.read_csv('towns.csv')\ndf = df.merge(towns, on='town')\n",
        "X = df[['rooms', 'people']]\ny = df['price']\n",
        selections=(),
    )
    assert "df = df.merge(towns, on='town')" in lines
    assert "X = df[['rooms', 'people']]" in lines


def test_labels_are_taken_before_later_features_change_them() -> None:
    """Training's own statement comes along where a feature after it would change what it reads."""
    steps, lines = _placed(
        TAGGED,
        "y = df['price'] / df['rooms']\nextra = df['size']\n",
        "df['rooms'] = df['rooms'] * 2\nX = df[['rooms']]\n",
        selections=(),
    )
    assert steps[0].index("y = df['price'] / df['rooms']") < steps[0].index("df['rooms'] = df['rooms'] * 2")
    assert lines == [f"X_train, X_test, y_train, y_test = {SPLIT}", "model = LinearRegression()", "model.fit(X_train, y_train)"]
