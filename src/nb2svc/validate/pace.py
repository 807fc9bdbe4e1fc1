"""Whether sharing cells pays: it costs one run more than it makes, and saves the shared cells' time in each of the others."""

from nb2svc.capture.settings import CellState
from nb2svc.system import clock
from nb2svc.validate.once import Tell
from nb2svc.validate.task import RunTask

_LITTLE = 2.0
"""Seconds: who loses less compares, so that short runs do not go one way today and another tomorrow."""


class Pace:
    """When a run was at which of its cells; who wants to know where it is hears of it as before."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._heard: list[tuple[int, float]] = []

    def tell(self, cell: int, state: CellState) -> None:
        """A cell begins or ends."""
        self._heard.append((cell, clock.seconds()))
        self._tell(cell, state)

    def loss(self, task: RunTask) -> str:
        """Why the other runs of this worker lose by sharing; "" where they gain.

        5 of 30 seconds shared by 8 runs: they save 35 and cost 30, which pays; shared by 6 runs they save 25.
        """
        if not self._heard or task.prefix is None or not task.shared_by:
            return ""
        begin, end = self._heard[0][1], self._heard[-1][1]
        behind = next((at for cell, at in self._heard if cell not in task.prefix.cells), end)
        whole, shared = end - begin, behind - begin
        if whole - (task.shared_by - 1) * shared < _LITTLE:
            return ""
        return f"they take {shared:.1f} s of {whole:.1f} s, so {task.shared_by} runs would lose more by comparing than they save"
