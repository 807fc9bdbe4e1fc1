"""Feature code as people write it: what is frozen, under which name, by which rewrite; replayed by the probe's own check."""

from pathlib import Path

import pytest

from nb2svc.ir.observation import Categories, Learn, Observation
from unit.probe.notebooks import build, observe

DATA = """import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import LabelEncoder, OneHotEncoder, StandardScaler
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.cluster import KMeans
rng = np.random.RandomState(3)
n = 240
df = pd.DataFrame({
    "age": rng.randint(16, 80, n), "income": np.where(rng.rand(n) < 0.1, np.nan, rng.gamma(3, 1000, n).round(2)),
    "hours": rng.normal(40, 8, n).round(1), "region": rng.choice(["north", "south", "east"], n, p=[0.5, 0.4, 0.1]),
    "job": rng.choice(["a", "b", "c", "d"], n), "code": ["c%d" % i for i in range(n)],
    "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.randint(0, 300, n), "D"), "y": rng.normal(size=n)})
"""


def run(tmp_path: Path, features: str, **options: object) -> Observation:
    """Observe `features` (they make `X` from `df`) before a linear regression on its numeric columns."""
    tail = "model = LinearRegression().fit(X, df['y'])\npred = model.predict(X)"
    case = build(
        tmp_path, [DATA, features, tail], raws=["df"], fit="LinearRegression().fit", fit_input="X", fit_target="df['y']",
        predict="model.predict(X)", predict_input="X", output="pred", target_names=["y"], **options,
    )  # fmt: skip
    return observe(case)


def frozen(observation: Observation) -> list[tuple[str, str]]:
    """(rule, hint or categories) of each rewrite, in order."""
    found = []
    for rewrite in observation.rewrites:
        for part in [part for line in rewrite.before for part in line] + list(rewrite.parts):
            if isinstance(part, Learn):
                found.append((rewrite.rule, part.hint + (f"[{part.key}]" if part.key else "")))
            elif isinstance(part, Categories):
                found.append((rewrite.rule, ",".join(part.columns)))
    return found


