"""Where the compiler's time goes.

    python benchmarks/compile.py [--cells 1000] [--repeat 5] [--no-build]

First the compiler's own time, read → generate in one process, phase by phase, for a small notebook and for a long one:
each is run once (to have something to plan from), then each phase is timed on its own and the median is shown. Absolute
times depend on the machine; the ratios are worth more: `ast.parse` of the same code is the yardstick.
Then what nbconvert and jupytext take for a script of the same notebooks, beside ours.
Then the whole build of the hero, by stage, as a user waits for it.
"""

import argparse
import ast
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import converters
import synthetic
from nb2svc import pipeline, rules
from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.analysis.keep import keep_points
from nb2svc.analysis.outline import build_outline
from nb2svc.config import BuildOptions
from nb2svc.ir.capture import Capture
from nb2svc.ir.observation import Observation
from nb2svc.ir.progress import ProgressEvent
from nb2svc.plan.planner import make_plan
from nb2svc.read.notebook import parse_notebook

T = TypeVar("T")
EXAMPLES = Path(__file__).resolve().parents[1] / "example_notebooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """The median milliseconds of each phase for one notebook, and how large it is."""

    path: Path
    name: str
    cells: int
    statements: int
    phases: dict[str, float]

    @property
    def total(self) -> float:
        """The compiler's own time: every phase but the yardstick."""
        return sum(value for phase, value in self.phases.items() if phase != "ast.parse")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=1000, help="code cells of the long notebook")
    parser.add_argument("--repeat", type=int, default=5, help="how often each phase is timed")
    parser.add_argument("--no-build", action="store_true", help="leave out the whole build of the hero")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="nb2svc-bench-") as name:
        folder = Path(name)
        os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
        os.environ["BENTOML_HOME"] = str(folder)
        small = timed(put(folder, "small", (EXAMPLES / "diabetes_progression.ipynb").read_bytes()), options.repeat)
        long = timed(put(folder, "long", synthetic.notebook(options.cells)), options.repeat)
        print_phases(small, long)
        sides = [converters.compared(side.path, generate=side.total, repeat=options.repeat) for side in (small, long)]
        converters.print_compared(sides)
        if not options.no_build:
            print_build(build_hero(folder / "hero"))


def put(folder: Path, name: str, content: bytes) -> Path:
    """The notebook as a file in a folder of its own."""
    path = folder / name / f"{name}.ipynb"
    path.parent.mkdir()
    path.write_bytes(content)
    return path


def timed(path: Path, repeat: int) -> Timed:
    """Run a notebook once, then time what the compiler does with it."""
    print(f"running {path.name} once …", file=sys.stderr)
    source = pipeline.analyze(path)
    capture, observation = pipeline.observe(source, BuildOptions(notebook=path), progress=lambda _: None)
    rounds = [one_round(path, capture, observation) for _ in range(repeat)]
    return Timed(
        path=path,
        name=path.stem,
        cells=len(source.notebook.cells),
        statements=len(source.dataflow.statements),
        phases={phase: statistics.median(times[phase] for times in rounds) for phase in rounds[0]},
    )


def one_round(path: Path, capture: Capture, observation: Observation) -> dict[str, float]:
    """Every phase once, in order; milliseconds."""
    times: dict[str, float] = {}

    def measure(phase: str, run: Callable[[], T]) -> T:
        started = time.perf_counter()
        value = run()
        times[phase] = (time.perf_counter() - started) * 1000
        return value

    content = path.read_bytes()
    notebook, findings = measure("read", lambda: parse_notebook(content, path=str(path)))
    measure("ast.parse", lambda: [ast.parse(cell.code) for cell in notebook.cells])
    dataflow = measure("dataflow", lambda: build_dataflow(notebook))
    outline, more = measure("outline", lambda: build_outline(notebook, dataflow))
    rest = measure("rules", lambda: rules.check(notebook, dataflow, outline))
    assert outline is not None, "the benchmark's notebooks have an outline"
    measure("keep points", lambda: keep_points(dataflow, outline))
    measure("plan", lambda: make_plan(notebook, dataflow, outline, capture, observation, package=None))
    source = pipeline.Source(notebook=notebook, dataflow=dataflow, outline=outline, findings=(*findings, *more, *rest))
    measure("plan + generate", lambda: pipeline.compile_project(source, capture, observation, package=None))
    times["generate"] = times.pop("plan + generate") - times["plan"]
    return times


def print_phases(small: Timed, long: Timed) -> None:
    """Both notebooks side by side, and how the time grows with the size."""
    print("\nthe compiler's own time, milliseconds (median)")
    print(f"{'phase':<14}{small.name:>10}{long.name:>10}{'growth':>10}{'of ast.parse':>14}")
    yardstick = long.phases["ast.parse"]
    for phase in (*long.phases, "read→generate"):
        before, value = (side.phases.get(phase, side.total) for side in (small, long))
        print(f"{phase:<14}{before:>10.1f}{value:>10.1f}{value / before:>9.1f}×{value / yardstick:>13.1f}×")
    for what, before, value in (("cells", small.cells, long.cells), ("statements", small.statements, long.statements)):
        print(f"{what:<14}{before:>10}{value:>10}{value / before:>9.1f}×")


def build_hero(folder: Path) -> dict[str, float]:
    """Build the hero in a folder; seconds by stage, in the order in which a user sees them."""
    folder.mkdir()
    print("building credit_risk.ipynb …", file=sys.stderr)
    for name in ("credit_risk.ipynb", "regions.csv"):
        shutil.copy(EXAMPLES / name, folder)
    subprocess.run([sys.executable, EXAMPLES / "make_ledger.py", "--out", folder], check=True, stdout=subprocess.DEVNULL)
    seconds: dict[str, float] = {}
    stage, since = "start", time.perf_counter()

    def note(event: ProgressEvent) -> None:
        nonlocal stage, since
        now = time.perf_counter()
        seconds[stage] = seconds.get(stage, 0.0) + now - since
        # Each cell is told: for a table the run is one stage.
        stage, since = ("running the notebook" if event.stage == "run" else event.text or event.stage), now

    pipeline.build(BuildOptions(notebook=folder / "credit_risk.ipynb"), progress=note)
    note(ProgressEvent(stage="end"))
    print_unchanged(folder)
    return seconds


def print_unchanged(folder: Path) -> None:
    """The same build by the command line once more: nothing changed, so nothing may run."""
    command = [str(Path(sys.executable).with_name("nb2svc")), "build", "credit_risk.ipynb", "--format", "json"]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    taken = time.perf_counter() - started
    ran = [stage["stage"] for stage in json.loads(done.stdout)["stages"] if not stage["reused"]]
    print(f"\na build in which nothing changed, seconds (ran: {', '.join(ran) or 'nothing'})")
    print(f"{'in all':<52}{taken:>8.1f}   {'under 2' if taken < 2 and not ran else 'NOT under 2'}")


def print_build(seconds: dict[str, float]) -> None:
    """Stages with their share of the whole."""
    total = sum(seconds.values())
    print("\nthe whole build of credit_risk.ipynb, seconds")
    for stage, value in seconds.items():
        print(f"{stage:<52}{value:>8.1f}{value / total:>8.0%}")
    print(f"{'in all':<52}{total:>8.1f}")


if __name__ == "__main__":
    main()
