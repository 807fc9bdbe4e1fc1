"""The projects whose rows somebody looks at: each loaded in a process of its own, few at once, and gone when nobody asks.

A process reads from a pipe of the server's: when the server ends, in whatever way, so does it.
"""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nb2svc_jupyter.server.rows.held import Held

_IDLE = 900.0


class Sites:
    """At most `most` processes; one that was asked nothing for `idle` seconds ends."""

    def __init__(self, *, most: int = 2, idle: float = _IDLE) -> None:
        self._most = most
        self._idle = idle
        self._held: dict[Path, Held] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def ask(self, place: Path, question: Mapping[str, Any]) -> dict[str, Any]:
        """The document that answers a question about a notebook's last build, or about a project.

        Raises:
            Nb2svcError: nothing was built, its rows are not here, or the question has no answer.
        """
        # Not before somebody asks: a server starts without what compares rows.
        from nb2svc_jupyter.server.rows.held import Held

        held = self._held.pop(place, None) or Held(place)
        self._held[place] = held  # the last one asked is at the end
        for other in list(self._held)[: -self._most]:
            await asyncio.to_thread(self._held.pop(other).close)
        self._tidy_later()
        return await asyncio.to_thread(held.ask, question)

    async def close(self) -> None:
        """End every process."""
        if self._timer is not None:
            self._timer.cancel()
        while self._held:
            await asyncio.to_thread(self._held.popitem()[1].close)

    @property
    def pids(self) -> list[int]:
        """The processes that are there."""
        return [held.pid for held in self._held.values() if held.pid]

    def _tidy_later(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(min(self._idle, 30.0), self._tidy)

    def _tidy(self) -> None:
        self._timer = None
        for place, held in list(self._held.items()):
            if time.monotonic() - held.asked > self._idle:
                del self._held[place]
                asyncio.get_running_loop().run_in_executor(None, held.close)
        if self._held:
            self._tidy_later()
