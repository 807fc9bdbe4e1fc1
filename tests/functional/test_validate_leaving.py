"""A forked kernel leaves behind what a kernel of its own would: it leaves at once only where nobody could tell."""

import sys
from pathlib import Path

import pytest

from functional.test_validate_fork import made, write

pytestmark = [pytest.mark.kernel, pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")]

# What is kept beside the namespace is there until the interpreter ends. `Full` tells whether it ended in full, for it passes for a
# class of the kernel's machinery.
CELLS = [
    "case = 'nothing'",
    "import atexit, os, sqlite3, sys, tempfile, threading, time, types",
    """\
class Full:
    __module__ = 'zmq'
    def __init__(self, path):
        self.make = lambda open=os.open, close=os.close, flags=os.O_CREAT | os.O_WRONLY: close(open(path, flags))
    def __del__(self):
        self.make()

class Own(Full):
    __module__ = '__main__'

sys.modules['keeping'] = keeping = types.ModuleType('keeping')
keeping.full = Full('full-' + case)""",
    """\
path = case + '.txt'
def text(file):
    file.write('all of it')
    return file
if case == 'namespace':
    here = text(open(path, 'w'))
if case == 'cycle':
    here = [text(open(path, 'w'))]
    here.append(here)
if case == 'file':
    keeping.file = text(open(path, 'w'))
if case == 'ends':
    keeping.own = Own(path)
if case == 'temporary':
    keeping.own = tempfile.NamedTemporaryFile(dir='.', prefix='gone-')
if case == 'folder':
    keeping.own = tempfile.TemporaryDirectory(dir='.', prefix='gone-')
if case == 'database':
    keeping.own = sqlite3.connect('gone-with.db')
    keeping.own.execute('pragma journal_mode=wal').close()
    keeping.own.execute('create table t(x)')
    os.link('gone-with.db', 'database.txt')
if case == 'thread':
    threading.Thread(target=lambda: (time.sleep(0.5), text(open(path, 'w')).close())).start()
if case == 'atexit':
    atexit.register(lambda: text(open(path, 'w')).close())
print('last words', end='', file=sys.__stdout__)""",
]
QUICK = ("nothing", "namespace", "folder", "thread", "atexit")
FULL = ("cycle", "file", "ends", "temporary", "database")


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    notebook = write(tmp_path_factory.mktemp("leaving"), CELLS)
    validation = made(notebook, grid=(("case", repr([*QUICK, *FULL]).replace("'", '"')),))
    assert [(run.status, run.path) for run in validation.runs] == [("ok", "fork")] * len(validation.runs)
    for run in validation.runs:
        log = notebook.parent / ".nb2svc" / notebook.stem / "validation" / run.folder / "kernel.log"
        assert "last words" in log.read_text()
    return notebook.parent


@pytest.mark.parametrize("case", [*QUICK, *FULL])
def test_what_a_kernel_leaves_to_its_end_is_done(left: Path, case: str):
    path = left / f"{case}.txt"
    assert path.exists() == (case not in ("nothing", "temporary", "folder"))
    if case in ("namespace", "cycle", "file", "thread", "atexit"):
        assert path.read_text() == "all of it"
    assert [each.name for each in left.glob("gone-*") if "." not in each.name or each.suffix == ".db-wal"] == []


@pytest.mark.parametrize("case", [*QUICK, *FULL])
def test_it_leaves_at_once_where_that_can_not_be_told(left: Path, case: str):
    assert (left / f"full-{case}").exists() == (case in FULL)


# As on a busy machine: the thread that was told to shut down flushes what is shown when the main one is at its end. Streams whose own
# thread is stopped meanwhile would be waited for, until the kernel is killed.
SLOW = """\
import sys
from ipykernel.kernelapp import IPKernelApp
def slow(app, own, reset):
    import threading, time
    def flush(stream):
        if threading.current_thread() is app.control_thread:
            time.sleep(0.3)
        own(stream)
    def reset_io():
        with open('ends', 'a') as file:
            file.write(f'control {app.control_thread.is_alive()}')
        reset()
    type(sys.stdout).flush, app.reset_io = flush, reset_io
slow(IPKernelApp.instance(), type(sys.stdout).flush, IPKernelApp.instance().reset_io)"""


def test_a_kernel_of_its_own_ends_in_order(tmp_path: Path):
    notebook = write(tmp_path, ["case = 'slow'", SLOW])
    (run,) = made(notebook, fork=False).runs
    assert (run.status, (tmp_path / "ends").read_text()) == ("ok", "control False")
