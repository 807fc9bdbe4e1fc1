"""What keeps a forked kernel from leaving at once: an object whose end could be noticed."""

import asyncio
import io
import logging
import socket
import sqlite3
import sys
import tempfile
import threading
import time
import types
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nb2svc.validate.forking.side import leaving


class Ends:
    def __del__(self) -> None: ...


class Plain:
    def write(self) -> None: ...


def suspended() -> Iterator[int]:
    try:
        yield 1
    finally:
        print("ended")


def begun() -> Any:
    found = suspended()
    next(found)
    return found


def ended() -> Any:
    return list(found := suspended()) and found


def callback(_: Any) -> None: ...


callback.__module__ = "__main__"
MAKERS: dict[str, tuple[Callable[[Path], Any], bool]] = {
    "a class with __del__": (lambda _: Ends(), True),
    "a class without": (lambda _: Plain(), False),
    "a file to write": (lambda path: (path / "a").open("w"), True),
    "a buffer to write": (lambda path: (path / "a").open("wb"), True),
    "a file to read": (lambda path: (path / "b").open(), False),
    "a file without a buffer": (lambda path: (path / "a").open("wb", buffering=0), False),
    "text in memory": (lambda _: io.StringIO(), False),
    "a file in memory": (lambda _: io.TextIOWrapper(io.BytesIO()), True),
    "standard output": (lambda _: sys.__stdout__, False),
    "a temporary file": (lambda path: tempfile.NamedTemporaryFile(dir=path)._closer, True),  # noqa: SIM115
    "a database": (lambda path: sqlite3.connect(path / "a.db"), True),
    "a socket": (lambda _: socket.socket(), False),
    "a generator in the middle": (lambda _: begun(), True),
    "a generator at its end": (lambda _: ended(), False),
    "the notebook's callback": (lambda _: weakref.ref(callback, callback), True),
    "another's callback": (lambda _: weakref.ref(callback, print), False),
    "a loop": (lambda _: asyncio.new_event_loop(), False),
}


@pytest.mark.parametrize("name", MAKERS)
def test_whose_end_could_be_noticed(name: str, tmp_path: Path):
    make, expected = MAKERS[name]
    (tmp_path / "b").write_text("")
    each = make(tmp_path)
    try:
        assert bool(leaving.noticed([3, each], [])) == expected
        assert leaving.noticed([3, each], [each]) == ""
    finally:
        if each is not sys.__stdout__ and hasattr(each, "close"):
            each.close()
    if isinstance(each, io.IOBase):
        assert leaving.noticed([each], []) == ""


def test_it_says_of_which_kind_it_is():
    assert leaving.noticed([3, Ends()], []) == f"{__name__}.Ends"


def test_a_class_that_answers_for_its_bases_is_looked_at_all_the_same():
    class Lies(type):
        def mro(cls) -> list[type]:
            return [cls, Ends, object]

    assert leaving.noticed([Lies("Lying", (), {})()], [])


@pytest.mark.parametrize(
    ("path", "name", "known"),
    [
        ("/x/lib/python3.11/site-packages/numpy/core/_umath.so", "numpy.core._umath", True),
        ("/x/lib/python3.11/site-packages/scipy/sparse/_csparsetools.so", "_csparsetools", True),
        ("/x/lib/python3.11/site-packages/h5py/defs.so", "h5py.defs", False),
        ("/home/ann/own.so", "own", False),
        ("/home/ann/numpy.py", "numpy", True),
        ("/x/lib/python3.11/lib-dynload/_json.so", "_json", True),
        ("/x/lib/python3.11/lib-dynload/_gdbm.so", "_gdbm", False),
    ],
)
def test_a_library_in_c_that_nobody_knows(path: str, name: str, known: bool, monkeypatch: pytest.MonkeyPatch):
    libraries = leaving.Libraries()
    for module in list(sys.modules):
        libraries._seen.add(module)
    assert libraries.unknown() == set()
    monkeypatch.setitem(sys.modules, "new_one", types.ModuleType("new_one"))
    monkeypatch.setitem(sys.modules, name + "_", types.SimpleNamespace(__spec__=types.SimpleNamespace(origin=path)))
    monkeypatch.setitem(sys.modules, name, sys.modules[name + "_"])
    libraries._seen.discard(name)
    monkeypatch.delitem(sys.modules, name + "_")
    found = libraries.unknown()
    assert (found == set()) == known
    # Once seen it is not forgotten.
    monkeypatch.delitem(sys.modules, name)
    assert libraries.unknown() == found


def test_where_the_kernels_log_goes_and_its_history_are_its_own():
    handler = logging.StreamHandler(io.StringIO())
    log = types.SimpleNamespace(handlers=[handler, logging.NullHandler()])
    shell = types.SimpleNamespace(history_manager=types.SimpleNamespace(db="history"))
    own = leaving.kernels_own(types.SimpleNamespace(log=log, kernel=types.SimpleNamespace(shell=shell)))
    assert own == ["history", handler.stream, None]


def test_it_waits_for_the_thread_that_was_told_to_shut_down():
    thread = threading.Thread(target=time.sleep, args=(0.1,))
    thread.start()
    leaving._let_control_end(types.SimpleNamespace(control_thread=thread))
    assert not thread.is_alive()
    # A version of ipykernel that has none.
    leaving._let_control_end(types.SimpleNamespace())
