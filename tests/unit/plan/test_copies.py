"""Which raw tables the answer copies: a request must leave everything as it was for the next one."""

import pytest

from nb2svc.ir.capture import Capture
from nb2svc.plan.planner import make_plan

from .homes import case
from .loans import CAPTURE

START = "import pandas as pd\nfrom sklearn.linear_model import LinearRegression\ndf = pd.read_csv('homes.csv')\ntests = pd.read_csv('tests.csv')\n"
END = "# nb2svc: model\nmodel = LinearRegression().fit(X, df['price'])\nanswer = model.predict(X)\n"


def _copied(features: str, capture: Capture = CAPTURE) -> tuple[str, ...]:
    made = case([START, f"# nb2svc: feature\n{features}", END], selections={}, lookups=["tests"])
    return make_plan(made.notebook, made.dataflow, made.outline, capture, made.observation).copied


@pytest.mark.parametrize(
    ("features", "copied"),
    [
        ("X = df[['rooms']].assign(mean=tests['rooms'].mean())\n", ()),
        ("df['rooms'] = df['rooms'] + tests['rooms'].mean()\nX = df[['rooms']]\n", ("df",)),
        ("for each in [df, tests]:\n    each['rooms'] = each['rooms'] + 1\nX = df[['rooms']]\n", ("df", "tests")),
        ("for c in ['rooms']:\n    df[c] = df[c] / 2\n    tests[c] = tests[c] / 2\nX = df[['rooms']]\n", ("df", "tests")),
    ],
    ids=["nothing changes", "the main table", "both, under one name", "both"],
)
def test_what_changes_in_place_is_copied_lookups_too(features: str, copied: tuple[str, ...]) -> None:
    assert _copied(features) == copied
