"""Forked kernels that do nothing for long: one that hangs is ended and its run made again, one that waits is left alone."""

import json
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from nb2svc.ir.validation import RunResult
from nb2svc.read.notebook import parse_notebook
from nb2svc.validate.forking import stall
from nb2svc.validate.forking.host import Host
from nb2svc.validate.keys import run_specs
from nb2svc.validate.sets import Asked, default_parameters, parameter_sets
from nb2svc.validate.task import RunTask
from nb2svc.validate.ways import run_once

pytestmark = [pytest.mark.kernel, pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")]

# As long as a kernel may do nothing here, and what waits longer.
LEAST, LONGER = 1.0, 1.8
START = f"""
import asyncio, os, socket, subprocess, sys, threading, time
with open('starts', 'a') as stream:
    stream.write('x')
near, far = socket.socketpair()
near.settimeout({LONGER})
forked = any('server.py' in part for part in sys.orig_argv)"""
WAITS = {
    "asleep": f"time.sleep({LONGER})",
    "a command": f"subprocess.run(['sleep', '{LONGER}'])",
    "a socket": "try:\n    near.recv(1)\nexcept TimeoutError:\n    print('late')",
    "a lock with a limit": f"threading.Event().wait({LONGER})",
    "a thread": f"thread = threading.Thread(target=time.sleep, args=({LONGER},))\nthread.start()\nthread.join()",
    "events": f"await asyncio.sleep({LONGER})",
}
# A library whose lock is taken for a fork, and let go in the parent only.
BROKEN = """
import os, threading
_lock = threading.Lock()
os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release)
def use():
    with _lock:
        return 7
"""
HANGS = {
    "the lock of a library": "print(broken_at_fork.use())",
    # Whether the thread will release it nobody knows: it has more time.
    "a lock beside a thread": """\
if forked:
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    lock = threading.Lock()
    lock.acquire(), lock.acquire()""",
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(stall, "LEAST", LEAST)
    monkeypatch.setattr(stall, "LOOK", 0.1)
    site = tmp_path / "site-packages"
    site.mkdir()
    (site / "broken_at_fork.py").write_text(BROKEN)
    monkeypatch.setenv("PYTHONPATH", str(site))


@pytest.fixture
def host() -> Iterator[Host]:
    made = Host()
    yield made
    made.end()


def run(folder: Path, host: Host, *sources: str) -> RunResult:
    """A run in a forked kernel, if that comes to its end."""
    cells = [
        {
            "cell_type": "code", "id": f"id-{place}", "metadata": {"tags": [] if place else ["parameters"]},
            "execution_count": None, "outputs": [], "source": textwrap.dedent(source),
        }
        for place, source in enumerate(("seed = 0\nimport broken_at_fork", START, *sources))
    ]  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    content = json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}).encode()
    notebook, _ = parse_notebook(content, path=str(folder / "waits.ipynb"))
    (spec,) = run_specs(notebook, parameter_sets(notebook, Asked()), defaults=default_parameters(notebook), kernel="python3")
    place = folder / "run"
    place.mkdir()
    task = RunTask(
        spec=spec, content=content, path=str(folder / "waits.ipynb"), kernel="python3", cwd=str(folder), folder=str(place),
        timeout=60.0, retries=0,
    )  # fmt: skip
    return run_once(task, lambda _cell, _state: None, host)


def test_cells_that_wait_are_not_made_twice(tmp_path: Path, host: Host):
    made = run(tmp_path, host, *WAITS.values())
    assert (made.status, made.path, made.path_note) == ("ok", "fork", "")
    assert (tmp_path / "starts").read_text() == "x"
    assert made.seconds > LONGER * len(WAITS)


@pytest.mark.parametrize("name", HANGS)
def test_a_kernel_that_hangs_is_ended_and_its_run_is_made_again(tmp_path: Path, host: Host, name: str):
    made = run(tmp_path, host, HANGS[name])
    assert (made.status, made.path) == ("ok", "plain")
    assert made.path_note == "the forked kernel did nothing for long; it was made again"
    assert (tmp_path / "starts").read_text() == "xx"
