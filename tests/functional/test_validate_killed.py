"""Whatever is killed while a validation runs: nothing that it started is left, what was finished is kept, and the rest is made.

One command loses many of its processes, one after the other, each while a kernel holds the interpreter's lock in C and has a process
below it that left its session and its environment.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from conftest import COMMAND
from nb2svc.ir.validation import RunResult
from nb2svc.system.descendants import descendants
from nb2svc.validate.folder import read_validation
from watched_processes import alive, command_of, eventually, name_of, parent

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process can leave without being found"),
]

# All runs have the second cell alike. The third holds the lock where it is told to.
CELLS = [
    "seed = 0",
    "rows = list(range(5))",
    """\
import ctypes, os, subprocess, sys
from pathlib import Path
rows.append(seed)
path = 'fork' if any('server.py' in part for part in sys.orig_argv) else 'plain'
again = Path(f'begun-{seed}').exists() and Path(f'hold-again-{seed}').exists()
Path(f'begun-{seed}').touch()
if again or Path(f'hold-{path}-{seed}').exists():
    child = subprocess.Popen(['sleep', '300'], env={'PATH': os.environ['PATH']}, start_new_session=True)
    Path(f'part-{seed}').write_text(f'{seed} {os.getpid()} {child.pid}')
    Path(f'part-{seed}').rename(f'held-{seed}')
    ctypes.PyDLL(None).sleep(300)""",
]  # fmt: skip

# The same in a process without a kernel: what acts on processes is reached by names that are in no table. A run that is compared
# has run before.
BARE = [
    *CELLS[:2],
    """\
