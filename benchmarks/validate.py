"""What many runs of a notebook cost: by papermill, and by `nb2svc validate` on each of its paths.

    PYTHONPATH=tests python benchmarks/validate.py [--runs 32] [--only small] [--jobs 1]

Processor time is that of a command and of all descendants of it that were reaped, those that it left behind included. Both sides
have their bytecode compiled beforehand: without it a run costs twice as much, and every fast path looks better than it is. Each
executed notebook is compared with papermill's own.
"""

import argparse
import ctypes
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from executed import read, said

EXAMPLES = Path(__file__).resolve().parents[1] / "example_notebooks"
COMMAND = Path(sys.executable).with_name("nb2svc")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
PR_SET_CHILD_SUBREAPER = 36
SMALL = (
    "seed = 0",
    """\
import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X = pd.DataFrame(StandardScaler().fit_transform(X), columns=X.columns)
X.describe()""",
    """\
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=seed)
model = RandomForestClassifier(n_estimators=20, random_state=seed).fit(X_train, y_train)
risk = model.predict_proba(X_test)[:, 1]""",
    """\
# nb2svc: check auc metrics=auc
auc = roc_auc_score(y_test, risk)
print(auc)
assert auc > 0.9""",
)
# What papermill does in a process of its own, as a person would write it.
PAPERMILL = """\
import json, sys
from papermill import execute_notebook
asked = json.loads(sys.argv[1])
for seed in asked["seeds"]:
    out = f"{asked['out']}/{seed}.ipynb"
    execute_notebook(asked["notebook"], out, parameters={"seed": seed}, progress_bar=False)
"""
WAYS: Mapping[str, tuple[str, ...]] = {"plain": ("--no-fork",), "fork": ("--no-reuse",), "reuse": ()}
TARGETS = {"fork": 6.0, "reuse": 10.0}
# The fewest runs for which each way is taken: what is paid once and what each run costs are told apart by them.
FEWEST = {"fork": 2, "reuse": 6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one side took: processor and wall seconds, where the executed notebooks are, and how the runs came."""

    name: str
    processor: float
    wall: float
    executed: Mapping[int, Path]
    how: str = ""


def main() -> None:
    """Measure what was asked for, one after the other, and print a table for each notebook."""
    parser = argparse.ArgumentParser(description="What many runs of a notebook cost, by papermill and by nb2svc validate.")
    parser.add_argument("--runs", type=int, default=32, help="parameter sets for each side")
    parser.add_argument("--only", choices=("small", "hero"), help="one of the two notebooks")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time of nb2svc validate")
    arguments = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    _prepare()
    for name in (arguments.only,) if arguments.only else ("small", "hero"):
        with tempfile.TemporaryDirectory(prefix="nb2svc-bench-") as folder:
            notebook = _small(Path(folder)) if name == "small" else _hero(Path(folder))
            _measure(notebook, name=name, runs=arguments.runs, jobs=arguments.jobs)


def _prepare() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for name in THREADS:
        os.environ.setdefault(name, "1")
    places = [sysconfig.get_path("purelib"), str(Path(__file__).resolve().parents[1] / "src")]
    subprocess.run([sys.executable, "-m", "compileall", "-q", "-j", "0", *places], stdout=subprocess.DEVNULL, check=False)
    compiled = sum(1 for place in places for _ in Path(place).rglob("*.pyc"))
    print(f"bytecode compiled for both sides ({compiled:,} files); Python {sys.version.split()[0]}; {os.cpu_count()} processors")
    print("threads: " + ", ".join(f"{name}={os.environ[name]}" for name in THREADS))


def _measure(notebook: Path, *, name: str, runs: int, jobs: int) -> None:
    seeds = list(range(1, runs + 1))
    print(f"\n{name}: {notebook.name}, {runs} runs, seed=1..{runs}", flush=True)
    first = _papermill(notebook, seeds, processes=1)
    _print(first, first)
    _print(_papermill(notebook, seeds, processes=2), first)
    for way in WAYS:
        found = _ours(notebook, seeds, way=way, jobs=jobs)
        _print(found, first)
        if name == "small" and way in TARGETS:
            ratio = first.processor / found.processor
            met = "met" if ratio >= TARGETS[way] else "NOT met"
            print(f"  target {TARGETS[way]:.0f} × less processor time: {met} ({ratio:.1f} ×)")
            if runs > FEWEST[way]:
                _print_parts(_ours(notebook, seeds[: FEWEST[way]], way=way, jobs=jobs), found)


def _papermill(notebook: Path, seeds: Sequence[int], *, processes: int) -> Cost:
    out = notebook.parent / f"papermill-{processes}"
    out.mkdir()
    shares = [seeds[place::processes] for place in range(processes)]
    asked = [json.dumps({"notebook": str(notebook), "out": str(out), "seeds": share}) for share in shares]
    commands = [[sys.executable, "-c", PAPERMILL, each] for each in asked]
    processor, wall = _timed(commands, cwd=notebook.parent)
    name = "papermill, one after the other" if processes == 1 else f"papermill, {processes} processes"
    return Cost(name=name, processor=processor, wall=wall, executed={seed: out / f"{seed}.ipynb" for seed in seeds})


def _ours(notebook: Path, seeds: Sequence[int], *, way: str, jobs: int) -> Cost:
    out = notebook.parent / f"ours-{way}-{len(seeds)}"
    grid = f"seed={seeds[0]}..{seeds[-1]}"
    command = [str(COMMAND), "validate", str(notebook), "--grid", grid, "--jobs", str(jobs), "-o", str(out)]
    processor, wall = _timed([[*command, "--format", "json", "--report", str(out) + ".json", *WAYS[way]]], cwd=notebook.parent)
    result = json.loads(Path(f"{out}.json").read_bytes())["validation"]
    executed = {int(run["spec"]["parameters"][0]["value"]): out / run["folder"] / "executed.ipynb" for run in result["runs"]}
    how = ", ".join(f"{count} {path}" for path, count in Counter(run["path"] for run in result["runs"]).items())
    notes = Counter(run["path_note"] for run in result["runs"] if run["path_note"])
    told = "".join(f"\n    {count} × {note}" for note, count in notes.items())
    return Cost(name=f"nb2svc validate, {way}", processor=processor, wall=wall, executed=executed, how=how + told)


def _timed(commands: Sequence[Sequence[str]], *, cwd: Path) -> tuple[float, float]:
    """Processor and wall seconds of commands side by side, with all that is reaped below them or left to us."""
    before, begin = _used(), time.perf_counter()
    started = [subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for command in commands]
    for process in started:
        _, said_ = process.communicate()
        # 1 is a check that fails: the notebook's own affair.
        if process.returncode not in (0, 1):
            sys.exit(f"{process.args!r} ended with {process.returncode}:\n{said_.decode(errors='replace')[-4000:]}")
    wall = time.perf_counter() - begin
    _reap_what_is_left()
    return _used() - before, wall


def _reap_what_is_left() -> None:
    """What outlived its parent came to us: a kernel that nobody waited for is part of the price."""
    deadline = time.monotonic() + 10
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                if time.monotonic() > deadline:
                    sys.exit("a command left processes behind")
                time.sleep(0.05)
        except ChildProcessError:
            return


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _print(cost: Cost, first: Cost) -> None:
    runs = len(first.executed)
    different = _different(cost, first) if cost is not first else []
    equal = "" if cost is first else "results equal" if not different else f"DIFFERENT: seeds {', '.join(map(str, different))}"
    print(
        f"  {cost.name:32} {cost.processor:8.1f} CPU s {cost.processor / runs:7.2f} a run "
        f"{first.processor / cost.processor:6.1f} × {cost.wall:8.1f} s wall {first.wall / cost.wall:6.1f} ×  {equal}"
        f"{'  ' + cost.how if cost.how else ''}",
        flush=True,
    )


def _print_parts(few: Cost, many: Cost) -> None:
    each = (many.processor - few.processor) / (len(many.executed) - len(few.executed))
    once = few.processor - each * len(few.executed)
    told = f"{len(few.executed)} runs: {few.processor:.1f} CPU s"
    print(f"    of it once {once:.1f} CPU s, each run {each:.2f} ({told})", flush=True)


def _different(cost: Cost, first: Cost) -> list[int]:
    return [seed for seed, path in first.executed.items() if said(read(path)) != said(read(cost.executed[seed]))]


def _small(folder: Path) -> Path:
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell-{place}",
            "metadata": {"tags": [] if place else ["parameters"]},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for place, source in enumerate(SMALL)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = folder / "small.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    return path


def _hero(folder: Path) -> Path:
    for name in ("credit_risk.ipynb", "regions.csv", "make_ledger.py"):
        shutil.copy(EXAMPLES / name, folder)
    subprocess.run([sys.executable, "make_ledger.py"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return folder / "credit_risk.ipynb"


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    main()
