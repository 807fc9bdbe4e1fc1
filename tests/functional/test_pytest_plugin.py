"""Check cells as tests of pytest, in real kernels: one session over several sets of parameters tells most of it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

pytestmark = pytest.mark.kernel

CELLS = [
    "mode = 'ok'",
    "open('ran', 'a').write(f'{mode}\\n')\nauc = 0.7 if mode == 'low' else 0.9",
    "if mode == 'boom':\n    raise ValueError('no rows')\nif mode == 'slow':\n    import time\n    time.sleep(120)",
    "# nb2svc: check ranks_well metrics=auc\nfloor = 0.8\nassert auc > floor, 'the model is too weak'",
    "# nb2svc: check known\nassert mode != 'name' or undefined",
    "if mode == 'late':\n    raise KeyError('late')",
]
MODES = ("ok", "low", "boom", "name", "late")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("plugin")
    cells = [
        {
            "cell_type": "code", "id": f"c{number}", "metadata": {"tags": ["parameters"] if number == 0 else []},
            "execution_count": None, "outputs": [], "source": source,
        }
        for number, source in enumerate(CELLS)
    ]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    (place / "loans.ipynb").write_text(
        json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})
    )
    return place


def run_pytest(folder, *arguments):
    """A session as a user starts it; none of this session's own settings reach it."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COLUMNS"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--nb2svc", "loans.ipynb", "--junitxml", "junit.xml", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**own, "COLUMNS": "200"},
    )


def ran(folder):
    """The runs that were made since somebody looked."""
    path = Path(folder) / "ran"
    lines = path.read_text().split() if path.exists() else []
    path.unlink(missing_ok=True)
    return lines


@pytest.fixture(scope="module")
def session(folder):
    """All modes, over two workers that share the tests of a run as it comes; then a look at what it left."""
    done = run_pytest(folder, "-n", "2", "--nb2svc-grid", f"mode={json.dumps(MODES)}")
    cases = {case.get("name"): case for case in ET.parse(folder / "junit.xml").iter("testcase")}
    return done, cases, ran(folder)


def outcome(case):
    return next((child.tag for child in case if child.tag in ("failure", "error", "skipped")), "passed")


def test_each_check_says_how_it_is_with_each_set(session):
    done, cases, _ = session
    assert done.returncode == 1, done.stdout
    assert {name: outcome(case) for name, case in cases.items()} == {
        "run[mode=ok]": "passed", "ranks_well[mode=ok]": "passed", "known[mode=ok]": "passed",
        "run[mode=low]": "passed", "ranks_well[mode=low]": "failure", "known[mode=low]": "passed",
        "run[mode=boom]": "failure", "ranks_well[mode=boom]": "error", "known[mode=boom]": "error",
        "run[mode=name]": "passed", "ranks_well[mode=name]": "passed", "known[mode=name]": "failure",
        "run[mode=late]": "failure", "ranks_well[mode=late]": "passed", "known[mode=late]": "passed",
    }  # fmt: skip


def test_a_notebook_runs_once_for_each_set_whichever_worker_asks(session):
    assert sorted(session[2]) == sorted(MODES)


def test_a_failed_check_shows_the_line_and_what_it_compared(session):
    done, cases, _ = session
    failure = next(iter(cases["ranks_well[mode=low]"].iter("failure")))
    assert failure.get("message") == "cell 4, line 3: the model is too weak (auc = 0.7, floor = 0.8)"
    shown, _, executed = failure.text.partition("\n\nthe run's notebook: ")
    assert shown == (
        "loans.ipynb, cell 4 \"ranks_well\", line 3, with mode='low'\n\n"
        "    1  # nb2svc: check ranks_well metrics=auc\n"
        "    2  floor = 0.8\n"
        "  > 3  assert auc > floor, 'the model is too weak'\n\n"
        "the model is too weak\n  auc = 0.7\n  floor = 0.8"
    )
    assert "the model is too weak" in Path(executed.strip()).read_text()
    assert (
        "FAILED loans.ipynb::ranks_well[mode=low] - cell 4, line 3: the model is too weak (auc = 0.7, floor = 0.8)" in done.stdout
    )
    assert "Traceback" not in done.stdout
    assert "nb2svc/validate" not in done.stdout
    known = next(iter(cases["known[mode=name]"].iter("failure")))
    assert known.get("message") == "cell 5, line 2: NameError: name 'undefined' is not defined"


