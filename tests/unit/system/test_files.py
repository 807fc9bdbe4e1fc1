import errno
import os
import stat
from pathlib import Path

import pytest

from nb2svc.errors import EnvironmentProblem, UsageError
from nb2svc.system.files import atomic_stream, check_writable, disk_problem, read_bytes, write_atomic


def test_a_missing_file_is_told_with_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "loans.ipynb").write_bytes(b"{}")
    with pytest.raises(UsageError) as caught:
        read_bytes(tmp_path / "laons.ipynb", what="notebook")
    assert caught.value.what == "there is no notebook laons.ipynb"
    assert caught.value.where == str(tmp_path / "laons.ipynb")
    assert caught.value.fix == f"did you mean {tmp_path / 'loans.ipynb'}?"


def test_a_missing_file_without_a_neighbour(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_bytes(tmp_path / "x.ipynb")
    assert caught.value.fix == "check the path"


def test_a_folder_is_no_notebook(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder, not a notebook"):
        read_bytes(tmp_path, what="notebook")


def test_a_file_that_can_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(EnvironmentProblem) as caught:
        read_bytes(tmp_path / "loans.ipynb", what="notebook")
    assert (caught.value.exit_code, caught.value.why) == (5, "Permission denied")
    assert "ls -l" in caught.value.fix


def test_a_write_is_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    write_atomic(path, b"one", mode=0o600)
    write_atomic(path, b"two", mode=0o600)
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"]


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_write_that_fails_leaves_the_old_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(b"old")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, call, full)
    with pytest.raises(EnvironmentProblem, match=r"can't write state\.json") as caught:
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"]
    assert caught.value.why == "the disk is full; nothing was half-written"


@pytest.mark.parametrize(
    ("code", "why", "fix"),
    [
        (errno.ENOSPC, "the disk is full", "free some space"),
        (errno.EDQUOT, "quota", "free some space"),
        (errno.EROFS, "read-only", "make /data writable"),
        (errno.EACCES, "you may not write", "make /data writable"),
        (errno.EIO, "Input/output error", "run it again"),
    ],
)
def test_each_disk_problem_has_a_cause_and_a_remedy(code: int, why: str, fix: str) -> None:
    problem = disk_problem(OSError(code, os.strerror(code)), "write x", where=Path("/data/x"))
    assert why in problem.why
    assert fix in problem.fix
    assert problem.exit_code == 5


def test_a_pipe_is_written_through_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomic(pipe, b"one")
        with atomic_stream(pipe) as stream:
            stream.write(b"two")
        assert os.read(reader, 100) == b"onetwo"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_a_place_is_looked_at_and_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "old").write_bytes(b"old")
    check_writable(tmp_path / "old")
    check_writable(tmp_path / "new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("old", b"old")]
    (tmp_path / "tmp").mkdir()
    with pytest.raises(EnvironmentProblem, match="can't write tmp") as caught:
        check_writable(tmp_path / "tmp")
    assert caught.value.why.startswith("it is a folder")

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(EnvironmentProblem, match="can't write new") as caught:
        check_writable(tmp_path / "new")
    assert caught.value.fix == f"make {tmp_path} writable, or choose another place"
