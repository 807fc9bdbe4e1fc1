"""Ends a forked kernel that hangs: nothing is heard of it, and neither it nor what it started uses the processor.

A library that does not bear a fork waits for a thread that is not there (waits.py). Its run is then made again in a kernel of its
own, and it is known from then on how long that cell may take. A cell that sleeps, or waits for somebody else, is left alone: it
has the run's time limit, as in any kernel.
"""

import os
import threading
from contextlib import suppress
from pathlib import Path

from nb2svc.system import clock
from nb2svc.system.descendants import descendants
from nb2svc.validate.forking.host import Forked
from nb2svc.validate.forking.waits import threads_of, waiting, wakings

LEAST = 10.0
TIMES = 5.0
# Where it can't be told what a cell waits for, it is given so many times as long.
PATIENCE = {"lost": 1.0, "doubtful": 6.0}
LOOK = 1.0
# A kernel that waits wakes up now and then, for less than that share of a processor.
_IDLE = 0.02


class Stall:
    """Watches one kernel; `cells` holds how long each cell took at most, by its id, and learns it."""

    def __init__(self, cells: dict[str, float]) -> None:
        self.hung = False
        self._cells = cells
        self._ended = threading.Event()
        self._pid = 0
        self._cell = ""
        self._messages = 0
        self._own: frozenset[int] = frozenset()
        self._began = self._heard = clock.seconds()

    def watch(self, kernel: Forked) -> None:
        """Begin, with a kernel that was just forked."""
        self._heard, self._pid = clock.seconds(), kernel.pid
        threading.Thread(target=self._watch, name="nb2svc-stall", daemon=True).start()

    def heard(self, cell: str) -> None:
        """A sign of life while that cell runs ("": between cells): that it is asked for, and then each of its messages."""
        self._heard = now = clock.seconds()
        self._own = self._own or threads_of(self._pid)
        if cell == self._cell:
            self._messages += 1
            return
        if self._cell:
            self._cells[self._cell] = max(self._cells.get(self._cell, 0.0), now - self._began)
        self._cell, self._began, self._messages = cell, now, 0

    def end(self) -> None:
        """Watch no more."""
        self._ended.set()

    def _watch(self) -> None:
        # Most runs are over by then: it is not looked before.
        if self._ended.wait(LOOK):
            return
        used, woken, looked = _used(self._pid), wakings(self._pid), clock.seconds()
        while not self._ended.wait(LOOK):
            now, before, before_woken = clock.seconds(), used, woken
            used, woken, since, looked = _used(self._pid), wakings(self._pid), now - looked, now
            if abs(used - before) > _IDLE * since:
                self._heard = now
            if self._hangs(now - self._heard, woken=(woken - before_woken) / since):
                self.hung = True
                with suppress(ProcessLookupError):
                    os.killpg(self._pid, 9)
                return

    def _hangs(self, idle: float, *, woken: float) -> bool:
        usual = max(LEAST, TIMES * self._cells.get(self._cell, 0.0))
        if idle < usual:
            return False
        found = waiting(self._pid, own=self._own, rests=not self._messages, woken=woken)
        return found != "outside" and idle >= usual * PATIENCE[found]


def _used(pid: int) -> float:
    """Processor time of a process and of all below it, in seconds."""
    ticks = 0
    for each in (pid, *descendants(pid)):
        with suppress(OSError, ValueError, IndexError):
            fields = Path(f"/proc/{each}/stat").read_bytes().rpartition(b")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")
