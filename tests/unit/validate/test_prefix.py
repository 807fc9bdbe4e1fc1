"""Which cells runs may share, and in whose words they may not: one case a line."""

import pytest

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.ir.validation import Parameter, RunSpec
from nb2svc.validate.prefix import Prefix, plan_prefix
from unit.capture.made import made

IMPORTS = """
import os, sys, random, time
import numpy as np
import pandas as pd
from datetime import datetime
from sklearn.model_selection import train_test_split
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
"""
DEFAULTS = "seed = 0\nrows = 100\n"


def specs(**values: list[object]) -> list[RunSpec]:
    count = max(map(len, values.values()))
    return [
        RunSpec(
            key=str(at),
            parameters=tuple(Parameter(name=name, value=repr(given[at % len(given)])) for name, given in values.items()),
        )
        for at in range(count)
    ]


def plan(*cells: str, runs: list[RunSpec] | None = None, tags: dict[int, list[str]] | None = None, **environment: str) -> Prefix:
    """The plan for a notebook with an import cell (1), a parameters cell (2) and some cells (from 3)."""
    notebook, _ = made(IMPORTS, DEFAULTS, *cells, tags={2: ["parameters"], **(tags or {})})
    return plan_prefix(notebook, build_dataflow(notebook), runs or specs(seed=[1, 2]), environment=environment)


def test_what_an_object_has_may_be_listed():
    assert plan("frame = pd.DataFrame({'a': [1]})\ndir(frame)", "b = seed").cells == (1, 2, 3)


def test_cells_are_shared_down_to_the_first_that_reads_what_tells_the_runs_apart():
    found = plan(
        'loans = pd.read_csv("a.csv")', "X = loans.dropna()", "\na = X\nparts = train_test_split(X, random_state=seed)", "b = 1"
    )
    assert found.cells == (1, 2, 3, 4)
    assert found.injected
    assert found.ended is not None
    assert (found.ended.cell, found.ended.line) == (5, 3)
    assert found.shown == "cells 1 to 4; cell 5, line 3: reads seed, which tells the runs apart"


def test_parameters_that_all_runs_set_alike_do_not_end_it():
    found = plan("x = np.arange(rows)", "y = x + seed", runs=specs(rows=[7], seed=[1, 2, 3]))
    assert found.cells == (1, 2, 3)
    assert found.given == (Parameter(name="rows", value="7"),)
    assert found.varying == ("seed",)


def test_a_parameter_that_only_some_runs_set_tells_them_apart():
    one, other = specs(seed=[1])[0], RunSpec(key="b")
    assert plan("x = seed", runs=[one, other]).varying == ("seed",)


def test_a_secret_is_never_among_what_is_shared():
    runs = [
        RunSpec(key=str(n), parameters=(Parameter(name="rows", value="", secret="TOKEN"), Parameter(name="seed", value=str(n))))
        for n in (1, 2)
    ]
    found = plan("z = np.ones(3)", "x = rows", runs=runs)
    assert (found.given, found.varying, found.cells) == ((), ("rows", "seed"), (1, 2, 3))


def test_a_function_that_reads_the_parameter_ends_it_where_it_is_called():
    found = plan(
        "x = np.ones(3)\ndef shift(x):\n    return x + seed", "def again(x):\n    return shift(x)", "y = 1", "z = again(x)"
    )
    assert found.cells == (1, 2, 3, 4, 5)
    assert found.ended is not None
    assert found.ended.text == "calls what reads seed, which tells the runs apart"


def test_a_function_that_is_handed_on_counts_as_called():
    found = plan("x = pd.Series([1])\ndef shift(x):\n    return x + seed", "z = x.map(shift)")
    assert found.cells == (1, 2, 3)


def test_the_parameters_cell_itself_computes_with_its_own_values():
    notebook, _ = made(
        "import numpy as np", "seed = 0\nrng = np.random.default_rng(seed)", "x = rng.normal()", tags={2: ["parameters"]}
    )
    found = plan_prefix(notebook, build_dataflow(notebook), specs(seed=[1, 2]))
    assert (found.cells, found.ended) == ((1, 2, 3), None)


