"""Runs that go on after shared cells without a kernel: what has them made again by one, and what they leave as a kernel would."""

import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from executed import read
from nb2svc.capture import engine
from nb2svc.ir.validation import RunResult
from shared_runs import runs

pytestmark = [pytest.mark.kernel, pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")]

NO_KERNEL = "; after them no run needs a kernel"
# What is reached through another library's name is in no table.
PAYLOAD = "random.__builtins__['get_ipython']().payload_manager.write_payload({'source': 'page'})"
THREAD = "zipfile.threading.Thread(target=time.sleep, args=(60,), daemon=True).start()"

CHANGED = "what they show can't be sent as it is"


def outputs(folder: Path, run: RunResult, cell: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read(folder / run.key[:8] / "executed.ipynb")["cells"][cell]["outputs"]
    return found


@pytest.mark.parametrize(
    ("source", "why", "shown"),
    [
        ("random._os.write(1, b'past')", "they print past Python", ["past"]),
        (THREAD, "they leave a thread (Thread-", []),
        (PAYLOAD, "they ask the page for something", []),
        ("typing.sys.stdout = typing.sys.__stdout__", "they put something in place of a stream", []),
        ("hasattr(random.__builtins__['get_ipython'](), 'kernel')", "they ask for the kernel", []),
        ("random.__builtins__['__import__']('ipywidgets').IntSlider(3)", "they make a widget, which talks with the page", []),
        ("hasattr(typing.sys.stdout, 'parent_header')", "they ask a stream for what a kernel's has", []),
        ("print('\\udcffx')", CHANGED, ["\ufffdx\n"]),
        ("display({'text/plain': 'x', 'application/json': {1}}, raw=True)", CHANGED, [None]),
        ("display({'text/plain': 'x', 'application/json': float('nan')}, raw=True)", CHANGED, [None]),
        ("for number in range(2): display(number, display_id='a')", "they show an output that can be changed later", [None] * 2),
    ],
)
def test_what_only_a_kernel_shows_is_shown_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, why: str, shown: list[str]
):
    # Where it is set, ipykernel does not look at what is printed past Python.
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    cell = f"import random, time, typing, zipfile\nif seed == 2:\n    {source}"
    first, second, third = runs(tmp_path, "rows = [1]", cell, seeds=3)
    assert first.path_note.endswith(NO_KERNEL)
    assert second.path_note.startswith(f"without a kernel {why}")
    assert second.path_note.endswith("; it was made again")
    assert (third.path_note, [run.path for run in (first, second, third)]) == ("", ["fork", "reuse", "reuse"])
    assert [run.status for run in (first, second, third)] == ["ok"] * 3
    assert [out.get("text") for out in outputs(tmp_path, second, 3) if out.get("name") != "stderr"] == shown
    assert list(tmp_path.glob("*/.*")) == []


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        # The kernel's own lines stand in what they show; and it has more calls below a cell.
        ("display(1, raw=True)", "zmqshell.py"),
        ("raise Mute", "zmqshell.py"),
        (
            "try:\n        deep(0)\n    except Exception as error:\n        raise ValueError('too deep') from error",
            "RecursionError",
        ),
        ("typing.sys.stdout.close()", "closed file"),
    ],
)
def test_what_fails_within_a_kernel_is_shown_by_one(tmp_path: Path, source: str, shown: str):
    head = "import typing\nclass Mute(Exception):\n    def __str__(self):\n        return 1\ndef deep(number):\n    return deep(number + 1)"
    first, second = runs(tmp_path, "rows = [1]", f"{head}\nif seed == 2:\n    {source}", "print(1)", seeds=2)
    assert first.path_note.endswith(NO_KERNEL)
    assert second.path_note == "without a kernel an error came from what stands for one; it was made again"
    assert second.status == "error"
    assert shown in json.dumps(read(tmp_path / second.key[:8] / "executed.ipynb"))


def test_what_is_shown_is_told_as_it_was(tmp_path: Path):
    cell = "rows.append(seed)\ndisplay({'text/plain': '', 'application/json': rows}, raw=True)\nrows.append(0)"
    first, second = runs(tmp_path, "rows = [1]", cell, seeds=2)
    assert (first.path_note.endswith(NO_KERNEL), second.path_note) == (True, "")
    assert [out["data"]["application/json"] for out in outputs(tmp_path, second, 3)] == [[1, 2]]


