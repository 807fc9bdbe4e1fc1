"""Validation runs in real kernels: what they tell, what they keep, and what they leave."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conftest import COMMAND
from nb2svc.ir.validation import RunResult, Validation
from nb2svc.validate.driver import ValidateOptions, default_folder, validate
from nb2svc.validate.folder import read_validation
from nb2svc.validate.sets import Asked
from nb2svc.validate.url import UrlOutput

pytestmark = pytest.mark.kernel

SECRET = "s3cr3t-Value/'quoted'"
CELLS = [
    "mode = 'ok'\ntoken = None\nseed = 4",
    "import os, sys\nimport beside\nprint('token is', token)\nprint(repr(token), file=sys.stderr)\nscore = beside.SCORE",
    "# nb2svc: feature rows\nrows = [seed, 2, 3]",
    "if mode == 'boom':\n    low = 1\n    raise ValueError(f'no rows for {token}')",
    "if mode == 'exit':\n    sys.exit(0)\nif mode == 'die':\n    os._exit(3)",
    "import nb2svc\nnb2svc.metric('score', score)\nnb2svc.metric('odd', float('nan'))",
    "# nb2svc: check high metrics=score2,none\nscore2 = score * 2\nassert mode != 'error' or undefined\nassert len(rows) > 2 and score < (0.5 if mode == 'fail' else 2), 'the score is off'",
    "open('deployed', 'w').close()",
    "# nb2svc: check last\nassert rows[1] == 2",
]


def write(folder: Path, cells: list[str] = CELLS) -> Path:
    """A notebook whose first cell holds the parameters, with a module of its author's beside it."""
    document = {
        "cells": [
            {"cell_type": "markdown", "id": "top", "metadata": {}, "source": "# Scores"},
            *(
                {
                    "cell_type": "code", "id": f"author-{number}", "metadata": {"tags": ["parameters"] if number == 1 else []},
                    "execution_count": None, "outputs": [], "source": source,
                }
                for number, source in enumerate(cells, start=1)
            ),
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }  # fmt: skip
    folder.mkdir(exist_ok=True)
    (folder / "beside.py").write_text("SCORE = 0.75\n")
    path = folder / "scores.ipynb"
    path.write_text(json.dumps(document))
    return path


def made(
    notebook: Path,
    *,
    environment: Mapping[str, str] | None = None,
    baseline: str | None = None,
    output: str | None = None,
    **asked: Any,
) -> Validation:
    options = ValidateOptions(notebook=notebook, asked=Asked(**asked), output=output, jobs=2, retries=0, baseline=baseline)
    return validate(notebook.read_bytes(), options, environment=environment or {}, progress=lambda _: None).validation


@dataclass(frozen=True, slots=True)
class Told:
    """One validation of the notebook in all its modes, which several tests look at."""

    notebook: Path
    before: bytes
    validation: Validation

    def run(self, mode: str) -> RunResult:
        return next(run for run in self.validation.runs if run.spec.value("mode") == repr(mode))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    notebook = write(tmp_path_factory.mktemp("validate"))
    before = notebook.read_bytes()
    grid = (("mode", '["ok", "fail", "error", "boom", "exit", "die"]'),)
    os.environ["NB2SVC_TEST_TOKEN"] = SECRET
    try:
        parameters = (("token", "env:NB2SVC_TEST_TOKEN"),)
        yield Told(notebook, before, made(notebook, environment=os.environ, parameters=parameters, grid=grid))
    finally:
        del os.environ["NB2SVC_TEST_TOKEN"]


def test_each_run_ends_as_it_did(told: Told):
    assert {mode: told.run(mode).status for mode in ("ok", "fail", "error", "boom", "exit", "die")} == {
        "ok": "ok", "fail": "failed", "error": "failed", "boom": "error", "exit": "error", "die": "died",
    }  # fmt: skip
    assert told.notebook.read_bytes() == told.before


def test_checks_say_what_they_compared_and_a_failed_one_hides_no_other(told: Told):
    assert [(check.name, check.cell, check.outcome) for check in told.run("ok").checks] == [
        ("high", 7, "pass"),
        ("last", 9, "pass"),
    ]
    high, last = told.run("fail").checks
    assert (high.outcome, high.line, high.message) == ("fail", 4, "the score is off")
    assert high.values == (("len(rows)", "3"), ("score", "0.75"), ("0.5 if mode == 'fail' else 2", "0.5"))
    assert last.outcome == "pass"
    high, last = told.run("error").checks
    assert (high.outcome, high.line, last.outcome) == ("error", 3, "pass")
    assert high.message.startswith("NameError: name 'undefined'")
    for mode in ("boom", "exit", "die"):
        assert {check.outcome for check in told.run(mode).checks} == {"not_reached"}


def test_a_failed_check_stops_what_acts_on_the_world(told: Told):
    def ran(mode: str) -> list[bool]:
        document = json.loads((folder_of(told, mode) / "executed.ipynb").read_bytes())
        return [
            cell["execution_count"] is not None
            for cell in document["cells"]
            if cell["cell_type"] == "code" and "author" in cell["id"]
        ]

    assert all(ran("ok"))
    assert ran("fail") == [True] * 7 + [False, True]


def test_checks_one_after_the_other_that_fail_are_each_told_with_the_runs_own_parameters(tmp_path: Path):
    notebook = write(
        tmp_path / "row",
        [
            "# nb2svc: check above\nnothing = 0\nassert nothing > 0",
            "seed = 4",
            "# nb2svc: check first\nassert seed > 100, 'small'",
            "# nb2svc: check second metrics=twice\ntwice = seed * 2\nassert twice > 100",
            "# nb2svc: check third\nassert seed < 100",
        ],
    )
    document = json.loads(notebook.read_bytes())
    for cell, tags in zip(document["cells"][1:3], ([], ["parameters"]), strict=True):
        cell["metadata"]["tags"] = tags
    notebook.write_text(json.dumps(document))
    for run in made(notebook, grid=(("seed", "[5, 6]"),)).runs:
        seed = int(run.spec.value("seed") or 0)
        assert [(check.name, check.outcome, check.values) for check in run.checks] == [
            ("above", "fail", (("nothing", "0"),)),
            ("first", "fail", (("seed", str(seed)),)),
            ("second", "fail", (("twice", str(2 * seed)),)),
            ("third", "pass", ()),
        ]
        assert run.metric("twice").value == 2 * seed


def test_metrics_come_from_outputs_and_from_names(told: Told):
    found = {metric.name: (metric.value, metric.special) for metric in told.run("ok").metrics}
    assert found == {"score": (0.75, ""), "odd": (None, "nan"), "score2": (1.5, ""), "none": (None, "")}
    assert told.run("fail").metric("score2").value == 1.5
    assert [metric.name for metric in told.run("boom").metrics if metric.value is not None] == []


def test_a_metric_survives_the_file_and_nbconvert(told: Told):
    from nbconvert import NotebookExporter

    text, _ = NotebookExporter().from_filename(str(folder_of(told, "ok") / "executed.ipynb"))
    (cell,) = [cell for cell in json.loads(text)["cells"] if "nb2svc.metric" in "".join(cell["source"])]
    bundle = {"version": 1, "name": "score", "value": 0.75, "special": ""}
    assert [output["data"] for output in cell["outputs"]] == [
        {"application/vnd.nb2svc.metric+json": bundle, "text/plain": ["score = 0.75"]},
        {
            "application/vnd.nb2svc.metric+json": {**bundle, "name": "odd", "value": None, "special": "nan"},
            "text/plain": ["odd = nan"],
        },
    ]


def test_a_run_that_broke_says_where(told: Told):
    failure = told.run("boom").failure
    assert (failure.cell, failure.line) == (4, 3)
    assert failure.what.endswith("failed: ValueError: no rows for (env:NB2SVC_TEST_TOKEN)")
    assert told.run("exit").failure.what.endswith("stopped the notebook: sys.exit(0)")
    assert (told.run("die").failure.cell, told.run("die").attempts) == (5, 1)
    assert told.run("die").failure.what.startswith("the kernel died while cell 5")


def test_a_run_tells_what_it_cost_and_what_it_was_made_with(told: Told):
    run = told.run("ok")
    assert run.seconds > 0.01
    assert 0.01 < run.cpu_seconds < 60
    assert 20 << 20 < run.memory < 2 << 30
    assert run.python == ".".join(map(str, sys.version_info[:3]))
    assert "ipykernel" in dict(run.versions)
    assert (run.spec.seed, run.path, run.reused) == ("4", "fork" if sys.platform == "linux" else "plain", False)
    assert told.run("die").memory > 20 << 20


def folder_of(told: Told, mode: str) -> Path:
    return told.notebook.parent / ".nb2svc" / "scores" / "validation" / told.run(mode).folder


def test_each_run_leaves_its_notebook_in_the_authors_words(told: Told):
    document = json.loads((folder_of(told, "boom") / "executed.ipynb").read_bytes())
    assert [cell["id"] for cell in document["cells"][:4]] == ["prose-0", "author-1", "nb2svc-parameters", "author-2"]
    injected = document["cells"][2]["source"]
    assert "".join(injected) == '# Parameters\ntoken = __import__("os").environ["NB2SVC_TEST_TOKEN"]\nmode = \'boom\''
    sources = ["".join(cell["source"]) for cell in document["cells"] if "author" in cell["id"]]
    assert sources == CELLS
    assert document["cells"][5]["outputs"][0]["ename"] == "ValueError"


def test_no_secret_is_in_anything_that_is_written(told: Told):
    home = told.notebook.parent / ".nb2svc"
    files = [path for path in home.rglob("*") if path.is_file()]
    texts = {path: path.read_text(errors="replace") for path in files}
    assert any("(env:NB2SVC_TEST_TOKEN)" in text for text in texts.values())
    assert [path.name for path, text in texts.items() if "s3cr3t" in text] == []
    assert {path.name for path in files} >= {"executed.ipynb", "kernel.log", "result.json", "validation.json", "facts.json"}


def test_a_second_command_makes_only_what_it_must(told: Told):
    grid = (("mode", '["ok", "fail"]'),)
    again = made(told.notebook, environment=os.environ, parameters=(("token", "env:NB2SVC_TEST_TOKEN"),), grid=grid)
    assert [(run.status, run.reused) for run in again.runs] == [("ok", True), ("failed", True)]
    assert again.runs[0].checks == told.run("ok").checks
    (told.notebook.parent / "beside.py").write_text("SCORE = 0.25\n")
    again = made(
        told.notebook,
        environment=os.environ,
        baseline="last",
        parameters=(("token", "env:NB2SVC_TEST_TOKEN"),),
        grid=(("mode", '["fail"]'),),
    )
    assert [(run.status, run.reused, run.metric("score").value) for run in again.runs] == [("ok", False, 0.25)]
    # It is judged against what stood there before it.
    assert again.judgement.baseline.runs == 2
    compared = next(one for one in again.judgement.comparisons if one.metric == "score")
    assert (compared.mean, compared.baseline_mean, compared.paired, compared.difference) == (0.25, 0.75, True, -0.5)
    assert read_validation(default_folder(told.notebook) / "validation.json") == again


def test_runs_at_a_url_are_found_by_the_next_command(tmp_path: Path):
    notebook = write(tmp_path / "here")
    output = f"file://{tmp_path}/far"
    first = made(notebook, output=output, grid=(("seed", "1..2"),))
    assert [(run.status, run.reused) for run in first.runs] == [("ok", False)] * 2
    again = made(notebook, output=output, baseline="last", grid=(("seed", "1..3"),))
    assert [(run.status, run.reused) for run in again.runs] == [("ok", True), ("ok", True), ("ok", False)]
    assert again.judgement.baseline.runs == 2
    assert {"executed.ipynb", "facts.json", "kernel.log", "result.json"} == {
        path.rpartition("/")[2] for path in UrlOutput(output)._files.find(f"{tmp_path}/far/{again.runs[0].folder}")
    }
    assert not (tmp_path / "here" / ".nb2svc").exists()
    (tmp_path / "here" / "beside.py").write_text("SCORE = 0.25\n")
    assert [run.reused for run in made(notebook, output=output, grid=(("seed", "1..1"),)).runs] == [False]


def test_an_interrupt_keeps_what_was_finished_and_the_next_command_goes_on(tmp_path: Path):
    notebook = write(
        tmp_path, ["n = 0", "import time\nfrom pathlib import Path\nif n == 2 and not Path('go').exists():\n    time.sleep(300)"]
    )
    command = [str(COMMAND), "validate", notebook.name, "--grid", "n=1..3", "--jobs", "1", "--progress", "json", "-o", "out"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        event = json.loads(line)
        if event.get("done") == 1 and "n=2" in event["text"]:
            break
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "3 runs, 1 ok, 2 not run" in said
    assert [run.status for run in read_validation(tmp_path / "out" / "validation.json").runs] == ["ok", "not_run", "not_run"]
    (tmp_path / "go").write_text("")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "3 runs, 3 ok (1 of them made before)" in done.stdout


def test_runs_that_read_a_file_that_each_of_them_writes_do_not_read_each_others(tmp_path: Path):
    notebook = write(
        tmp_path / "together",
        [
            "seed = 0",
            "from pathlib import Path\nPath('mine.txt').write_text(str(seed))",
            "import time\ntime.sleep(1)\nfound = int(Path('mine.txt').read_text())",
            "# nb2svc: check mine metrics=found\nassert found == seed",
        ],
    )
    validation = made(notebook, grid=(("seed", "1..4"),))
    assert [run.metric("found").value for run in validation.runs] == [1, 2, 3, 4]
    assert [note.partition(":")[0] for note in validation.notes] == ["each run writes mine.txt and reads it"]
    assert all(run.rewritten == () for run in validation.runs)
    again = made(notebook, grid=(("seed", "1..4"),))
    assert [run.reused for run in again.runs] == [True] * 4