SERVED = {
    "nothing": ("df['z'] = df['age'] / 10\nX = df[['age', 'z']]", []),
    "mean": ("df['income'] = df['income'].fillna(df['income'].mean())\nX = df[['age', 'income']]", [("state", "income_mean")]),
    "variable": ("m = df['income'].median()\nX = df[['age', 'income']].fillna({'income': m})", [("state", "m")]),
    "frontier": (
        (
            "q1, q3 = df['hours'].quantile(0.25), df['hours'].quantile(0.75)\niqr = q3 - q1\nhi = q3 + 1.5 * iqr\n"
            "df['hours'] = df['hours'].clip(upper=hi)\nX = df[['age', 'hours']]"
        ),
        [("state", "hi")],
    ),
    "frame_mean": ("X = df[['age', 'income', 'hours']]\nX = X.fillna(X.mean())", [("state", "x_mean")]),
    "dummies": ("X = pd.get_dummies(df[['age', 'region', 'job']], drop_first=True)", [("R1", "region,job")]),
    "dummies_columns": ("X = pd.get_dummies(df[['age', 'region']], columns=['region'])", [("R1", "region")]),
    "dummies_series": ("X = pd.concat([df[['age']], pd.get_dummies(df['region'], prefix='r')], axis=1)", [("R1", "region")]),
    "dummies_nested": (
        "X = pd.get_dummies(df[['income', 'region']].fillna({'income': df['income'].mean()}))",
        [("R1", "income_mean"), ("R1", "region")],
    ),
    "codes": ("df['region'] = df['region'].astype('category').cat.codes\nX = df[['age', 'region']]", [("R2", "region")]),
    "categorical": ("df['r'] = pd.Categorical(df['region']).codes\nX = df[['age', 'r']]", [("R2", "region")]),
    "scaler": ("scaler = StandardScaler()\nX = scaler.fit_transform(df[['age', 'hours']])", [("R3", "scaler")]),
    "scaler_inline": ("X = StandardScaler().fit_transform(df[['age', 'hours']])", [("R3", "scaler")]),
    "fit_then_transform": (
        "sc = StandardScaler()\nsc.fit(df[['age', 'hours']])\nX = sc.transform(df[['age', 'hours']])",
        [("state", "sc")],
    ),
    "fitted_once": ("sc = StandardScaler().fit(df[['age', 'hours']])\nX = sc.transform(df[['age', 'hours']])", [("state", "sc")]),
    "imputer": ("X = SimpleImputer(strategy='median').fit_transform(df[['age', 'income']])", [("R3", "imputer")]),
    "encoder_loop": (
        "le = LabelEncoder()\nfor c in ['region', 'job']:\n    df[c] = le.fit_transform(df[c])\nX = df[['age', 'region', 'job']]",
        [("R4", "le[c]")],
    ),
    "encoder_loop_and_read_again": (
        (
            "coded = df.copy()\nkept = {}\nfor c in ['region', 'job']:\n    le = LabelEncoder()\n    df[c] = le.fit_transform(df[c])\n"
            "    coded[c] = le.transform(coded[c])\n    kept[c] = le\nX = df[['age', 'region']].assign(job=coded['job'])"
        ),
        [("R4", "le[c]")],
    ),
    "clusters": (
        "df['k'] = KMeans(3, random_state=0, n_init=1).fit_predict(df[['age', 'hours']])\nX = df[['age', 'k']]",
        [("R3", "kmeans")],
    ),
    "loop": (
        "for c in ['income', 'hours']:\n    df[c] = df[c].fillna(df[c].median())\nX = df[['income', 'hours']]",
        [("state", "median[c]")],
    ),
    "filled_dict": (
        "med = {}\nfor c in ['income', 'hours']:\n    med[c] = df[c].median()\nfor c in med:\n    df[c] = df[c].fillna(med[c])\nX = df[['income', 'hours']]",
        [("state", "median[c]")],
    ),
    "function": (
        "def fill(d, c):\n    d[c] = d[c].fillna(d[c].median())\n    return d\ndf = fill(df, 'income')\ndf = fill(df, 'hours')\nX = df[['income', 'hours']]",
        [("state", "median[c]")],
    ),
    "comprehension": (
        "good = [c for c in ['age', 'income', 'hours'] if df[c].isna().mean() < 0.05]\nX = df[good]",
        [("state", "good")],
    ),
    "counts": ("df['n'] = df['job'].map(df['job'].value_counts())\nX = df[['age', 'n']]", [("state", "job_value_counts")]),
    "share": (
        "df['n'] = df['job'].map(df['job'].value_counts() / len(df))\nX = df[['age', 'n']]",
        [("state", "job_value_counts")],
    ),
    "target_mean": (
        "means = df.groupby('job')['y'].mean()\ndf['m'] = df['job'].map(means)\nX = df[['age', 'm']]",
        [("state", "means")],
    ),
    "merge": (
        "agg = df.groupby('job').agg(mean_age=('age', 'mean')).reset_index()\nX = df.merge(agg, on='job', how='left')[['age', 'mean_age']]",
        [("state", "agg")],
    ),
    "qcut": ("df['band'] = pd.qcut(df['hours'], 4, labels=False)\nX = df[['age', 'band']]", [("R5", "hours_edges")]),
    "cut": ("df['band'] = pd.cut(df['hours'], 5, labels=False)\nX = df[['age', 'band']]", [("R5", "hours_edges")]),
    "rank": ("df['r'] = df['hours'].rank(pct=True)\nX = df[['age', 'r']]", [("R6", "hours_sorted")]),
    "transform": (
        "df['peer'] = df.groupby('region')['hours'].transform('mean')\nX = df[['age', 'peer']]",
        [("R7", "hours_by_region")],
    ),
    "transform_two": (
        "df['peer'] = df.groupby(['region', 'job'])['hours'].transform('mean')\nX = df[['age', 'peer']]",
        [("R7", "hours_by_region_job")],
    ),
    "factorize": ("df['j'], levels = pd.factorize(df['job'])\nX = df[['age', 'j']]", [("R9", "job_levels")]),
    "lookup": (
        "df[['region', 'job']] = df[['region', 'job']].apply(LabelEncoder().fit_transform)\nX = df[['region', 'job']]",
        [("R0", "codes[column.name]")],
    ),
    "zscore": (
        "df['z'] = (df['age'] - df['age'].mean()) / df['age'].std()\nX = df[['z', 'hours']]",
        [("state", "age_mean"), ("state", "age_std")],
    ),
    "recency": ("df['days'] = (df['when'].max() - df['when']).dt.days\nX = df[['age', 'days']]", [("state", "when_max")]),
    "iloc0": ("base = df['age'].iloc[0]\ndf['a'] = df['age'] - base\nX = df[['a', 'hours']]", [("state", "base")]),
    "branch": (
        "if len(df) > 100:\n    df['a'] = np.log(df['age'])\nelse:\n    df['a'] = df['age']\nX = df[['a', 'hours']]",
        [("state", "len_df")],
    ),
    "function_value": (
        "df['a'] = df['age'] - df[['age']].apply(np.mean)['age']\nX = df[['a', 'hours']]",
        [("state", "age_apply")],
    ),
    "own_reduction": (
        "def middle(s):\n    return (s.max() + s.min()) / 2\ndf['a'] = df['age'] - middle(df['age'])\nX = df[['a', 'hours']]",
        [("state", "age_middle")],
    ),
    "rare_median": (
        "df['rare'] = (df['code'] == 'c5') * 1.0\ndf['a'] = df['rare'] - df['rare'].median()\nX = df[['a', 'age']]",
        [("state", "rare_median")],
    ),
    "lambda": ("df['a'] = df['age'].apply(lambda v: v - df['age'].mean())\nX = df[['a', 'hours']]", [("state", "age_mean")]),
    "top": (
        "top = df['job'].value_counts().index[:2].tolist()\ndf['t'] = df['job'].isin(top) * 1\nX = df[['age', 't']]",
        [("state", "top")],
    ),
    "groups": (
        "med = {}\nfor g, part in df.groupby('job'):\n    med[g] = part['age'].median()\ndf['m'] = df['job'].map(med)\nX = df[['m', 'age']]",
        [("state", "med")],
    ),
    "query": ("df = df.query('age >= 18 and hours < 60')\nX = df[['age', 'hours']]", []),
    "ignore_index": (
        "df = df.sort_values('hours', ignore_index=True)\ndf['a'] = df['age'] - df['age'].mean()\nX = df[['a', 'hours']]",
        [("state", "age_mean")],
    ),
    "onehot": (
        "enc = OneHotEncoder(handle_unknown='ignore', sparse_output=False)\nX = enc.fit_transform(df[['region', 'job']])",
        [("R3", "enc")],
    ),
    "sparse": ("enc = OneHotEncoder(handle_unknown='ignore')\nX = enc.fit_transform(df[['region', 'job']])", [("R3", "enc")]),
}