def test_an_output_that_is_changed_later_is_changed_by_a_kernel(tmp_path: Path):
    cells = ("print(seed)", "handle = display('before', display_id='a')", "display('after', display_id='a', update=True)")
    first, second = runs(tmp_path, "rows = [1]", *cells, seeds=2)
    assert first.path_note.endswith("; after them each run needs a kernel (they change an output that stands already)")
    assert second.path == "reuse"
    assert [out["data"]["text/plain"] for out in outputs(tmp_path, second, 4)] == ["'after'"]


def test_what_may_be_changed_by_a_run_is_shown_by_each(tmp_path: Path):
    cells = ("handle = display('before', display_id=True)", "if seed == 2:\n    handle.update('after')")
    first, second = runs(tmp_path, *cells, seeds=2)
    assert first.path_note == "cells 1 to 2 are not shared: they show an output that can be changed later"
    assert second.path == "fork"
    assert [out["data"]["text/plain"] for out in outputs(tmp_path, second, 2)] == ["'after'"]


def test_where_it_tells_each_run_has_a_kernel(tmp_path: Path):
    # A kernel has threads of its own.
    first, second = runs(tmp_path, "rows = [1]", "import zipfile\nprint(seed, zipfile.threading.active_count() > 1)", seeds=2)
    assert first.path_note.endswith(
        "; after them each run needs a kernel (without one it said otherwise (the outputs of code cell 4))"
    )
    assert (second.path, second.path_note) == ("reuse", "")
    assert [out["text"] for out in outputs(tmp_path, second, 3)] == ["2 True\n"]


@pytest.mark.parametrize(
    ("source", "ended"),
    [
        ("random._os._exit(3)", ("plain", "died")),
        # It has run all cells: whether a kernel had shown something else can't be asked any more.
        ("typing.sys.__stdout__.flush = lambda: random._os._exit(3)", ("fork", "ok")),
    ],
)
def test_a_process_that_dies_is_followed_by_each_slower_way(tmp_path: Path, source: str, ended: tuple[str, str]):
    first, second, third = runs(tmp_path, "rows = [1]", f"import random, time, typing\nif seed == 2:\n    {source}", seeds=3)
    assert first.path_note.endswith(NO_KERNEL)
    assert (second.path, second.status, second.attempts) == (*ended, 1)
    assert (third.path, third.status) == ("fork", "ok")
    assert third.path_note == "cells 1 to 2 are not shared: after them the forked process died"


# Who is killed, as the run sees it: itself, the process in which the shared cells have run, the fork server above that.
KILLED = {
    "the process": "random._os.getpid()",
    "the process that ran the cells": "random._os.getppid()",
    "the fork server": "int(Path(f'/proc/{random._os.getppid()}/stat').read_text().rpartition(')')[2].split()[1])",
}


@pytest.mark.parametrize("who", KILLED)
def test_what_is_killed_while_runs_are_compared_is_equal_to_nothing(tmp_path: Path, who: str):
    kills = f"if Path('begun').exists():\n        random._os.kill({KILLED[who]}, 9)\n        time.sleep(60)\n    Path('begun').touch()"
    cell = f"import random, time\nfrom pathlib import Path\nif seed == 1:\n    {kills}\nprint(seed)"
    first, second = runs(tmp_path, "rows = [1]", cell, seeds=2)
    assert [(run.path, run.status) for run in (first, second)] == [("fork", "ok")] * 2
    why = "cells 1 to 2 are not shared: after them the forked process died"
    assert [run.path_note for run in (first, second)] == [why] * 2
    assert [out["text"] for out in outputs(tmp_path, first, 3)] == ["1\n"]
    assert list(tmp_path.glob("*/.*")) == []


def test_what_takes_too_long_is_interrupted_and_keeps_what_it_showed(tmp_path: Path):
    cell = "import time\nprint('before')\ntime.sleep(600 if seed == 2 else 0)"
    first, second, third = runs(tmp_path, "rows = [1]", cell, "print('never')", seeds=3, timeout=8.0)
    assert first.path_note.endswith(NO_KERNEL)
    assert [(run.path, run.status) for run in (second, third)] == [("reuse", "timeout"), ("reuse", "ok")]
    assert second.failure is not None
    assert second.failure.cell == 3
    stream, error = outputs(tmp_path, second, 3)
    assert (stream["text"], error["ename"]) == ("before\n", "KeyboardInterrupt")


