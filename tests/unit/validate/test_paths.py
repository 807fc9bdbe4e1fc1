"""The line that says by which paths runs came."""

import json
from pathlib import Path

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.ir.validation import RunResult, RunSpec, Validation
from nb2svc.read.notebook import parse_notebook
from nb2svc.validate.driver import ValidateOptions, _by_paths, _prefix
from nb2svc.validate.paths import told_paths
from nb2svc.validate.prefix import Prefix
from nb2svc.validate.sets import Asked
from nb2svc.validate.task import RunTask, as_message, from_message

_CELL = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None, "outputs": [], "source": "seed = 1"}
_NOTEBOOK = {"cells": [_CELL], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def told(*runs: tuple[str, str]) -> str:
    made = tuple(
        RunResult(key=str(key), spec=RunSpec(key=str(key)), status="ok", path=path, path_note=note)  # type: ignore[arg-type]
        for key, (path, note) in enumerate(runs)
    )
    return told_paths(Validation(notebook="n.ipynb", notebook_digest="", runs=made))


def test_paths_are_counted_with_why_not_faster():
    plain = ("plain", "the forked kernel died; it was made again")
    assert told(*[("fork", "")] * 30, plain, plain) == "30 runs forked, 2 plain: the forked kernel died; it was made again"
    assert told(("fork", ""), ("fork", "")) == "2 runs forked"


def test_nothing_is_told_where_nobody_would_ask():
    assert told(("plain", "so few runs are no faster forked")) == ""
    assert told(("plain", ""), ("plain", "")) == ""


def test_it_is_said_that_workers_of_a_cluster_share_no_cells():
    options = ValidateOptions(notebook=Path("n.ipynb"), asked=Asked(), executor="dask://127.0.0.1:1", jobs=None)
    notebook, _ = parse_notebook(json.dumps(_NOTEBOOK).encode(), path="n.ipynb")
    runs = [RunSpec(key=str(number)) for number in range(6)]
    found = [_prefix(notebook, build_dataflow(notebook), some, options).declined for some in (runs, runs[:5])]
    assert found == ["no cells are shared on the workers of a cluster", ""]


def test_each_worker_is_told_how_many_runs_are_its_own():
    options = ValidateOptions(notebook=Path("n.ipynb"), asked=Asked(), jobs=2)
    bare = RunTask(spec=RunSpec(key="a"), content=b"", path="", kernel="", cwd="", folder="", timeout=None, retries=0)
    task = _by_paths(bare, Prefix(cells=(1,)), options, count=25)
    assert from_message(as_message(task, staged="")).shared_by == 12