@pytest.mark.parametrize("name", SERVED)
def test_served(tmp_path: Path, name: str) -> None:
    features, expected = SERVED[name]
    observation = run(tmp_path, features)
    assert [f"{f.code} {f.message}" for f in observation.findings if f.severity == "refusal"] == []
    assert frozen(observation) == expected


WITHOUT_NAMES = [
    "iloc0",
    "branch",
    "function_value",
    "own_reduction",
    "rare_median",
    "mean",
    "target_mean",
    "fit_then_transform",
    "groups",
]


@pytest.mark.parametrize("name", WITHOUT_NAMES)
def test_found_without_knowledge(tmp_path: Path, name: str) -> None:
    features, expected = SERVED[name]
    observation = run(tmp_path, features, options={"knowledge": False})
    assert observation.findings == ()
    assert frozen(observation) == expected


REFUSED = {
    "shift": ("df['a'] = df['age'].shift(1).fillna(0)\nX = df[['a']]", "NB304", "shift", "child table"),
    "rolling": ("df['a'] = df['age'].rolling(3, min_periods=1).mean()\nX = df[['a']]", "NB304", "rolling", "child table"),
    "cumsum": ("df['a'] = df['age'].cumsum()\nX = df[['a']]", "NB304", "cumsum", "child table"),
    "ffill": ("df['a'] = df['income'].ffill().bfill()\nX = df[['a']]", "NB304", "ffill", "learned in training"),
    "position": ("df['a'] = np.arange(len(df))\nX = df[['a', 'age']]", "NB304", "arange", "position"),
    "noise": ("df['a'] = df['age'] + np.random.normal(size=len(df))\nX = df[['a']]", "NB305", "np.random.normal", "Seed"),
    "clock": ("df['a'] = (pd.Timestamp.now() - df['when']).dt.total_seconds()\nX = df[['a']]", "NB306", "now", "constant"),
    "explode": ("df['c'] = [['a', 'b']] * len(df)\ndf = df.explode('c')\nX = df[['age']]", "", "", ""),
    "group_rank": ("df['a'] = df.groupby('job')['hours'].rank()\nX = df[['a']]", "NB304", "rank", "average"),
    "leak": ("df['a'] = df['y'] * 2 + df['age']\nX = df[['a']]", "NB310", "`y`", "Remove"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(tmp_path: Path, name: str) -> None:
    features, code, text, remedy = REFUSED[name]
    observation = run(tmp_path, features)
    refusals = [f for f in observation.findings if f.severity == "refusal"]
    assert refusals, "must be refused"
    if code:
        assert refusals[0].code == code
        assert text in refusals[0].message
        assert remedy in refusals[0].remedy
    assert refusals[0].span is None or refusals[0].span.cell in (2, 3)


def test_a_table_by_unique_codes_is_refused(tmp_path: Path) -> None:
    features = "table = df.groupby('code')['age'].mean()\ndf['a'] = df['code'].map(table)\nX = df[['a', 'hours']]"
    assert [(f.code, f.severity) for f in run(tmp_path, features).findings] == [("NB309", "refusal")]
