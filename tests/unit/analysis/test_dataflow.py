"""Dataflow: kinds of edges, effects, what changes which names, and that the work stays linear."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from nb2svc.analysis.dataflow import link, parse_statements
from nb2svc.analysis.objects.heap import Heap
from nb2svc.analysis.slicing import backward
from nb2svc.ir.dataflow import Dataflow, Statement


def _linked(source: str) -> Dataflow:
    return link(parse_statements(source))


def _last(source: str) -> Statement:
    return _linked(source).statements[-1]


def test_kinds_of_edges() -> None:
    dataflow = _linked("k = 1\ndef f(): return k\na = [f()]\na.append(2)\nb = a")
    edges = {(edge.source, edge.target, edge.name, edge.kind) for edge in dataflow.edges}

    assert edges == {(0, 2, "k", "deferred"), (1, 2, "f", "binding"), (2, 3, "a", "binding"), (3, 4, "a", "mutation")}


def test_a_change_of_one_name_is_one_of_its_aliases_and_containers() -> None:
    assert set(_last("a = []\nb = a\nc = {'k': [a]}\nb.append(1)").mutates) == {"a", "b", "c"}
    assert _last("a = []\nb = a.copy()\nb.append(1)").mutates == ("b",)
    assert _last("a = []\nb = a\nb = []\nb.append(1)").mutates == ("b",)


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("df['x'] = 1", {"df"}),
        ("df.loc[0, 'x'] = 1", {"df"}),
        ("df.values[0] = 1", {"df"}),
        ("df.columns = ['a']", {"df"}),
        ("del df['x']", {"df"}),
        ("df += 1", {"df"}),
        ("df.drop(columns='x', inplace=True)", {"df"}),
        ("df.drop(columns='x', inplace=flag)", {"df"}),
        ("df['x'].fillna(0, inplace=True)", {"df"}),
        ("df.pop('x')", {"df"}),
        ("y = df.pop('x')", {"df"}),
        ("df.drop(columns='x')", set()),
        ("df.drop(columns='x', inplace=False)", set()),
        ("df.fillna(0).pop('x')", set()),
        ("df[df['x'] > 0]['y'] = 1", set()),
        ("df.groupby('x').agg(total=('y', 'sum'))", set()),
        ("df.assign(z=1).merge(other).head()", set()),
        ("pd.concat([df, other]).reset_index(drop=True)", set()),
        ("np.log1p(df)", set()),
        ("np.put(arr, 0, 1)", {"arr"}),
        ("arr[:2][0] = 1", {"arr"}),
        ("arr.reshape(2, 2)[0] = 1", {"arr"}),
        ("arr[arr > 1][0] = 1", set()),
        ("arr.sum()", set()),
        ("setattr(thing, 'x', 1)", {"thing"}),
        ("model.fit(df, other)", {"model", "pipe"}),
        ("model.predict(df)", set()),
        ("Z = model.fit_transform(df)", {"model", "pipe"}),
        ("pipe.fit(df)", {"model", "pipe"}),
        ("search.fit(df)", {"search"}),
        ("rng.shuffle(arr)", {"rng", "arr"}),
        ("foreign(df)", {"df"}),
        ("lib.clean(df, deep=True)", {"df"}),
        ("thing.whatever(df)", {"thing", "df"}),
        ("print(df, len(df), sorted(df))", set()),
        ("plt.plot(df, arr[0].reshape(2, 2))", set()),
        ("df.apply(touch, axis=1)", set()),
        ("df.pipe(touch)", {"df"}),
        ("touch(df)", {"df"}),
        ("list(map(touch, [df, other]))", {"df", "other"}),
        ("for d in [df, other]: touch(d)", {"df", "other", "d"}),
        ("pd.DataFrame.clean = touch", {"pd"}),
    ],
)
def test_what_changes(code: str, changed: set[str]) -> None:
    before = """