def test_a_check_that_was_not_reached_names_the_cell_that_failed(session):
    _, cases, _ = session
    why = "cell 3 (if mode == 'boom':) failed: ValueError: no rows (line 2)"
    error = next(iter(cases["ranks_well[mode=boom]"].iter("error")))
    assert f'the run did not come to cell 4 "ranks_well": {why}' in error.get("message")
    assert next(iter(cases["run[mode=boom]"].iter("failure"))).get("message") == why
    shown = next(iter(cases["ranks_well[mode=boom]"].iter("error"))).text
    # The lines of the cell stand where the run is told, once for all that did not come to pass after it.
    assert "see      loans.ipynb::run[mode=boom]" in shown
    assert "raise ValueError" not in shown
    assert "raise ValueError" in next(iter(cases["run[mode=boom]"].iter("failure"))).text
    assert "KeyError: 'late'" in next(iter(cases["run[mode=late]"].iter("failure"))).get("message")


def test_metrics_are_properties_of_the_tests(session):
    _, cases, _ = session
    found = {name: [(each.get("name"), each.get("value")) for each in case.iter("property")] for name, case in cases.items()}
    assert found["run[mode=low]"] == found["ranks_well[mode=low]"] == [("auc", "0.7")]
    assert found["run[mode=boom]"] == []


def test_nothing_is_left_beside_the_notebook(session, folder):
    ran(folder)
    assert sorted(path.name for path in folder.iterdir()) == [".pytest_cache", "junit.xml", "loans.ipynb"]


def test_the_last_failed_ones_run_again_and_x_stops_at_the_first(session, folder):
    ran(folder)
    done = run_pytest(folder, "--nb2svc-grid", f"mode={json.dumps(MODES)}", "--lf", "-x", "-v")
    lines = [line for line in done.stdout.splitlines() if line.startswith("loans.ipynb::")]
    assert [line.split()[:2] for line in lines] == [["loans.ipynb::ranks_well[mode=low]", "FAILED"]]
    assert ran(folder) == ["low"]


def test_one_validation_makes_all_runs_and_only_those_that_are_wanted(folder):
    """Six cases share a fork server and the cells before the parameters; what `-k` leaves out is not run."""
    (folder / "cases.yaml").write_text("".join(f"case_{number}: {{mode: '{number}'}}\n" for number in range(7)))
    ran(folder)
    done = run_pytest(folder, "--nb2svc-matrix", "cases.yaml", "-k", "not case_3", "-v")
    assert done.returncode == 0, done.stdout
    assert "loans.ipynb::ranks_well[case_0] PASSED" in done.stdout
    assert "18 passed, 3 deselected" in done.stdout
    assert sorted(ran(folder)) == [*"012456"]
    (kept,) = (folder / ".pytest_cache/d/nb2svc").glob("loans-*/validation.json")
    runs = json.loads(kept.read_text())["runs"]
    assert [run["spec"]["case"] for run in runs] == [f"case_{number}" for number in (0, 1, 2, 4, 5, 6)]
    assert {run["path"] for run in runs} <= {"fork", "reuse"}
    # The runs of earlier sessions are gone.
    assert len([path for path in (kept.parent / "runs").iterdir() if path.is_dir()]) == 6


def test_a_broken_run_is_told_whole_where_its_own_test_was_left_out(folder):
    done = run_pytest(folder, "--nb2svc-p", "mode=boom", "-k", "known")
    assert "raise ValueError" in done.stdout
    assert "the run's notebook: " in done.stdout


def test_a_session_that_is_stopped_leaves_no_kernel(folder):
    """Ctrl-C while a run sleeps for two minutes, and two more are wanted."""
    ran(folder)
    mark = f"NB2SVC_MARK={uuid.uuid4().hex}"
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    session = subprocess.Popen(
        [sys.executable, "-m", "pytest", "--nb2svc", "loans.ipynb", "--nb2svc-grid", 'mode=["slow", "low", "ok"]'],
        cwd=folder,
        env={**own, "NB2SVC_MARK": mark.partition("=")[2]},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not (folder / "ran").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(marked(mark)) > 1
    session.send_signal(signal.SIGINT)
    told, _ = session.communicate(timeout=60)
    assert "KeyboardInterrupt" in told
    assert ran(folder) == ["slow"]
    deadline = time.monotonic() + 60
    while marked(mark) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert marked(mark) == []


def marked(mark):
    """The processes that have a variable in the environment that they were started with."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            found += [path.parent.name] if mark.encode() in path.read_bytes() else []
    return found


def test_a_run_that_takes_too_long_is_stopped(folder):
    begin = time.monotonic()
    done = run_pytest(folder, "--nb2svc-p", "mode=slow", "--nb2svc-timeout", "4s", "-k", "known")
    assert time.monotonic() - begin < 100
    assert "1 deselected" not in done.stdout
    assert "1 error" in done.stdout
    assert 'the run did not come to cell 5 "known": the notebook ran longer than 4.0 s' in done.stdout
    assert "allow more with --nb2svc-timeout" in done.stdout
