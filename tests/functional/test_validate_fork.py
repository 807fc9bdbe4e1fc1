"""Kernels that are forked, in real processes: told as such, and the same as plain ones."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from executed import read, said
from nb2svc.ir.validation import RunResult, Validation
from nb2svc.validate.driver import ValidateOptions, validate
from nb2svc.validate.sets import Asked
from watched_processes import alive

pytestmark = [pytest.mark.kernel, pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")]

FORKED = "any('server.py' in part for part in sys.orig_argv)"
CELLS = [
    "case = 'ok'",
    "import os, random, signal, subprocess, sys, threading, warnings\nimport numpy as np\nimport pandas as pd\nimport matplotlib.pyplot as plt",
    """\
print(sys.argv[0], sys.argv[3:], os.getcwd(), sys.path, sys.flags, sys.executable, os.environ.get('MPLBACKEND'))
print(sorted(name for name in os.environ if name not in ('NB2SVC_PROCESS',)), os.environ.get('OPENBLAS_NUM_THREADS'))
print(os.getsid(0) == os.getpid(), os.environ['JPY_PARENT_PID'] == str(os.getppid()), os.getpgrp() == os.getpid())
print([signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)], signal.set_wakeup_fd(-1) != 0)
print(warnings.filters[:20], pd.get_option('display.max_columns'), plt.get_backend(), plt.isinteractive())
print(sorted(each.name for each in threading.enumerate() if 'Thread-' not in each.name), sys.stdin.isatty())
print([os.path.basename(os.readlink(f'/proc/self/fd/{number}')).partition(':')[0] for number in (0, 1, 2)])""",
    "pd.DataFrame(np.arange(60).reshape(2, 30))",
    "plt.plot([1, 3, 2]);",
    "np.linalg.svd(np.random.default_rng(0).normal(size=(300, 300)))[1].sum()",
    """\
if case == 'boom':
    raise ValueError('no rows')
if case == 'die':
    os._exit(3)
if case == 'stray':
    child = subprocess.Popen(['sleep', '300'], env={'PATH': os.environ['PATH']}, start_new_session=True)
    print(child.pid)
