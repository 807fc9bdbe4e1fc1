"""Slicing again after freezing: what of the fit path a request runs."""

from nb2svc.plan.served import served_statements

from .homes import case

IN_PLACE = (
    "import pandas as pd\nfrom sklearn.linear_model import LinearRegression\ndf = pd.read_csv('homes.csv')\n",
    "# nb2svc: feature\ndf['size'] = df['size'].str.strip()\ndf['rooms'] = df['size'].str.len()\ndf.drop('size', axis=1, inplace=True)\n",
    "counts = df['town'].value_counts()\nrare = counts[counts > 9]\ndf['town'] = df['town'].where(df['town'].isin(rare.index), 'other')\n",
    "kept = df[df['rooms'] > 0]\ndf = kept.drop(['town'], axis=1)\nX = df[['rooms']]\n",
    "# nb2svc: model\nmodel = LinearRegression().fit(X, df['price'])\nanswer = model.predict(X)\n",
)


def _served() -> list[str]:
    made = case(IN_PLACE, selections={"df[df['rooms'] > 0]": ("df",)}, frozen=["counts[counts > 9]"])
    return made.sources(sorted(served_statements(made.notebook, made.dataflow, made.outline, made.observation)))


def test_changes_of_the_raw_table_in_place_are_served() -> None:
    """The load is not in the served program; the table that it made is, under every name that it gets."""
    served = _served()
    assert "df['size'] = df['size'].str.strip()" in served
    assert "df['rooms'] = df['size'].str.len()" in served
    assert "df.drop('size', axis=1, inplace=True)" in served
    assert "df = pd.read_csv('homes.csv')" not in served


def test_what_feeds_only_frozen_expressions_is_not_served() -> None:
    """Counting reads the raw table and changes nothing of it."""
    served = _served()
    assert "rare = counts[counts > 9]" in served
    assert "counts = df['town'].value_counts()" not in served