import numpy as np, pandas as pd, matplotlib.pyplot as plt
import lib
from lib import foreign, make
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.model_selection import GridSearchCV
df = pd.read_csv("a.csv"); other = pd.read_csv("b.csv"); flag = True
arr = np.zeros(4); thing = make(); rng = np.random.default_rng(0)
model = Ridge(); pipe = make_pipeline(model); search = GridSearchCV(Ridge(), {})
def touch(q): q["z"] = 1
"""
    assert set(_last(before + code).mutates) == changed


@pytest.mark.parametrize(
    ("code", "effects"),
    [
        ("df = pd.read_csv('a.csv')", [("file_read", "a.csv")]),
        ("df = pd.read_csv(path)", [("file_read", "pandas.read_csv")]),
        ("df = pd.read_csv('https://example.org/a.csv')", [("network", "https://example.org/a.csv")]),
        ("df.to_csv('out.csv')", [("file_write", "out.csv")]),
        ("f = open('a.txt')", [("file_read", "a.txt")]),
        ("f = open('a.txt', 'w')", [("file_write", "a.txt")]),
        ("X, y = load_iris(return_X_y=True)", [("file_read", "sklearn.datasets.load_iris")]),
        ("df.plot()", [("plot", "plot")]),
        ("plt.show()", [("plot", "matplotlib.pyplot.show")]),
        ("df.head()", [("display", "value")]),
        ("print(df)", [("display", "print")]),
        ("x = np.random.rand(3)", [("random", "numpy.random.rand")]),
        ("np.random.seed(0)", [("library_state", "numpy.random.seed")]),
        ("a, b = train_test_split(df)", [("random", "train_test_split without random_state")]),
        ("a, b = train_test_split(df, random_state=0)", []),
        ("a = df.sample(3)", [("random", "sample without random_state")]),
        ("a = seeded.normal()", []),
        ("a = unseeded.normal()", [("random", "normal of an unseeded generator")]),
        ("t = datetime.now()", [("clock", "datetime.datetime.now")]),
        ("os.system('ls')", [("process", "os.system")]),
        ("n = input('n?')", [("input", "input")]),
        ("eval(text)", [("dynamic", "eval")]),
        ("x = eval('1 + 1')", []),
        ("exec('x = 1')", [("dynamic", "exec")]),
        ("r = requests.get(url)", [("network", "requests.get")]),
        ("df['x'] = 1", []),
        ("df.append(1)", [("display", "value")]),
        ("def g(): return pd.read_csv('a.csv')", []),
        ("t = load()", [("file_read", "inside.csv")]),
        ("'a docstring'", []),
    ],
)
def test_effects(code: str, effects: list[tuple[str, str]]) -> None:
    before = """
