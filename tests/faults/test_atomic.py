"""A build that is killed, starved of disk, or run twice at once leaves the old tree or the new one, and the next one succeeds.

The write phase runs in a process that kills itself with SIGKILL before or after its n-th call into the file system, for
every n: nothing of Python's (finally, atexit) runs.
"""

import errno
import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from nb2svc.errors import EnvironmentProblem
from nb2svc.ir.project import ProjectFile
from nb2svc.system.tree import MANIFEST, edited_files, recover, stage

OLD = {"README.md": b"old\n", "loans/__init__.py": b"", "loans/gone.py": b"gone = 1\n", "loans/model.py": b"old = 1\n"}
NEW = {"README.md": b"new\n", "loans/__init__.py": b"", "loans/model.py": b"new = 2\n", "loans/sub/more.py": b"more = 3\n"}
# What a person added to the project, and a generated file that they edited and give back in the build that is killed.
THEIRS = {"notes/todo.txt": b"mine\n"}
GIVEN_BACK, EDIT = "loans/__init__.py", b"edited = 1\n"
KEPT_ASIDE = {f".nb2svc/given-back/{hashlib.sha256(EDIT).hexdigest()[:8]}/{GIVEN_BACK}": EDIT}

# A process that traces its own calls into the file system. Each build is a fork of it: alone to count the calls, then one
# a kill point, which dies by SIGKILL before or after that call. It prints how each child ended.
KILLER = """
import fcntl, json, os, signal, sys
from pathlib import Path
from nb2svc.ir.project import ProjectFile
from nb2svc.system import exchange as exchange_module, tree

swap, jobs = sys.argv[1], json.load(sys.stdin)
files = [ProjectFile(path=path, content=content.encode()) for path, content in json.loads(sys.argv[2]).items()]
calls = 0
fatal = None

def traced(function):
    def call(*arguments, **options):
        global calls
        calls += 1
        mine = calls
        if fatal == [mine, "before"]:
            os.kill(os.getpid(), signal.SIGKILL)
        try:
            return function(*arguments, **options)
        finally:
            if fatal == [mine, "after"]:
                os.kill(os.getpid(), signal.SIGKILL)
    return call

def build(root):
    with tree.stage(Path(root) / "loans", accept=[sys.argv[3]]) as staging:
        staging.write(files)
        staging.swap()

plain_fork, plain_wait = os.fork, os.waitpid
for name in ("open", "write", "fsync", "rename", "replace", "unlink", "remove", "mkdir", "rmdir", "link", "chmod", "close"):
    setattr(os, name, traced(getattr(os, name)))
fcntl.flock = traced(fcntl.flock)
tree.exchange = traced(exchange_module.exchange) if swap == "exchange" else (lambda first, second: False)

for root, fatal in jobs:
    child = plain_fork()
    if not child:
        calls = 0
        build(root)
        print(calls, flush=True) if fatal is None else None
        os._exit(0)
    status = plain_wait(child, 0)[1]
    if fatal is not None:
        print(os.waitstatus_to_exitcode(status), flush=True)
"""


def write(target: Path, files: dict[str, bytes], *, accept: tuple[str, ...] = ()) -> tuple[str, ...]:
    with stage(target, accept=accept) as staging:
        edited = staging.write(ProjectFile(path=path, content=content) for path, content in files.items())
        staging.swap()
    return edited


