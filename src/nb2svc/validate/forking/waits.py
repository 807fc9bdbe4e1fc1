"""What a process waits for that does nothing: something of the world, or a thread of its own that may not be there (Linux only).

A library that does not bear a fork waits for a lock that a thread held, or for a thread of a pool; neither came along, and nobody
will ever wake it. Whoever sleeps, listens to a socket or waits for a process is woken from outside. The system tells which:

    /proc/PID/task/TID/syscall    202 0x55d0… 0x189 0x0 0x0 …    a lock, without a time limit: nobody is known who releases it
                                  230 0x1 0x1 0x7ffc… …          asleep
"""

import platform
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nb2svc.system.descendants import descendants

Waiting = Literal["lost", "doubtful", "outside"]
"""`outside`: it is woken by a clock, a device or another process. `lost`: by a thread only, and there is none that could, or it
can't be told. `doubtful`: by a thread that waits for something outside itself, or by a clock again and again."""


@dataclass(frozen=True, slots=True)
class _Calls:
    """Numbers of system calls: locks with where they say what to do and how long, and a kernel's rest between cells."""

    futex: int
    epoll: tuple[int, ...]


_CALLS = {"x86_64": _Calls(202, (7, 271, 232, 281, 441)), "aarch64": _Calls(98, (73, 22, 441))}
_RUNNING = "R"
_STOPPED = "tTD"
# A thread that waits for the interpreter's lock asks 200 times in a second; who polls does it less often.
_OFTEN = 20
# The lock of a thread of this process; one that is shared may be another process's.
_PRIVATE = 128


@dataclass(frozen=True, slots=True)
class _Wait:
    """A thread at rest: its system call (-1: none), whether a lock is its process's own, and whether a clock ends the wait."""

    state: str
    call: int
    private: bool
    timed: bool


def threads_of(pid: int) -> frozenset[int]:
    """A process's threads, as they are now."""
    try:
        return frozenset(int(entry.name) for entry in Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return frozenset()


def wakings(pid: int) -> int:
    """How often the first thread of a process was woken."""
    try:
        status = Path(f"/proc/{pid}/task/{pid}/status").read_text(encoding="ascii", errors="replace")
        return int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])
    except (OSError, ValueError, IndexError):
        return 0


def waiting(pid: int, *, own: Collection[int], rests: bool, woken: float) -> Waiting:
    """What the first thread of a process waits for, where its cells run; `own` are threads that it had before the first.

    `rests` says that it was not heard to begin what it was asked for; `woken` is how often in a second it was woken lately.
    """
    calls = _CALLS.get(platform.machine())
    main = _wait_of(pid, pid, calls) if calls else None
    if main is None or calls is None:
        return "lost"
    if main.state in _STOPPED or main.state == _RUNNING:
        return "outside"
    if main.call != calls.futex:
        return "lost" if rests and main.call in calls.epoll else "outside"
    if main.timed:
        return "outside" if not woken else "lost" if woken > _OFTEN else "doubtful"
    others = (_wait_of(pid, each, calls) for each in threads_of(pid) - {pid, *own})
    if any(other is not None and other.call != calls.futex for other in others):
        return "doubtful"
    return "doubtful" if not main.private and descendants(pid) else "lost"


def _wait_of(pid: int, thread: int, calls: _Calls) -> _Wait | None:
    place = Path(f"/proc/{pid}/task/{thread}")
    try:
        state = (place / "stat").read_bytes().rpartition(b")")[2].split()[0].decode()
        words = (place / "syscall").read_text(encoding="ascii").split()
        if words[0] == "running" or words[0] == "-1":
            return _Wait(state, -1, private=True, timed=False)
        number, operation, limit = int(words[0]), int(words[2], 16), int(words[4], 16)
    except (OSError, ValueError, IndexError):
        return None
    is_lock = number == calls.futex
    return _Wait(state, number, private=not is_lock or bool(operation & _PRIVATE), timed=is_lock and limit != 0)