import os, requests, numpy as np, pandas as pd, matplotlib.pyplot as plt
from datetime import datetime
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
df = pd.DataFrame({"x": [1]}); path = url = text = "a"
seeded = np.random.default_rng(0); unseeded = np.random.default_rng()
def load(): return pd.read_csv("inside.csv")
"""
    assert [(effect.kind, effect.detail) for effect in _last(before + code).effects] == effects


def test_an_effect_knows_its_place() -> None:
    [effect] = _last("import pandas as pd\nx = 1; df = [pd.read_csv(\n  'ü.csv')]").effects

    assert (effect.span.line, effect.span.column, effect.span.end_line, effect.span.end_column) == (2, 13, 3, 10)


def test_a_slice_of_nothing_is_empty() -> None:
    dataflow = _linked("a = 1")

    assert backward(dataflow, [(0, "b")]) == ()
    assert backward(dataflow, []) == ()


def test_a_seed_is_the_name_as_it_stands_after_its_statement() -> None:
    dataflow = _linked("a = [1]\na.append(2)\na = 3\ndel a")

    assert backward(dataflow, [(0, "a")]) == (0,)
    assert backward(dataflow, [(1, "a")]) == (0, 1)
    assert backward(dataflow, [(2, "a")]) == (2,)
    assert backward(dataflow, [(3, "a")]) == ()


def test_exec_may_change_what_it_mentions() -> None:
    dataflow = _linked("a = {}\nb = 1\nexec('a[1] = 2; b = 3')\nc = (a, b)")

    assert backward(dataflow, [(3, "c")]) == (0, 1, 2, 3)


@contextmanager
def _without_aliases() -> Iterator[None]:
    whole = Heap.names_of
    Heap.names_of = lambda self, objects: set()
    try:
        yield
    finally:
        Heap.names_of = whole


def test_without_the_mutation_model_a_slice_is_wrong() -> None:
    """The control of the laws in tests/properties: names alone lose the change, and the slice computes another value."""
    source = "a = [1]\nb = a\nb.append(2)\nc = len(a)"
    assert backward(_linked(source), [(3, "c")]) == (0, 1, 2, 3)

    with _without_aliases():
        assert backward(_linked(source), [(3, "c")]) == (0, 3)


@pytest.mark.parametrize(
    "line",
    [
        "acc.append(pd.read_csv('f{i}.csv'))",
        "acc.append(acc)\nacc[0].append({i})",
        "df['c{i}'] = df['a'] * {i}",
        "if flag: x = {i}\ny = x",
        "for c in cols: df[c] = helper(df[c], {i})",
        "def f{i}(v): return f0(v) + x\nz = f{i}(1)",
        "d{i} = [d{j}, df]",
    ],
)
def test_the_work_grows_with_the_notebook_and_not_faster(line: str) -> None:
    """Four times the statements take about four times the calls (a quadratic scan would take sixteen)."""
    before = "import pandas as pd\ndf = pd.read_csv('a.csv'); acc = []; x = 1; flag = 1; cols = ['a']\n"
    before += "def helper(v, k): return v * k + x\ndef f0(v): return v\nd0 = df\n"

    def calls(count: int) -> int:
        statements = parse_statements(before + "\n".join(line.format(i=i, j=i - 1) for i in range(1, count)))
        return _calls_made(lambda: link(statements))

    assert calls(400) < 6 * calls(100)


def test_the_measure_of_work_sees_a_quadratic_scan() -> None:
    def scan(count: int) -> int:
        return _calls_made(lambda: [abs(other) for one in range(count) for other in range(one)])

    assert scan(400) > 6 * scan(100)


def _calls_made(work: Callable[[], object]) -> int:
    """How many calls, of Python and of C, some work makes: what a clock would tell, but the same on every machine."""
    made = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal made
        made += event.endswith("call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return made


def _nested(depth: int, *, within: str) -> str:
    heads = [f"{'    ' * level}for i{level} in range(3):" for level in range(depth)]
    return "\n".join([*heads, *("    " * depth + line for line in within.splitlines())])


def test_the_work_grows_with_the_depth_of_nested_loops_not_with_a_power_of_it() -> None:
    def calls(depth: int) -> int:
        return _calls_made(lambda: _linked(_nested(depth, within="total += f(i0)")))

    assert calls(10) < 20 * calls(6), "going through each loop twice takes 80 times as much, and three times more for each level"


@pytest.mark.parametrize("depth", [1, 4, 5, 9])
def test_at_any_depth_one_round_of_a_loop_finds_what_another_stored(depth: int) -> None:
    loops = _nested(depth, within="z = y\ny = x")
    dataflow = _linked(f"x, y, z = [], [], []\n{loops}\nz.append(1)")
    assert "x" in dataflow.statements[-1].mutates


def test_a_function_is_known_as_well_where_it_is_called_deep_in_loops() -> None:
    function = "def f(a):\n    c = b = []\n    for i in a:\n        c = b\n        b = a\n    return c"
    loops = _nested(8, within="f([])")
    dataflow = _linked(f"x = []\n{function}\n{loops}\nz = f(x)\nz.append(1)")
    assert "x" in dataflow.statements[-1].mutates