def content(target: Path) -> dict[str, bytes]:
    """Every file of a tree but the record of digests."""
    return {
        path.relative_to(target).as_posix(): path.read_bytes()
        for path in sorted(target.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def litter(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "loans")


def builds(swap: str, jobs: list[tuple[str, tuple[int, str] | None]]) -> list[int]:
    """Run a build in each folder: the number of calls where no kill point is given, else the exit code."""
    files = json.dumps({path: text.decode() for path, text in NEW.items()})
    process = subprocess.run(
        [sys.executable, "-S", "-c", KILLER, swap, files, GIVEN_BACK],
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return [int(line) for line in process.stdout.split()]


def prepare(folder: Path, *, existing: bool) -> None:
    folder.mkdir()
    if not existing:
        return
    write(folder / "loans", OLD)
    for path, text in THEIRS.items():
        (folder / "loans" / path).parent.mkdir()
        (folder / "loans" / path).write_bytes(text)
    (folder / "loans" / GIVEN_BACK).write_bytes(EDIT)


@pytest.mark.parametrize("existing", [True, False], ids=["over an old tree", "anew"])
@pytest.mark.parametrize("swap", ["exchange", "two renames"])
def test_killed_at_every_call(tmp_path: Path, swap: str, existing: bool) -> None:
    template = tmp_path / "template"
    prepare(template, existing=existing)
    shutil.copytree(template, tmp_path / "counted")
    [calls] = builds(swap, [(str(tmp_path / "counted"), None)])
    points = [(number, when) for number in range(1, calls + 1) for when in ("before", "after")]
    assert len(points) >= 60
    folders = [Path(shutil.copytree(template, tmp_path / f"{number}-{when}")) for number, when in points]
    jobs = [(str(folder), point) for folder, point in zip(folders, points, strict=True)]
    assert set(builds(swap, jobs)) == {-signal.SIGKILL}

    old = {**OLD, **THEIRS, GIVEN_BACK: EDIT} if existing else None
    new = {**NEW, **THEIRS, **KEPT_ASIDE} if existing else NEW
    seen = set()
    for folder in folders:
        target = folder / "loans"
        if swap == "exchange":
            # As the build left it, before anything is put right.
            assert (content(target) if target.exists() else None) in (old, new), folder.name
        recover(target)
        state = content(target) if target.exists() else None
        assert state in (old, new), folder.name
        seen.add("old" if state == old else "new")

        assert write(target, NEW, accept=(GIVEN_BACK,)) == (), folder.name
        assert content(target) == new, folder.name
        assert litter(folder) == [], folder.name
    assert seen == {"old", "new"}


def test_the_check_itself_finds_a_mix(tmp_path: Path) -> None:
    prepare(tmp_path / "x", existing=True)
    (tmp_path / "x" / "loans" / "README.md").write_bytes(NEW["README.md"])
    assert content(tmp_path / "x" / "loans") not in ({**OLD, **THEIRS, GIVEN_BACK: EDIT}, {**NEW, **THEIRS, **KEPT_ASIDE})


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of 256 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here ({mounted.stderr.strip()}); the limit on file sizes stands for it")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_the_old_tree(small_disk: Path) -> None:
    target = small_disk / "loans"
    write(target, OLD)
    with pytest.raises(EnvironmentProblem) as caught:
        write(target, {**NEW, "loans/artifacts/model.skops": b"x" * 300_000})
    assert caught.value.exit_code == 5
    assert "the disk is full" in caught.value.why
    assert "free some space" in caught.value.fix
    assert caught.value.where == str(target)
    assert content(target) == OLD
    assert litter(small_disk) == []
    (target / GIVEN_BACK).write_bytes(EDIT)
    with pytest.raises(EnvironmentProblem, match="can't write the project"):
        write(target, {**NEW, "loans/artifacts/model.skops": b"x" * 300_000}, accept=(GIVEN_BACK,))
    assert content(target) == {**OLD, GIVEN_BACK: EDIT}
    write(target, NEW, accept=(GIVEN_BACK,))
    assert content(target) == {**NEW, **KEPT_ASIDE}


def test_a_limit_on_file_sizes_leaves_the_old_tree(tmp_path: Path) -> None:
    target = tmp_path / "loans"
    write(target, OLD)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(EnvironmentProblem, match="can't write the project") as caught:
            write(target, {**NEW, "loans/artifacts/model.skops": b"x" * 300_000})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert "limit on file sizes" in caught.value.why
    assert content(target) == OLD
    assert litter(tmp_path) == []


def test_two_writers_at_once(tmp_path: Path) -> None:
    """Whoever comes last wins as a whole, and neither removes what the other is staging."""
    target = tmp_path / "loans"
    trees = [{f"loans/part_{number}.py": f"writer = {writer}\n".encode() for number in range(20)} for writer in range(2)]
    failures: list[Exception] = []

    def work(tree: dict[str, bytes]) -> None:
        try:
            for _ in range(15):
                write(target, tree)
                assert content(target) in trees
        except Exception as error:  # noqa: BLE001 - a thread's failure is the test's
            failures.append(error)

    write(target, trees[0])
    threads = [threading.Thread(target=work, args=(tree,)) for tree in trees]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert content(target) in trees
    assert litter(tmp_path) == []


def test_the_same_write_fails_where_the_place_is_read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "loans"
    write(target, OLD)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(EnvironmentProblem) as caught:
        write(target, NEW)
    assert "read-only" in caught.value.why
    assert content(target) == OLD
    monkeypatch.undo()
    assert edited_files(target) == ()