if case == 'hang' and FORKED:
    lock = threading.Lock()
    lock.acquire(), lock.acquire()""".replace("FORKED", FORKED),
    "# nb2svc: check drawn metrics=legacy,python,fresh\nlegacy, python, fresh = np.random.rand(), random.random(), np.random.default_rng().random()\nassert case != 'fail'",
]  # fmt: skip


def write(folder: Path, cells: list[str] = CELLS, **kernel: str) -> Path:
    """A notebook whose first cell holds the parameters."""
    document = {
        "cells": [
            {
                "cell_type": "code", "id": f"author-{number}", "metadata": {"tags": ["parameters"] if number == 1 else []},
                "execution_count": None, "outputs": [], "source": source,
            }
            for number, source in enumerate(cells, start=1)
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python", **kernel}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }  # fmt: skip
    folder.mkdir(exist_ok=True)
    path = folder / "drawn.ipynb"
    path.write_text(json.dumps(document))
    return path


def made(notebook: Path, *, fork: bool = True, **asked: Any) -> Validation:
    """All runs in one worker, so below one fork server."""
    options = ValidateOptions(notebook=notebook, asked=Asked(**asked), jobs=1, retries=0, fork=fork, fresh=True)
    return validate(notebook.read_bytes(), options, environment={}, progress=lambda _: None).validation


def run_of(validation: Validation, case: str) -> RunResult:
    return next(run for run in validation.runs if run.spec.value("case") == repr(case))


def place(notebook: Path, run: RunResult) -> Path:
    """Where the executed copy of a run lies."""
    return notebook.parent / ".nb2svc" / notebook.stem / "validation" / run.folder / "executed.ipynb"


def outputs(notebook: Path, run: RunResult) -> list[Any]:
    """Outputs and execution counts as they were written, without what differs in any two kernels."""
    document = json.loads(place(notebook, run).read_bytes())
    cells = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
    return [(cell["execution_count"], [{**each, "traceback": None} for each in cell["outputs"]]) for cell in cells]


def lines(shown: list[Any]) -> list[str]:
    return [line for _, told in shown for each in told for line in each.get("text", ())]


@pytest.fixture(scope="module")
def forked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Validation]:
    notebook = write(tmp_path_factory.mktemp("forked"))
    grid = (("case", '["ok", "boom", "fail", "again", "die", "stray", "hang", "last"]'),)
    return notebook, made(notebook, grid=grid)


def test_each_run_says_by_which_path_it_came(forked: tuple[Path, Validation]):
    _, validation = forked
    told = {run.spec.value("case"): (run.status, run.path, run.path_note.partition("no cells")[0]) for run in validation.runs}
    assert told == {
        "'ok'": ("ok", "fork", ""),
        "'boom'": ("error", "fork", ""),
        "'fail'": ("failed", "fork", ""),
        "'again'": ("ok", "fork", ""),
        "'die'": ("died", "plain", "the forked kernel died; it was made again"),
        "'stray'": ("ok", "fork", ""),
        "'hang'": ("ok", "plain", "the forked kernel did nothing for long; it was made again"),
        "'last'": ("ok", "fork", ""),
    }
    assert {run.attempts for run in validation.runs} == {1}


def test_a_forked_kernel_is_as_one_of_its_own(forked: tuple[Path, Validation]):
    notebook, validation = forked
    seen = {case: outputs(notebook, run_of(validation, case)) for case in ("ok", "boom")}
    plain = made(notebook, fork=False, grid=(("case", '["ok", "boom"]'),))
    assert [(run.path, run.path_note) for run in plain.runs] == [("plain", "--no-fork")] * 2
    for case, found in seen.items():
        other = outputs(notebook, run_of(plain, case))
        assert [pair for pair in zip(lines(found), lines(other), strict=True) if pair[0] != pair[1]] == []
        assert found == other
        ours, theirs = run_of(validation, case), run_of(plain, case)
        assert (ours.status, ours.checks, ours.failure, ours.versions) == (
            theirs.status, theirs.checks, theirs.failure, theirs.versions,
        )  # fmt: skip
    assert 0.5 < run_of(validation, "ok").memory / run_of(plain, "ok").memory < 1.5


def test_what_a_notebook_says_of_figures_before_the_first_means_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # A kernel's own backend, whatever other tests of this process have set.
    monkeypatch.delenv("MPLBACKEND", raising=False)
    notebook = write(tmp_path, ["case = 'ok'", "import matplotlib.pyplot as plt", "plt.ioff()\nplt.plot([1, 3]);"])
    grid = (("case", '["ok", "again"]'),)
    shown = []
    for fork in (False, True):
        run = made(notebook, fork=fork, grid=grid).runs[1]
        shown.append((run.path, outputs(notebook, run)))
    (_, plain), (_, forked) = shown
    assert [path for path, _ in shown] == ["plain", "fork"]
    assert [[each["output_type"] for each in told] for _, told in plain][-1] == ["display_data"]
    assert forked == plain


def test_no_run_draws_the_numbers_of_another(forked: tuple[Path, Validation]):
    _, validation = forked
    for name in ("legacy", "python", "fresh"):
        drawn = [run.metric(name).value for run in validation.runs if run.metric(name) and run.metric(name).value is not None]
        assert len(drawn) == len(set(drawn)) == 6


def test_it_tells_what_it_cost(forked: tuple[Path, Validation]):
    _, validation = forked
    for run in validation.runs:
        assert 0.01 < run.cpu_seconds < 60
        assert 20 << 20 < run.memory < 2 << 30
    # The kernel that hung is not counted, and neither is the time until that was seen.
    assert run_of(validation, "hang").seconds < 10


def test_nothing_of_a_run_is_left_when_it_has_ended(forked: tuple[Path, Validation]):
    notebook, validation = forked
    document = outputs(notebook, run_of(validation, "stray"))
    # How often a kernel flushes is a matter of time.
    pid = int("".join(line for _, shown in document[7:8] for each in shown for line in each["text"]))
    assert not alive(pid)


LIBRARIES = {
    "starting": "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n",
    "printing": "print('thank you for using this')\n",
    "drawing": "import random\nrng = random.Random()\n",
    "asking": "from IPython import get_ipython\nIN_A_KERNEL = 'IPKernelApp' in get_ipython().config\n",
    "broken": "raise ImportError('no libbroken.so')\n",
    "setting": "import numpy\nnumpy.set_printoptions(precision=2)\n",
    "silencing": "import warnings\nwarnings.resetwarnings()\n",
}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("starting", "starts a thread when it is imported"),
        ("printing", "prints or warns when it is imported"),
        ("drawing", "holds a generator of random numbers (drawing)"),
        ("asking", "asks for its kernel when it is imported"),
        ("broken", "can't be imported (ImportError)"),
        ("setting", "changes how numpy prints when it is imported"),
        ("silencing", "changes the filters of warnings when it is imported"),
    ],
)
def test_a_library_that_is_no_good_beforehand_is_left_to_each_run(
    tmp_path: Path, name: str, why: str, monkeypatch: pytest.MonkeyPatch
):
    libraries(tmp_path, {name: LIBRARIES[name]}, monkeypatch)
    source = "n = 0", f"import json\nimport numpy\nimport {name}\nprint({name}.__name__)"
    notebook = write(tmp_path / "work", list(source))
    runs = made(notebook, grid=(("n", "1..2"),)).runs
    assert {(run.path, run.path_note) for run in runs} == {("fork", f"{name} is imported by each run: it {why}")}
    assert {run.status for run in runs} == ({"error"} if name == "broken" else {"ok"})
    (said,) = [shown for _, shown in outputs(notebook, runs[0])[2:]]
    assert ("".join(said[0].get("text", "")) or said[0]["evalue"]).splitlines()[-1] == (
        "no libbroken.so" if name == "broken" else name
    )


SAYING = {
    "speaking": "import logging\nlog = logging.getLogger('speaking')\nlog.addHandler(logging.StreamHandler())\n",
    "filtering": "import warnings\nclass Ours(Warning):\n    pass\nwarnings.simplefilter('always', Ours)\n",
}
SAID = [
    "n = 0",
    """\
