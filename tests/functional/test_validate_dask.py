"""Validation runs on a real Dask cluster: the same as here, whatever becomes of workers and scheduler, and nothing left behind."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conftest import COMMAND
from dask_cluster import Cluster, cluster
from functional import test_validate_segments
from nb2svc.errors import EnvironmentProblem, UsageError
from nb2svc.ir.validation import RunResult, Validation
from nb2svc.validate.cluster import travel
from nb2svc.validate.driver import ValidateOptions, validate
from nb2svc.validate.sets import Asked
from watched_processes import command_of, eventually, parent

pytestmark = [pytest.mark.kernel, pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")]

SECRET = "s3cr3t-Value"
# A run says that it began, and waits where it is told to; what it does to its worker is the mode.
CELLS = [
    "mode = 'ok'\nseed = 4\ntoken = None",
    """\
import os, signal, time
from pathlib import Path
import beside
with open('starts', 'a') as stream:
    stream.write(f'{seed} {os.getpid()}\\n')
waiting = Path(f'wait-{seed}')
while waiting.exists():
    time.sleep(0.05)
print('length', len(token or ''), token)""",
    """\
if mode == 'killer':
    up = os.getpid()
    while 'spawn_main' not in Path(f'/proc/{up}/cmdline').read_text():
        up = int(Path(f'/proc/{up}/stat').read_text().rpartition(')')[2].split()[1])
    os.kill(up, signal.SIGKILL)
    time.sleep(60)""",
    "import numpy as np\nimport nb2svc\nvalues = np.random.default_rng(seed).normal(size=100)\nnb2svc.metric('mean', values.mean() + beside.SCORE)",
    "# nb2svc: check low\nassert values.mean() < (-9 if mode == 'strict' else 9)",
]


def write(folder: Path, *, reads: str = "") -> Path:
    sources = [*CELLS, f"assert open({reads!r}).read() == '7\\n'"] if reads else CELLS
    cells = [
        {
            "cell_type": "code", "id": f"author-{number}", "metadata": {"tags": ["parameters"] if number == 1 else []},
            "execution_count": None, "outputs": [], "source": source,
        }
        for number, source in enumerate(sources, start=1)
    ]  # fmt: skip
    folder.mkdir(exist_ok=True)
    (folder / "beside.py").write_text("from inner import SCORE\n")
    (folder / "inner").mkdir(exist_ok=True)
    (folder / "inner" / "__init__.py").write_text("SCORE = 0.75\n")
    path = folder / "scores.ipynb"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    return path


def made(
    notebook: Path,
    *,
    executor: str = "local",
    retries: int = 1,
    output: str | None = None,
    fork: bool = False,
    segments: tuple[str, ...] = (),
    **asked: Any,
) -> Validation:
    options = ValidateOptions(
        notebook=notebook,
        asked=Asked(**asked),
        executor=executor,
        jobs=None,
        retries=retries,
        output=output,
        fork=fork,
        segments=segments,
    )
    return validate(notebook.read_bytes(), options, environment={}, progress=lambda _: None).validation


def starts(notebook: Path) -> list[str]:
    """The seeds of the runs that began, in order."""
    path = notebook.parent / "starts"
    return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []


def kernels(notebook: Path, seed: str = "") -> list[int]:
    """Kernels of the notebook's runs that are still there."""
    pairs = [line.split() for line in (notebook.parent / "starts").read_text().splitlines()]
    return [int(pid) for number, pid in pairs if seed in ("", number) and Path(f"/proc/{pid}").exists()]


def worker_of(kernel: int) -> int:
    """The Dask worker that a kernel runs below."""
    while "spawn_main" not in command_of(kernel):
        kernel = parent(kernel)
        assert kernel > 1
    return kernel


def commits(notebook: Path) -> int:
    return len(list((notebook.parent / ".nb2svc" / "scores" / "validation" / "runs").glob("*/result.json")))


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("dask")) as made:
        for name in ("alpha", "beta"):
            made.start_worker(name, environment={"NB2SVC_TEST_TOKEN": SECRET})
        yield made


def told(run: RunResult) -> RunResult:
    """A run without what differs from machine to machine and from time to time."""
    return replace(run, seconds=0.0, cpu_seconds=None, memory=None, began="", worker="", folder="", reused=False)


def test_a_cluster_makes_the_same_runs_as_this_machine(dask: Cluster, tmp_path: Path):
    notebook = write(tmp_path / "here")
    grid = (("seed", "1..2"), ("mode", '["ok", "strict"]'))
    there = made(notebook, executor=dask.executor, grid=grid, fork=True)
    assert len({run.worker for run in there.runs}) == 2
    assert {run.status for run in there.runs} == {"ok", "failed"}
    assert sorted(starts(notebook)) == ["1", "1", "2", "2"]
    here = made(notebook, output=str(tmp_path / "local"), grid=grid, fork=True)
    assert [told(run) for run in there.runs] == [told(run) for run in here.runs]
    again = made(notebook, executor=dask.executor, grid=grid)
    assert all(run.reused for run in again.runs)
    folder = notebook.parent / ".nb2svc" / "scores" / "validation" / there.runs[0].folder
    assert sorted(path.name for path in folder.iterdir()) == ["executed.ipynb", "facts.json", "kernel.log", "result.json"]


