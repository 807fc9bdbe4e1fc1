"""Which imports may be made before the notebook begins: none after a statement by which they might be others."""

import json

import pytest

from nb2svc.read.notebook import parse_notebook
from nb2svc.validate.forking.imports import imports_beforehand


def found(*cells: str, tags: tuple[str, ...] = ()) -> list[str]:
    document = {
        "cells": [
            {"cell_type": "code", "metadata": {"tags": list(tags)}, "outputs": [], "execution_count": None, "source": source}
            for source in cells
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    notebook, _ = parse_notebook(json.dumps(document).encode(), path="n.ipynb")
    return [each.source for each in imports_beforehand(notebook)]


def test_those_at_the_top_level_of_cells_in_their_order_and_once():
    assert found(
        "import sklearn.svm as svm, numpy as np",
        "x = 1\nfrom pandas import DataFrame as D, Series\nimport numpy",
        "from a import *",
    ) == ["import sklearn.svm", "import numpy", "from pandas import DataFrame", "from pandas import Series", "import a"]


def test_what_a_run_may_never_reach_is_not_among_them():
    cell = "try:\n    import torch\nexcept ImportError:\n    torch = None\nif 0:\n    import ray\ndef f():\n    import shap"
    assert found(cell) == []
    assert found("import numpy", tags=("skip-execution",)) == []


@pytest.mark.parametrize(
    "before",
    [
        "import sys\nsys.path.insert(0, 'vendored')",
        "import sys as s\ns.path.append('x')",
        "from sys import path",
        "import os\nos.environ['OMP_NUM_THREADS'] = '1'",
        "def set_up():\n    os.environ['MPLBACKEND'] = 'agg'",
        "os.chdir('data')",
        "from dotenv import load_dotenv\nload_dotenv()",
        "import importlib",
        "import matplotlib\nmatplotlib.use('agg')",
        "exec(open('x').read())",
        "%pip install numpy",
        "!pip install numpy",
        "!./make_data",
        "%load_ext beartype",
        "%run setup.py",
        "get_ipython().system('x')",
    ],
)
def test_nothing_after_what_may_change_an_import(before: str):
    assert "import numpy" not in found(before, "import numpy")
    assert found("import numpy", before)[0] == "import numpy"


@pytest.mark.parametrize(
    "before",
    [
        "%matplotlib inline",
        "%load_ext autoreload",
        "%%time\nx = 1",
        "import os\npath = os.path.join('a', 'b')",
        "import warnings\nwarnings.filterwarnings('ignore')",
        "# nb2svc: check\nassert True",
    ],
)
def test_what_changes_none_is_passed_over(before: str):
    assert "import numpy" in found(before, "import numpy")
