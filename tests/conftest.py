"""What all tests share: one build of each example per run, private folders for Jupyter and BentoML, and the time by folder.

A build takes a minute, so tests that only look at one share it. Take `built` to look, `workspace` to change something.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from document_schema import check_document

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "example_notebooks"
COMMAND = Path(sys.executable).with_name("nb2svc")
# What an example reads from beside it.
DATA = {
    "credit_risk": ("regions.csv",),
    "messy_car_price": ("used_cars.csv",),
    "breast_cancer_screening": ("screening_notes.csv",),
}
# Folders whose tests start kernels, servers or browsers, whatever else they are marked with.
SLOW_FOLDERS = frozenset({"functional", "faults", "jupyter", "browser"})
# Files that take a minute or more come first, so that no worker starts one when the others are done. The first makes every
# shared build; those that another worker takes meanwhile need none.
LONGEST = (
    "tests/functional/test_examples.py",
    "tests/faults/test_faults_of_the_hero.py",
    "tests/faults/test_faults.py",
    "tests/unit/codegen/test_feature_cases.py",
    "tests/functional/test_hero_renamed.py",
    "tests/functional/test_reuse.py",
    "tests/functional/test_ci_workflows.py",
    "tests/functional/test_rebuild.py",
    "tests/functional/test_validate_dask.py",
)

# All that tests start would inherit that hangups are ignored, as they are where `nohup` has started the tests, or interrupts, where a
# shell has started them in its background.
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples on every CI run, so that a red run can be repeated; more of them than at the desk.
settings.register_profile("ci", derandomize=True, max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("desk", max_examples=50, deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """One example, built by the real command line: its folder, the project in it, and what the build said.

    `folder` holds the notebook, its data and the git-ignored capture; several tests share it, so nobody writes there.
    """

    folder: Path
    notebook: Path
    project: Path
    package: str
    output: str
    exit_code: int
    seconds: float

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `nb2svc` in the folder."""
        return nb2svc(*arguments, cwd=self.folder)


def nb2svc(*arguments: str, cwd: Path, timeout: float = 1800) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does, in a process of its own."""
    done = subprocess.run(
        [str(COMMAND), *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    check_document(arguments, done.stdout)
    return done


@pytest.fixture(scope="session", autouse=True)
def private_homes(run_folder: Path) -> Iterator[None]:
    """Keep BentoML's store, Jupyter's and IPython's folders of this run apart from the user's, and send no statistics."""
    homes = {
        "BENTOML_HOME": run_folder / "bentoml",
        "IPYTHONDIR": run_folder / "ipython",
        "JUPYTER_CONFIG_DIR": run_folder / "jupyter",
        "MPLCONFIGDIR": run_folder / "matplotlib",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, folder in homes.items():
            folder.mkdir(exist_ok=True)
            patch.setenv(name, str(folder))
        patch.setenv("BENTOML_DO_NOT_TRACK", "True")
        patch.setenv("COLUMNS", "120")
        # An image may forbid bytecode; without it each interpreter that a test starts compiles all it imports, for seconds.
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the whole run; with several workers it is the same for all of them."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def ledger(run_folder: Path) -> Path:
    """A folder with the hero's two CSV files, made once."""
    folder = run_folder / "ledger"
    with locked(folder):
        if not (folder / "transactions.csv").exists():
            subprocess.run(
                [sys.executable, str(EXAMPLES / "make_ledger.py"), "--out", str(folder)],
                check=True,
                capture_output=True,
                text=True,
            )
    return folder


@pytest.fixture
def workspace(tmp_path: Path, ledger: Path) -> Callable[[str], Path]:
    """A private copy of an example to change at will: `workspace("digits")` is the path of the copied notebook."""
    return lambda example: copy_example(example, tmp_path / example, ledger)


@pytest.fixture(scope="session")
def built(run_folder: Path, ledger: Path, private_homes: None) -> Callable[[str], Built]:
    """Build an example once per run, and share what came out: `built("credit_risk").project`."""

    def build(example: str) -> Built:
        folder = run_folder / "built" / example
        record = folder.with_suffix(".json")
        with locked(folder):
            if not record.exists():
                build_example(example, folder, ledger=ledger, record=record)
        kept = json.loads(record.read_text())
        project = folder / example
        assert kept["exit_code"] == 0, f"nb2svc build {notebook_name(example)} exited {kept['exit_code']}:\n{kept['output']}"
        return Built(
            folder=folder,
            notebook=folder / notebook_name(example),
            project=project,
            package=example,
            output=kept["output"],
            exit_code=kept["exit_code"],
            seconds=kept["seconds"],
        )

    return build


def build_example(example: str, folder: Path, *, ledger: Path, record: Path) -> None:
    """Build one example and write down what the command said."""
    notebook = copy_example(example, folder, ledger)
    started = time.monotonic()
    done = nb2svc("build", notebook.name, cwd=folder)
    seconds = time.monotonic() - started
    record.write_text(json.dumps({"exit_code": done.returncode, "output": done.stdout + done.stderr, "seconds": seconds}))


def copy_example(example: str, folder: Path, ledger: Path) -> Path:
    """Copy one notebook, and its data with it, into a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    notebook = folder / notebook_name(example)
    for name in (notebook.name, *DATA.get(example, ())):
        shutil.copy(EXAMPLES / name, folder)
    if example == "credit_risk":
        for table in ledger.glob("*.csv"):
            shutil.copy(table, folder)
    return notebook


def notebook_name(example: str) -> str:
    """The name of an example's file: a notebook, or a percent script."""
    return f"{example}.{'ipynb' if (EXAMPLES / f'{example}.ipynb').exists() else 'py'}"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one worker at a time make what lies at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    """Golden files change only where somebody asks for it."""
    parser.addoption("--update-golden", action="store_true", help="write golden files anew instead of comparing with them")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make test-fast` leaves out by the folder it lies in, and put the files into the order they are taken in."""
    for item in items:
        if folder_of(item.nodeid) in SLOW_FOLDERS:
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: turn(item.nodeid))


def turn(nodeid: str) -> int:
    """When a test's file is taken: the longest files in their order, then what starts kernels and servers, then the rest."""
    file = nodeid.split("::", maxsplit=1)[0]
    if file in LONGEST:
        return LONGEST.index(file)
    return len(LONGEST) + (folder_of(nodeid) not in SLOW_FOLDERS)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print where the time went, folder by folder (worker seconds: with two workers about half of it is wall time)."""
    seconds: dict[str, float] = defaultdict(float)
    tests: dict[str, set[str]] = defaultdict(set)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[folder_of(report.nodeid)] += report.duration
                tests[folder_of(report.nodeid)].add(report.nodeid)
    if not seconds:
        return
    terminalreporter.section("time by folder")
    for folder in sorted(seconds, key=seconds.__getitem__, reverse=True):
        terminalreporter.write_line(f"{seconds[folder]:8.1f} s {len(tests[folder]):6d} tests   tests/{folder}")


def folder_of(nodeid: str) -> str:
    """The folder below tests/: `tests/unit/read/test_x.py::test_y` → `unit`."""
    parts = nodeid.split("::", maxsplit=1)[0].split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "tests" else parts[0]