import warnings
warnings.filterwarnings('ignore')
import speaking
import sys
print(speaking.log.handlers[0].stream is sys.stderr)""",
    "speaking.log.warning('at once')",
    "import filtering\nwarnings.warn('ours', filtering.Ours)\nwarnings.warn('not seen')",
    "warnings.simplefilter('ignore')\nimport filtering\nwarnings.warn('not seen any more', filtering.Ours)",
    "speaking.log.warning('by run %s', n)",
]


def libraries(folder: Path, sources: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed libraries of these sources."""
    site = folder / "site-packages"
    site.mkdir()
    for name, source in sources.items():
        (site / f"{name}.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", str(site))


def test_what_libraries_say_and_filter_comes_where_the_notebook_imports_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    libraries(tmp_path, SAYING, monkeypatch)
    notebook = write(tmp_path / "work", SAID)
    shown = []
    for fork in (True, False):
        found = made(notebook, fork=fork, grid=(("n", "1..2"),)).runs
        assert [run.path for run in found] == ["fork" if fork else "plain"] * 2
        assert not fork or [run.path_note.partition("no cells")[0] for run in found] == [""] * 2
        shown.append([said(read(place(notebook, run))) for run in found])
    assert shown[0] == shown[1]
    told = ["".join(out["text"] for out in cell["outputs"]) for cell in shown[0][1]]
    assert [text.partition("Ours: ")[2].partition("\n")[0] or text for text in told[2:]] == [
        "True\n", "at once\n", "ours", "", "by run 2\n",
    ]  # fmt: skip