def test_a_cell_that_an_earlier_run_injected_is_not_there():
    found = plan("seed = 5", "x = np.ones(3)", "y = seed", tags={3: ["injected-parameters"]})
    assert found.cells == (1, 2, 4)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("seed = seed or 1", "reads seed"),
        ("seed = 3", "sets seed"),
        ("del seed", "reads seed"),
        ("f'{seed}'", "reads seed"),
        ("try:\n    1 / 0\nexcept ZeroDivisionError as seed:\n    pass", "sets seed"),
        ("x = pd.DataFrame().query('a > @seed')", "reads seed"),
        ("for seed in (1, 2): pass", "sets seed"),
        ("globals()['seed']", "does what can't be followed: globals"),
        ("eval('se' + 'ed')", "does what can't be followed: eval"),
        ("get_ipython().user_ns['seed']", "`get_ipython` acts on the kernel"),
        ("look = vars", "`vars` reads names that can't be followed"),
        ("pd.DataFrame().to_json('a.json')", "writes a.json"),
        ("x = _ + 1", "`_` reads what IPython counts"),
        ("dir()", "`dir` reads names that can't be followed"),
        ("dir(*[])", "`dir` reads names that can't be followed"),
        ("print(*map(dir, [1]))", "`dir` reads names that can't be followed"),
        ("Out[1]", "`Out` reads what IPython counts"),
        ("pd.DataFrame().to_csv('a.csv')", "writes a.csv"),
        ("def save(d):\n    d.to_csv('a.csv')\npd.DataFrame().pipe(save)", "writes a.csv"),
        ("open('a.txt', 'a').write('x')", "writes a.txt"),
        ("(lambda name: open(name, 'w'))", "opens a file"),
        ("import requests\nrequests.get('https://example.com')", "asks the network"),
        ("pd.read_csv('https://example.com/c.csv')", "asks the network: https://example.com/c.csv"),
        ("import subprocess\nsubprocess.run(['ls'])", "starts a program"),
        ("os.system('ls')", "starts a program"),
        ("datetime.now()", "asks for the time"),
        ("t = time.time()", "asks for the time"),
        ("clock = time.perf_counter", "uses time.perf_counter"),
        ("os.environ['A'] = '1'", "sets os.environ"),
        ("os.getpid()", "uses os.getpid"),
        ("os.chdir('..')", "uses os.chdir"),
        ("sys.path.append('..')", "sets sys.path.append"),
        ("np.seterr(all='ignore')", "numpy.seterr"),
        ("import matplotlib\nmatplotlib.use('Agg')", "matplotlib.use"),
        ("import logging\nlogging.basicConfig()", "uses logging.basicConfig"),
        ("import sqlite3\nsqlite3.connect('a.db')", "it holds a file open"),
        ("import threading\nthreading.Thread(target=print).start()", "it starts threads or processes"),
        ("from concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor(2)", "it starts threads or processes"),
        ("from joblib import Parallel\nParallel(2)([])", "it starts threads or processes"),
        ("RandomForestClassifier(random_state=0, n_jobs=2)", "asks for workers (n_jobs=2)"),
        ("RandomForestClassifier(random_state=0, n_jobs=-1)", "asks for workers (n_jobs=-1)"),
        ("jobs = 1\nRandomForestClassifier(random_state=0, n_jobs=jobs)", "asks for workers (n_jobs=jobs)"),
        ("HistGradientBoostingClassifier(random_state=0)", "unless OMP_NUM_THREADS=1 is set"),
        ("from sklearn.cluster import KMeans as K\nK(2, random_state=0)", "unless OMP_NUM_THREADS=1 is set"),
        ("import polars as pl\npl.DataFrame()", "uses polars.DataFrame: its threads do not survive a fork"),
        ("import duckdb\nduckdb.sql('select 1')", "its threads do not survive a fork"),
        ("import xgboost as xgb\nxgb.XGBClassifier()", "its threads do not survive a fork"),
        ("from lightgbm import LGBMClassifier\nLGBMClassifier()", "its threads do not survive a fork"),
        ("import torch\ntorch.tensor([1.0])", "it may hold a device"),
        ("import tensorflow as tf\ntf.constant(1)", "it may hold a device"),
        ("def net():\n    import torch\n    return torch.ones(1)\nnet()", "it may hold a device"),
        ("import torch as t\nt.ones(1)\nimport time as t", "it may hold a device"),
        ("import my_module", "imports my_module: nothing is known of it"),
        ("from .near import x", "imports a module of its own"),
        ("from sklearn.datasets import *", "hides what is used of it"),
        ("from __future__ import annotations", "imports __future__"),
        ("import asyncio\nasync def f(): pass\nawait f()", "waits in the kernel's own loop"),
        ("%time y = 1", "`%time y = 1` is not known"),
        ("%load_ext sql", "`%load_ext sql` is not known"),
        ("files = !ls", "is not known"),
        ("!pip install x", "is not known"),
        ("%%capture out\nprint(1)", "is not known"),
        ("%%bash\nls", "is not known"),
        ("x = np.random.rand(3)", "draws at random (numpy.random.rand) before a seed"),
        ("np.random.seed()\nx = np.random.rand(3)", "without a number seeds each run anew"),
        ("np.random.seed(None)", "without a number seeds each run anew"),
        ("random.seed(1)\nx = np.random.rand(3)", "draws at random (numpy.random.rand) before a seed"),
        ("if rows: np.random.seed(1)\nx = np.random.rand(3)", "before a seed"),
        ("parts = train_test_split([1, 2])", "before a seed"),
        ("RandomForestClassifier()", "before a seed"),
        ("np.random.default_rng().normal()", "draws at random"),
        ("import uuid\nuuid.uuid4()", "draws at random"),
        ("input()", "asks a person"),
        ("id(np)", "differs from process to process"),
        ("from IPython.display import clear_output\nclear_output()", "uses IPython.display.clear_output"),
    ],
)  # fmt: skip
def test_what_ends_it(cell: str, why: str):
    found = plan("ready = np.ones(3)", cell)
    assert found.ended is not None, found
    assert why in found.ended.text
    assert found.ended.cell == 4
    assert found.cells == (1, 2, 3)


