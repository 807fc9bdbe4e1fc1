import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from nb2svc.errors import EnvironmentProblem
from nb2svc.system.lock import locked, try_lock_folder


def test_a_second_holder_is_told_who_has_it(tmp_path: Path) -> None:
    path = tmp_path / "loans.lock"
    with locked(path, what="loans is being written"):
        with pytest.raises(EnvironmentProblem) as caught, locked(path, what="loans is being written"):
            pytest.fail("both hold it")
        assert caught.value.what == "loans is being written by another process"
        assert caught.value.why == f"process {os.getpid()} holds loans.lock"
        assert "wait until it is done" in caught.value.fix
        assert caught.value.exit_code == 5
    assert not path.exists()


def test_waiting_helps(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    order = []

    def first() -> None:
        with locked(path, what="x"):
            order.append("first in")
            time.sleep(0.2)
            order.append("first out")

    thread = threading.Thread(target=first)
    thread.start()
    while not order:
        time.sleep(0.01)
    with locked(path, what="x", wait=5):
        order.append("second in")
    thread.join()
    assert order == ["first in", "first out", "second in"]


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    code = (
        "import os, sys; from pathlib import Path; from nb2svc.system.lock import locked\n"
        "with locked(Path(sys.argv[1]), what='x'): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert path.exists()
    with locked(path, what="x"):
        assert path.read_text() == f"{os.getpid()}\n"


def test_many_holders_never_overlap(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    inside = []
    most = []

    def work() -> None:
        for _ in range(20):
            with locked(path, what="x", wait=30):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 80


def test_a_place_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="can't take the lock"), locked(tmp_path / "no" / "x.lock", what="x"):
        pytest.fail("there is no such folder")


def test_a_folder_is_locked_once(tmp_path: Path) -> None:
    first = try_lock_folder(tmp_path)
    assert first is not None
    assert try_lock_folder(tmp_path) is None
    os.close(first)
    again = try_lock_folder(tmp_path)
    assert again is not None
    os.close(again)
