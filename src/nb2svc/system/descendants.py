"""The processes below one, and what Linux is asked for so that none of them gets lost: what supervisors are made of."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping
from contextlib import suppress

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
_LONGEST = 4096


def descendants(root: int) -> list[int]:
    """All processes below one, as they are now (where there is /proc)."""
    return _below(root, _by_parent())


def strays(kept: Collection[int]) -> set[int]:
    """All processes below this one but those, its children, and what is below them; none is reaped meanwhile.

    Mostly there is none, and then the system's list of this process's children says so: to look at each process of the machine
    takes a hundred times as long.
    """
    children = _children()
    if children is not None and children.issubset(kept):
        return set()
    # One look for all: what a kept process reaps between two would be below this one in the first, and below none in the second.
    found = _by_parent()
    return set(_below(os.getpid(), found)).difference(*([each, *_below(each, found)] for each in kept))


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or only waits for its parent to take note (where there is /proc)."""
    try:
        return _fields(str(pid))[0] in (b"Z", b"X")
    except (OSError, IndexError):
        return True


def prctl(option: int, value: int) -> None:
    """Set an option of this process; elsewhere than on Linux nothing."""
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _by_parent() -> dict[int, list[int]]:
    """All processes of the machine by their parents."""
    children: dict[int, list[int]] = {}
    for name in _names("/proc"):
        if name.isdigit():
            with suppress(OSError, ValueError, IndexError):
                children.setdefault(int(_fields(name)[1]), []).append(int(name))
    return children


def _below(root: int, children: Mapping[int, list[int]]) -> list[int]:
    found: list[int] = []
    todo = [root]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def _fields(pid: str) -> list[bytes]:
    """What the system says of a process, from its state on: the name of a program, in brackets, may hold spaces and brackets."""
    return _read(f"/proc/{pid}/stat").rpartition(b")")[2].split(None, 2)


def _children() -> set[int] | None:
    """This process's children, those that have ended and are not reaped among them; None where that is not told."""
    found: set[int] = set()
    threads = _names("/proc/self/task")
    try:
        for thread in threads:
            found.update(map(int, _read(f"/proc/self/task/{thread}/children").split()))
    except OSError:
        # One that ends leaves its children to another, which may have been asked already.
        return None
    return found if threads else None


def _names(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries]
    except OSError:
        return []


def _read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, _LONGEST)
    finally:
        os.close(descriptor)