@pytest.mark.parametrize(
    "cell",
    [
        "np.random.seed(1)\nx = np.random.rand(3)",
        "random.seed(1)\nx = random.random()",
        "rng = np.random.default_rng(0)\nx = rng.normal()",
        "parts = train_test_split([1, 2], random_state=0)",
        "np.random.seed(1)\nparts = train_test_split([1, 2])",
        "RandomForestClassifier(random_state=0, n_jobs=None)",
        "RandomForestClassifier(random_state=0, n_jobs=1)",
        "os.path.join('a', 'b')\nos.getenv('HOME')\nsys.version_info",
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()",
        "with open('a.txt') as file:\n    text = file.read()",
        "pd.options.display.max_rows = 5\npd.set_option('display.width', 80)",
        "import warnings\nwarnings.filterwarnings('ignore')",
        "import torch, xgboost, polars",
        "def net():\n    import torch\n    return torch.ones(1)",
        "def split(x, seed):\n    return x[seed]\nsplit([1], 0)",
        "class A:\n    def go(self):\n        return 1\nA().go()",
        "text = pd.DataFrame().to_csv()",
        "for _ in range(3):\n    _",
        "# nb2svc: check fine\nassert ready.sum() == 3",
        "print(1)\ndisplay(2)\n3",
        "from IPython.display import display, HTML\ndisplay(HTML('<b>a</b>'))",
    ],
)
def test_what_does_not_end_it(cell: str):
    found = plan("ready = np.ones(3)", cell, "y = seed")
    assert found.cells == (1, 2, 3, 4), found.shown


def test_one_thread_of_openmp_may_be_forked():
    cell = "model = HistGradientBoostingClassifier(random_state=0)"
    assert plan("x = 1", cell).cells == (1, 2, 3)
    assert plan("x = 1", cell, OMP_NUM_THREADS="1").cells == (1, 2, 3, 4)
    assert plan("x = 1", cell, OMP_NUM_THREADS="2").cells == (1, 2, 3)


@pytest.mark.parametrize(("tag", "why"), [("raises-exception", "is expected to fail"), ("skip-execution", "is left out of runs")])
def test_a_cell_that_runs_in_another_way_ends_it(tag: str, why: str):
    found = plan("x = 1", "1 / 0", tags={4: [tag]})
    assert found.ended is not None
    assert why in found.ended.text


