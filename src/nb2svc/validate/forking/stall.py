"""Ends a forked kernel that hangs: nothing is heard of it, and neither it nor what it started uses the processor.

A library that does not bear a fork waits for a thread that is not there. A cell that only waits looks the same: its run is then
made again in a kernel of its own, and it is known from then on how long that cell may take.
"""

import os
import threading
from contextlib import suppress
from pathlib import Path

from nb2svc.system import clock
from nb2svc.system.descendants import descendants
from nb2svc.validate.forking.host import Forked

LEAST = 10.0
TIMES = 5.0
_LOOK = 1.0
# A kernel that waits wakes up now and then, for less than that share of a processor.
_IDLE = 0.02


class Stall:
    """Watches one kernel; `cells` holds how long each cell took at most, by its id, and learns it."""

    def __init__(self, cells: dict[str, float]) -> None:
        self.hung = False
        self._cells = cells
        self._ended = threading.Event()
        self._cell = ""
        self._began = self._heard = clock.seconds()

    def watch(self, kernel: Forked) -> None:
        """Begin, with a kernel that was just forked."""
        self._heard = clock.seconds()
        threading.Thread(target=self._watch, args=(kernel.pid,), name="nb2svc-stall", daemon=True).start()

    def heard(self, cell: str) -> None:
        """A sign of life while that cell runs ("": between cells)."""
        self._heard = now = clock.seconds()
        if cell == self._cell:
            return
        if self._cell:
            self._cells[self._cell] = max(self._cells.get(self._cell, 0.0), now - self._began)
        self._cell, self._began = cell, now

    def end(self) -> None:
        """Watch no more."""
        self._ended.set()

    def _watch(self, pid: int) -> None:
        before, looked = _used(pid), clock.seconds()
        while not self._ended.wait(_LOOK):
            used, now = _used(pid), clock.seconds()
            if abs(used - before) > _IDLE * (now - looked):
                self._heard = now
            before, looked = used, now
            if now - self._heard >= max(LEAST, TIMES * self._cells.get(self._cell, 0.0)):
                self.hung = True
                with suppress(ProcessLookupError):
                    os.killpg(pid, 9)
                return


def _used(pid: int) -> float:
    """Processor time of a process and of all below it, in seconds."""
    ticks = 0
    for each in (pid, *descendants(pid)):
        with suppress(OSError, ValueError, IndexError):
            fields = Path(f"/proc/{each}/stat").read_bytes().rpartition(b")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")