def test_what_heeds_no_interruption_keeps_what_it_showed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engine, "_GRACE", ((signal.SIGINT, 3.0), (signal.SIGTERM, 30.0)))
    heedless = "while seed == 2:\n    try:\n        time.sleep(600)\n    except BaseException:\n        print('again')"
    first, second = runs(
        tmp_path, "rows = [1]", f"import time\nprint('before')\n{heedless}", "print('never')", seeds=2, timeout=3.0
    )
    assert first.path_note.endswith(NO_KERNEL)
    assert (second.path, second.status, second.failure and second.failure.cell) == ("reuse", "timeout", 3)
    assert [out["text"] for out in outputs(tmp_path, second, 3)] == ["before\nagain\n"]
    assert outputs(tmp_path, second, 4) == []


def test_what_runs_out_of_memory_is_told_as_that(tmp_path: Path):
    # By its own count, and killed as the system does it.
    cell = "import random\nif seed == 2:\n    bytearray(10**15)\nif seed == 3:\n    random._os.kill(random._os.getpid(), 9)"
    first, second, third, last = runs(tmp_path, "rows = [1]", cell, "print(seed)", seeds=4)
    assert first.path_note.endswith(NO_KERNEL)
    assert [(run.path, run.status) for run in (second, third, last)] == [("reuse", "error"), ("plain", "died"), ("fork", "ok")]
    assert second.failure is not None
    assert third.failure is not None
    assert second.failure.what.endswith("ran out of memory")
    assert third.failure.what.startswith("the kernel died while cell 3")
    assert third.failure.why.startswith("usually memory ran out")


def test_what_it_leaves_to_its_end_is_done(tmp_path: Path):
    leaves = "left = open(f'left-{seed}.txt', 'w')\nleft.write(str(seed))"
    ends = """\
class Ends:
    def __init__(self, path):
        self.path = path

    def __del__(self):
        self.path.write_text('ended')

from pathlib import Path
ends = Ends(Path(f'ended-{seed}.txt'))"""
    first, second, third = runs(tmp_path, "rows = [1]", f"print(seed)\n{leaves}", ends, seeds=3)
    assert first.path_note.endswith(NO_KERNEL)
    assert [(run.path, run.path_note, run.status) for run in (second, third)] == [("reuse", "", "ok")] * 2
    assert [(tmp_path / f"left-{seed}.txt").read_text() for seed in (1, 2, 3)] == ["1", "2", "3"]
    assert [(tmp_path / f"ended-{seed}.txt").read_text() for seed in (1, 2, 3)] == ["ended"] * 3


def test_each_run_draws_other_numbers_and_has_a_folder_and_processes_of_its_own(tmp_path: Path):
    cell = "import random\nprint(seed, np.random.rand(), random.random(), random._os.getpid(), random._os.getpgid(0))"
    depth = """\
from pathlib import Path
import typing, zipfile
def deep(number):
    try:
        return deep(number + 1)
    except Exception:
        return number
Path("bare" if zipfile.threading.active_count() == 1 else "kernel").write_text(str(deep(0)))
print(bool(random._os.environ["JPY_PARENT_PID"]), type(random.__builtins__["get_ipython"]()))"""
    found = runs(tmp_path, "import numpy as np\nrows = np.random.default_rng(0)", cell, depth, seeds=4)
    assert found[0].path_note.endswith(NO_KERNEL)
    drawn = [outputs(tmp_path, run, 3)[0]["text"].split()[1:] for run in found]
    assert all(pid == group for *_, pid, group in drawn)
    assert all(len(set(numbers)) == 4 for numbers in zip(*drawn, strict=True))
    assert all(run.cpu_seconds > 0 and run.memory for run in found)
    assert {run.python for run in found} == {found[0].python}
    assert [run.versions for run in found] == [found[0].versions] * 4
    # What goes too deep without a kernel does with one, and only that: cells of one kernel differ by a call, too.
    assert abs(int((tmp_path / "bare").read_text()) - int((tmp_path / "kernel").read_text())) <= 1
    assert {outputs(tmp_path, run, 4)[0]["text"] for run in found} == {"True <class 'ipykernel.zmqshell.ZMQInteractiveShell'>\n"}