def test_what_is_seeded_is_told_of_the_shared_cells_only():
    assert plan("np.random.seed(1)", "random.seed(1)\ny = seed").seeded == ("numpy.random",)
    assert plan("x = 1", "y = seed").seeded == ()


def test_imports_and_definitions_alone_are_not_worth_it():
    found = plan("def f(x):\n    return x", "y = seed")
    assert not found.cells
    assert found.declined.startswith("there is nothing to share but imports and definitions; cell 4, line 1: reads seed")


def test_one_run_and_repeats_share_nothing():
    assert plan("x = 1", runs=specs(seed=[1])).declined == "there is one run only"
    runs = [RunSpec(key="a"), RunSpec(key="b", repeat=2)]
    assert plan("x = 1", runs=runs).declined.startswith("repeats are made to see")


def test_what_ends_it_above_the_parameters_leaves_them_to_the_runs():
    notebook, _ = made("x = 1", "import my_module", "seed = 0", "y = seed", tags={3: ["parameters"]})
    found = plan_prefix(notebook, build_dataflow(notebook), specs(seed=[1, 2]))
    assert (found.cells, found.injected) == ((1,), False)


@pytest.mark.parametrize(
    "cell",
    [
        "y = np.random.rand() + random.random() + seed",
        "np.random.seed()",
        "pd.DataFrame({'a': [seed]}).to_csv('a.csv')",
        "with open('a.txt', 'w') as file:\n    file.write(str(seed))",
        "print(datetime.now(), time.time())",
        "import tempfile\nfolder = tempfile.mkdtemp()",
        "model = HistGradientBoostingClassifier(random_state=seed)",
        "seed = seed + 1",
    ],
)
def test_what_ends_sharing_may_still_need_no_kernel(cell: str):
    found = plan("x = 1", cell)
    assert (found.cells, found.needs_kernel) == ((1, 2, 3), "")


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        (
            "from threading import Thread\nThread(target=print).start()",
            "cell 5, line 2: uses threading.Thread: it starts threads or processes",
        ),
        ("import subprocess\nsubprocess.run(['ls'])", "cell 5, line 2: starts a program: subprocess.run"),
        ("get_ipython().run_line_magic('time', '')", "cell 5, line 1: `get_ipython` acts on the kernel"),
        ("print(Out)", "cell 5, line 1: `Out` reads what IPython counts"),
        ("model = RandomForestClassifier(n_jobs=2)", "cell 5, line 1: asks for workers (n_jobs=2)"),
        ("__builtin__.print('x')", "cell 5, line 1: `__builtin__` reads names that can't be followed"),
        ("import my_module", "cell 5, line 1: imports my_module: nothing is known of it"),
        ("import builtins as b\nb.get_ipython()", "cell 5, line 2: uses builtins.get_ipython: acts on the kernel"),
        (
            "try:\n    deep()\nexcept RecursionError:\n    pass",
            "cell 5, line 3: `RecursionError` depends on how deep a kernel's own calls are",
        ),
        (
            "import traceback\ntraceback.print_stack()",
            "cell 5, line 2: uses traceback.print_stack: it looks at the code that runs",
        ),
        ("import ipywidgets as widgets\nwidgets.IntSlider(seed)", "cell 5, line 1: imports ipywidgets: nothing is known of it"),
        ("from tqdm.notebook import tqdm\nlist(tqdm([seed]))", "cell 5, line 1: imports tqdm.notebook: nothing is known of it"),
        ("%timeit x", "cell 5, line 1: `%timeit x` is not known to leave the same in a kernel that starts later"),
    ],
)
def test_what_needs_a_kernel_is_told_with_its_line(cell: str, why: str):
    found = plan("x = 1", "y = seed", cell)
    assert (found.cells, found.needs_kernel) == ((1, 2, 3), why)


def test_a_cell_that_is_shared_is_not_asked_again_whether_it_needs_a_kernel():
    assert plan("x = 1", "y = seed").needs_kernel == ""
    assert plan("x = 1", "1 / 0\ny = seed", tags={4: ["raises-exception"]}).needs_kernel.startswith(
        "cell 4, line 1: the cell is exp"
    )