import typing, zipfile
from pathlib import Path
rows.append(seed)
system, programs, library = (typing.sys.modules[name] for name in ('os', 'subprocess', 'ctypes'))
path = 'bare' if zipfile.threading.active_count() == 1 else 'kernel'
begun = Path(f'begun-{seed}').exists()
Path(f'begun-{seed}').touch()
if Path(f'hold-{path}-{seed}').exists() and not begun:
    child = programs.Popen(['sleep', '300'], env={'PATH': system.environ['PATH']}, start_new_session=True)
    Path(f'part-{seed}').write_text(f'{seed} {system.getpid()} {child.pid}')
    Path(f'part-{seed}').rename(f'held-{seed}')
    library.PyDLL(None).sleep(300)""",
]


class Command:
    """One command, and the kernel that holds the lock now, with all from it up to the command."""

    def __init__(self, folder: Path, *options: str, held: Iterable[str] = (), cells: Sequence[str] = CELLS) -> None:
        self.folder, self.out = folder, folder / "out"
        for name in held:
            (folder / f"hold-{name}").touch()
        self.options = [str(write(folder, cells)), "-o", str(self.out), "--jobs", "1", "--retries", "0", *options]
        self.start()

    def start(self) -> None:
        command = [str(COMMAND), "validate", *self.options]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=self.folder, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
        self.driver = self.process.pid

    def wait_for(self, *seeds: int) -> int:
        """Until one of those runs holds the lock: which."""
        assert eventually(lambda: any(self.folder.glob("held-*")) or self.process.poll() is not None, seconds=120)
        assert self.process.poll() is None, self.process.communicate()
        # Two may hold it at a time: each says so in a file of its own.
        held = min(self.folder.glob("held-*"))
        told, self.kernel, self.child = map(int, held.read_text().split())
        assert told in seeds
        held.unlink()
        above = [self.kernel]
        while (up := parent(above[-1])) != self.driver:
            assert up > 1
            above.append(up)
        *between, self.worker, self.inner, self.outer = above[1:]
        # A forked kernel has its fork server above it, and between them the process in which the shared cells have run.
        self.warm, self.server = (0, *between)[-2:] if between else (0, 0)
        assert all(b"server.py" in Path(f"/proc/{pid}/cmdline").read_bytes() for pid in between)
        assert "validate.worker" in command_of(self.worker)
        self.all = (*above, self.child)
        return told

    def gone(self, *pids: int) -> bool:
        return eventually(lambda: not any(map(alive, pids)), seconds=30)

    def kills(self, who: str, seed: int) -> None:
        """What is below a process that is killed is gone with it; where it was the worker, or above it, all are."""
        self.wait_for(seed)
        killed: int = getattr(self, who)
        assert killed > 1, f"there is no {who}"
        os.kill(killed, signal.SIGKILL)
        gone = {
            "kernel": (self.kernel, self.child),
            "warm": (self.warm, self.kernel, self.child),
            "server": (self.server, self.warm, self.kernel, self.child),
        }.get(who, self.all)
        assert self.gone(*(pid for pid in gone if pid)), who
        if who in ("kernel", "warm", "server"):
            assert alive(self.worker)

    def is_interrupted(self, seed: int, text: str) -> None:
        """By Ctrl-C, while that run after shared cells holds the lock: all ends, and what is told of it."""
        self.wait_for(seed)
        assert self.warm
        self.process.send_signal(signal.SIGINT)
        said, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 130
        assert text in said
        assert self.gone(*self.all)

    def runs(self) -> dict[int, RunResult]:
        return {int(run.spec.value("seed")): run for run in read_validation(self.out / "validation.json").runs}

    def finished(self) -> dict[int, str]:
        """The runs that were kept, however the command ended, and how they ended."""
        found = [json.loads(path.read_bytes()) for path in (self.out / "runs").glob("*/result.json")]
        return {int(dict(map(tuple_of, run["spec"]["parameters"]))["seed"]): run["status"] for run in found}


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[..., Command]]:
    """What starts a command; where a test fails, it ends with it."""
    made: list[Command] = []

    def start(*options: str, held: Iterable[str], cells: Sequence[str] = CELLS) -> Command:
        made.append(Command(tmp_path, *options, held=held, cells=cells))
        return made[-1]

    yield start
    for command in made:
        command.process.kill()
        command.process.wait()


def tuple_of(parameter: dict[str, str]) -> tuple[str, str]:
    return parameter["name"], parameter["value"]


def write(folder: Path, sources: Sequence[str]) -> Path:
    cells = [
        {
            "cell_type": "code", "id": f"author-{number}", "metadata": {"tags": ["parameters"] if number == 1 else []},
            "execution_count": None, "outputs": [], "source": source,
        }
        for number, source in enumerate(sources, start=1)
    ]  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = folder / "held.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    return path


def test_forked_kernels_and_those_that_share_cells(begin: Callable[..., Command], tmp_path: Path) -> None:
    held = [f"fork-{seed}" for seed in (2, 3, 4, 6, 7, 8, 9)]
    command = begin("--grid", "seed=1..9", "--compare-plain", held=held)
    # Run 1 was made plainly, too, to compare: the kernel of run 2 has the shared cells behind it.
    command.is_interrupted(2, "9 runs, 1 ok, 8 not run")

    command.start()
    command.kills("warm", 2)
    command.kills("server", 3)
    command.kills("worker", 4)
    command.kills("warm", 6)
    command.kills("kernel", 6)
    command.kills("inner", 7)
    command.kills("outer", 8)
    command.wait_for(9)
    assert command.warm
    # As `pkill -9 -f nb2svc` and `pkill -9 python` do: what goes by another name has to see to the rest.
    for pid in [command.driver, *descendants(command.driver)]:
        if "nb2svc" in command_of(pid) or "python" in name_of(pid):
            os.kill(pid, signal.SIGKILL)
    command.process.wait(10)
    assert command.gone(*command.all)

    ended = command.finished()
    assert ended == {1: "ok", 2: "ok", 3: "ok", 4: "died", 5: "ok", 6: "ok", 7: "died", 8: "died"}
    for name in held:
        (tmp_path / f"hold-{name}").unlink()
    command.start()
    said, problems = command.process.communicate(timeout=120)
    assert "9 runs, 9 ok (5 of them made before)" in said, problems
    told = {seed: (run.path, run.path_note.partition(", in ")[0]) for seed, run in command.runs().items() if run.reused}
    compared = ("plain", "cells 1 to 2 were run once for the others")
    assert told == {
        1: compared,
        2: ("plain", "cells 1 to 2 are not shared: after them the forked kernel died"),
        3: ("plain", "the forked kernel died; it was made again"),
        5: compared,
        6: ("plain", "the forked kernel died; it was made again"),
    }


def test_while_runs_are_compared(begin: Callable[..., Command], tmp_path: Path) -> None:
    # The kernel that runs what another ran is the one that shares cells.
    command = begin("--grid", "seed=1..7", held=["again-1", "again-2"])
    command.kills("worker", 1)
    command.wait_for(2)
    assert command.warm
    command.process.kill()
    command.process.wait(10)
    assert command.gone(*command.all)
    assert command.finished() == {1: "died"}

    for path in [*tmp_path.glob("hold-*"), *tmp_path.glob("begun-*")]:
        path.unlink()
    command.start()
    said, problems = command.process.communicate(timeout=120)
    assert "7 runs, 7 ok" in said, problems
    assert [run.path for run in command.runs().values()] == ["fork", *["reuse"] * 6]
    assert not list((tmp_path / "out" / "runs").glob(".run-*"))


def test_processes_without_a_kernel(begin: Callable[..., Command], tmp_path: Path) -> None:
    command = begin("--grid", "seed=1..9", held=[f"bare-{seed}" for seed in (2, 3, 5, 7, 9)], cells=BARE)
    command.is_interrupted(2, "9 runs, 1 ok, 8 not run")

    def again(most: int = 9) -> None:
        command.options[-1] = f"seed=1..{most}"
        for path in tmp_path.glob("begun-*"):
            path.unlink()
        command.start()

    # The first run of each worker is compared, and not held.
    again()
    command.kills("worker", 3)
    command.kills("inner", 5)
    command.kills("outer", 7)
    command.wait_for(9)
    for pid in [command.driver, *descendants(command.driver)]:
        if "nb2svc" in command_of(pid) or "python" in name_of(pid):
            os.kill(pid, signal.SIGKILL)
    command.process.wait(10)
    assert command.gone(*command.all)
    assert command.finished() == {**dict.fromkeys((1, 2, 4, 6, 8), "ok"), **dict.fromkeys((3, 5, 7), "died")}

    # Fewer that are left to make share nothing.
    killed = "cells 1 to 2 are not shared: after them the forked process died"
    for who, seed, most in (("kernel", 5, 15), ("warm", 17, 21), ("server", 23, 27)):
        (tmp_path / f"hold-bare-{seed}").touch()
        again(most)
        command.kills(who, seed)
        said, problems = command.process.communicate(timeout=120)
        assert f"{most} runs, {most} ok" in said, problems
        assert (command.runs()[seed].path, command.runs()[seed].path_note) == ("fork", killed)
    assert not list((tmp_path / "out" / "runs").glob(".run-*"))


def test_kernels_of_their_own(begin: Callable[..., Command]) -> None:
    command = begin("--grid", "seed=1..6", "--no-fork", held=[f"plain-{seed}" for seed in range(1, 7)])
    command.kills("kernel", 1)
    command.kills("worker", 2)
    command.kills("inner", 3)
    command.kills("outer", 4)
    command.wait_for(5)
    # A supervisor that was stopped can end nothing, and does not hold up the other.
    os.kill(command.outer, signal.SIGSTOP)
    command.process.kill()
    assert command.gone(*command.all)
    command.process.wait(10)
    assert command.finished() == dict.fromkeys(range(1, 5), "died")

    command.start()
    command.wait_for(1)
    os.kill(command.inner, signal.SIGSTOP)
    command.process.send_signal(signal.SIGHUP)
    said, _ = command.process.communicate(timeout=60)
    assert command.process.returncode == 130
    assert "6 runs, 6 not run" in said
    assert command.gone(*command.all)


def test_what_runs_over_its_time_also_where_it_was_stopped(begin: Callable[..., Command]) -> None:
    command = begin("--grid", "seed=1..4", "--timeout", "6s", "--jobs", "2", held=["fork-1", "fork-2"])
    first = command.wait_for(1, 2)
    everything = command.all
    command.wait_for(3 - first)
    # Neither ends the kernel, nor tells that it ended.
    for pid in (command.kernel, command.server):
        os.kill(pid, signal.SIGSTOP)
    said, problems = command.process.communicate(timeout=120)
    assert (command.process.returncode, command.gone(*everything, *command.all)) == (4, True), said + problems
    assert {seed: run.status for seed, run in command.runs().items()} == {1: "timeout", 2: "timeout", 3: "ok", 4: "ok"}
    failure = command.runs()[1].failure
    assert failure is not None
    assert failure.cell == 3