def test_a_worker_that_is_killed_costs_only_what_it_was_making(dask: Cluster, tmp_path: Path):
    notebook = write(tmp_path / "here")
    (notebook.parent / "wait-2").touch()
    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(made, notebook, executor=dask.executor, grid=(("seed", "1..4"),))
        assert eventually(lambda: "2" in starts(notebook) and commits(notebook) == 3, seconds=120)
        (kernel,) = kernels(notebook, "2")
        os.kill(worker_of(kernel), signal.SIGKILL)
        assert eventually(lambda: not Path(f"/proc/{kernel}").exists(), seconds=20)
        (notebook.parent / "wait-2").unlink()
        validation = making.result(120)
    assert [run.status for run in validation.runs] == ["ok"] * 4
    assert sorted(starts(notebook)) == ["1", "2", "2", "3", "4"]
    assert commits(notebook) == 4
    assert [run.attempts for run in validation.runs] == [1, 2, 1, 1]
    assert eventually(lambda: not kernels(notebook))


def test_a_run_that_kills_each_worker_is_blamed_and_no_other(dask: Cluster, tmp_path: Path):
    notebook = write(tmp_path / "here")
    cases = "bad: {mode: killer, seed: 1}\n" + "".join(f"good{seed}: {{seed: {seed}}}\n" for seed in (2, 3, 4))
    validation = made(notebook, executor=dask.executor, retries=0, matrix=cases.encode(), matrix_file="cases.yaml")
    assert {run.spec.case: run.status for run in validation.runs} == {"bad": "died", "good2": "ok", "good3": "ok", "good4": "ok"}
    bad = validation.runs[0]
    assert bad.failure.what == "each worker that ran it died, 2 in all"
    assert (bad.attempts, starts(notebook).count("1")) == (2, 2)
    assert sorted(starts(notebook)) == ["1", "1", "2", "3", "4"]
    assert eventually(lambda: not kernels(notebook))


def test_a_worker_with_other_versions_is_refused_by_name(dask: Cluster, tmp_path: Path):
    notebook = write(tmp_path / "here")
    metadata = tmp_path / "other" / "scikit_learn-0.1.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: scikit-learn\nVersion: 0.1\n")
    dask.start_worker("gamma", environment={"PYTHONPATH": str(metadata.parent)})
    try:
        validation = made(notebook, executor=dask.executor, grid=(("seed", "1..3"),))
    finally:
        dask.stop_worker("gamma")
    assert [run.status for run in validation.runs] == ["ok"] * 3
    (note,) = validation.notes
    assert re.fullmatch(r"the worker tcp://127\.0\.0\.1:\d+ \(gamma\) is refused: scikit-learn 0\.1, here [\d.]+", note)
    assert not {run.worker.split()[0] for run in validation.runs} & {note.split()[2]}


def test_a_secret_is_read_on_the_worker_and_never_sent(dask: Cluster, tmp_path: Path):
    notebook = write(tmp_path / "here")
    validation = made(notebook, executor=dask.executor, parameters=(("token", "env:NB2SVC_TEST_TOKEN"),))
    assert [run.status for run in validation.runs] == ["ok"]
    text = (notebook.parent / ".nb2svc/scores/validation" / validation.runs[0].folder / "executed.ipynb").read_text()
    assert "length 12 (env:NB2SVC_TEST_TOKEN)" in text
    logs = [path.read_text(errors="replace") for path in [*dask.folder.glob("*.log"), *notebook.parent.rglob("*.json")]]
    assert not any(SECRET in log for log in [*logs, text])
    with pytest.raises(EnvironmentProblem) as raised:
        made(notebook, executor=dask.executor, parameters=(("token", "env:NB2SVC_NO_TOKEN"),))
    assert raised.value.what == "no worker of the Dask cluster can make these runs"
    assert "its variable NB2SVC_NO_TOKEN does not hold the secret" in raised.value.why


