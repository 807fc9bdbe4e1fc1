"""Locks between processes: released by the kernel when their holder dies, however it dies."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nb2svc.errors import EnvironmentProblem
from nb2svc.system.files import disk_errors


@contextmanager
def locked(path: Path, *, what: str, wait: float = 0.0, waiting: Callable[[str], None] = lambda _: None) -> Iterator[None]:
    """Hold the lock file `path` while the body runs; `what` is said of it in the message ("loans is being written").

    Waits up to `wait` seconds for another holder, whose process number `waiting` is told then. The file is gone afterwards; one
    that a killed process left is taken over.

    Raises:
        EnvironmentProblem: another process still holds it.
    """
    deadline = time.monotonic() + wait
    with disk_errors("take the lock", where=path):
        descriptor = _acquire(path)
        if descriptor is None and wait:
            waiting(_holder(path))
        while descriptor is None and time.monotonic() < deadline:
            time.sleep(0.05)
            descriptor = _acquire(path)
    if descriptor is None:
        raise EnvironmentProblem(
            f"{what} by another process",
            where=str(path.parent),
            why=f"process {_holder(path)} holds {path.name}",
            fix="wait until it is done, or stop it, and run this again",
        )
    try:
        yield
    finally:
        # Unlinked while still held: who opened the old file in between sees that the path moved on, and tries again.
        with suppress(OSError):
            path.unlink()
        os.close(descriptor)


def try_lock_folder(folder: Path) -> int | None:
    """Lock a folder itself without waiting: a descriptor to close when done, or None where another process holds it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _acquire(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        current = path.stat()
        mine = os.fstat(descriptor)
        if (current.st_dev, current.st_ino) == (mine.st_dev, mine.st_ino):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode())
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _holder(path: Path) -> str:
    try:
        return path.read_text().strip() or "(unknown)"
    except OSError:
        return "(unknown)"
