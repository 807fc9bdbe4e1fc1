"""What other tools take to make a script of the same notebook: `jupyter nbconvert --to script` and `jupytext --to py`.

They copy the cells one below the other; nb2svc also learns what feeds what. Both sides are timed in the same run, in two
ways: inside one process, where everything is loaded and warm, and as the commands that a person types, start-up included.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jupytext
from nbconvert.exporters import PythonExporter

from nb2svc import pipeline

# The row that the others are compared with.
YARDSTICK = "nbconvert --to script"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The median milliseconds of each tool for one notebook: warm inside one process, and as a command."""

    name: str
    warm: Mapping[str, float]
    commands: Mapping[str, float]


def compared(path: Path, *, generate: float, repeat: int) -> Compared:
    """Time every tool on a notebook; `generate` is our read → generate, as it was measured before in this process."""
    warm = {tool: median_ms(run, repeat) for tool, run in warm_runs(path).items()}
    with tempfile.TemporaryDirectory(prefix="nb2svc-bench-") as out:
        lines = command_lines(path, out)
        commands = {tool: median_ms(partial(run_quietly, words), repeat) for tool, words in lines.items()}
    return Compared(name=path.stem, warm={**warm, "nb2svc read→generate": generate}, commands=commands)


def warm_runs(path: Path) -> dict[str, Callable[[], object]]:
    """Each tool as a function of this process: from the notebook's file to the script's text, or to the findings."""
    make: Any = PythonExporter  # without types
    exporter = make()
    return {
        YARDSTICK: lambda: exporter.from_filename(str(path)),
        "jupytext --to py": lambda: jupytext.writes(jupytext.read(path), fmt="py:percent"),
        "nb2svc read→findings": lambda: pipeline.analyze(path),
    }


def command_lines(path: Path, out: str) -> dict[str, list[str]]:
    """Each tool as a person calls it."""
    ours = {
        "nb2svc --help": ["nb2svc", "--help"],
        "nb2svc analyze": ["nb2svc", "analyze", str(path)],
        "nb2svc show --draft": ["nb2svc", "show", str(path), "--draft"],
    }
    theirs = {
        YARDSTICK: ["jupyter-nbconvert", "--to", "script", str(path), "--output-dir", out],
        "jupytext --to py": ["jupytext", "--to", "py:percent", str(path), "--output", f"{out}/{path.stem}.py"],
    }
    scripts = Path(sys.executable).parent
    return {tool: [str(scripts / words[0]), *words[1:]] for tool, words in (theirs | ours).items()}


def run_quietly(words: Sequence[str]) -> None:
    """Run a command to its end; what it says is nobody's concern unless it fails."""
    subprocess.run(words, check=True, capture_output=True, stdin=subprocess.DEVNULL)


def median_ms(run: Callable[[], object], repeat: int) -> float:
    """The median milliseconds of `repeat` runs, after one that loads what is needed."""
    run()
    return statistics.median(_ms(run) for _ in range(repeat))


def print_compared(sides: Sequence[Compared]) -> None:
    """One table for each way of timing: milliseconds for each notebook, and the ratio to nbconvert."""
    for title, part in (("inside one process, warm", "warm"), ("as a command, start-up included", "commands")):
        print(f"\na script of the same notebook, {title}: milliseconds (median), and times nbconvert")
        print(f"{'tool':<24}" + "".join(f"{side.name:>12}{'':>8}" for side in sides))
        tables: list[Mapping[str, float]] = [getattr(side, part) for side in sides]
        for tool in tables[0]:
            print(f"{tool:<24}" + "".join(f"{table[tool]:>12.1f}{table[tool] / table[YARDSTICK]:>7.2f}×" for table in tables))


def _ms(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return (time.perf_counter() - started) * 1000