def test_where_workers_do_not_see_the_folder_modules_travel_and_data_are_found(
    dask: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    notebook = write(tmp_path / "here", reads="../there/rows.csv")
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "rows.csv").write_text("7\n")
    monkeypatch.setattr(travel, "inodes", lambda _: (1, 2))
    validation = made(notebook, executor=dask.executor, parameters=(("seed", "1"),))
    assert [(run.status, run.failure) for run in validation.runs] == [("ok", None)]
    assert starts(notebook) == []
    assert made(notebook, executor=dask.executor, parameters=(("seed", "1"),)).runs[0].reused
    (notebook.parent / "inner" / "__init__.py").write_text("SCORE = 0.25\n")
    again = made(notebook, executor=dask.executor, parameters=(("seed", "1"),)).runs[0]
    assert (again.reused, round(validation.runs[0].metric("mean").value - again.metric("mean").value, 6)) == (False, 0.5)


def test_segments_are_evaluated_on_the_workers_as_here(dask: Cluster, tmp_path: Path):
    notebook = test_validate_segments.write(tmp_path / "people.ipynb", *test_validate_segments.ARRAYS)
    grid = (("seed", "1..2"),)
    there = made(notebook, executor=dask.executor, segments=("town",), grid=grid)
    here = made(notebook, output=str(tmp_path / "local"), segments=("town",), grid=grid)
    assert len({run.worker for run in there.runs}) == 2
    for run in there.runs:
        assert run.segments is not None
        assert {one.segment for one in run.segments.rows} >= {"town=a", "town=b"}
    assert [told(run) for run in there.runs] == [told(run) for run in here.runs]
    assert {run.path for run in there.runs} == {"plain"}
    assert there.judgement == here.judgement
    with pytest.raises(UsageError, match="nowhere"):
        made(notebook, executor=dask.executor, segments=("nowhere",), grid=grid)


def test_workers_put_their_runs_to_a_url_that_all_see(dask: Cluster, tmp_path: Path):
    notebook = write(tmp_path / "here")
    output, far = f"dir://runs::file://{tmp_path}/far", tmp_path / "far" / "runs"
    first = made(notebook, executor=dask.executor, output=output, grid=(("seed", "1..2"),))
    assert [(run.status, run.reused) for run in first.runs] == [("ok", False)] * 2
    assert {path.name for path in (far / "runs").glob("*.json")} == {f"{run.key[:16]}.json" for run in first.runs}
    assert all((far / run.folder / "executed.ipynb").exists() for run in first.runs)
    again = made(notebook, executor=dask.executor, output=output, grid=(("seed", "1..3"),))
    assert [run.reused for run in again.runs] == [True, True, False]
    assert sorted(starts(notebook)) == ["1", "2", "3"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_when_the_command_is_ended_nothing_runs_on_the_workers(dask: Cluster, tmp_path: Path, number: signal.Signals):
    notebook = write(tmp_path / "here")
    for seed in (2, 3):
        (notebook.parent / f"wait-{seed}").touch()
    command = [
        str(COMMAND),
        "validate",
        notebook.name,
        "--grid",
        "seed=1..3",
        "--executor",
        dask.executor,
        "-o",
        "out",
        "--no-fork",
    ]
    process = subprocess.Popen(command, cwd=notebook.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert eventually(lambda: sorted(starts(notebook)) == ["1", "2", "3"], seconds=120)
    assert eventually(lambda: len(list((notebook.parent / "out" / "runs").glob("*/result.json"))) == 1)
    process.send_signal(number)
    said, problems = process.communicate(timeout=60)
    assert eventually(lambda: not kernels(notebook), seconds=20)
    if number == signal.SIGINT:
        assert process.returncode == 130, problems
        assert "3 runs, 1 ok, 2 not run" in said
    for seed in (2, 3):
        (notebook.parent / f"wait-{seed}").unlink()
    done = subprocess.run(command, cwd=notebook.parent, capture_output=True, text=True, check=False, timeout=200)
    assert "3 runs, 3 ok (1 of them made before)" in done.stdout, done.stderr


# The last: the cluster is no more.
def test_when_the_scheduler_is_gone_it_ends_clearly_and_goes_on_elsewhere(dask: Cluster, tmp_path: Path):
    notebook = write(tmp_path / "here")
    (notebook.parent / "wait-2").touch()
    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(made, notebook, executor=dask.executor, grid=(("seed", "1..3"),))
        assert eventually(lambda: "2" in starts(notebook) and commits(notebook) == 2, seconds=120)
        dask.scheduler.kill()
        with pytest.raises(EnvironmentProblem) as raised:
            making.result(60)
    assert raised.value.what == "the Dask scheduler is gone"
    assert "finished runs are kept" in raised.value.fix
    assert eventually(lambda: not kernels(notebook), seconds=30)
    (notebook.parent / "wait-2").unlink()
    again = made(notebook, grid=(("seed", "1..3"),))
    assert [(run.status, run.reused) for run in again.runs] == [("ok", True), ("ok", False), ("ok", True)]
    with pytest.raises(EnvironmentProblem, match="no Dask scheduler answers"):
        made(notebook, executor=dask.executor, grid=(("seed", "4..4"),))
