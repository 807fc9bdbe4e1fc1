"""The projects whose rows somebody looks at: each loaded in a process of its own, few at once, and gone when nobody asks.

A process reads from a pipe of the server's: when the server ends, in whatever way, so does it.
"""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from nb2svc.errors import EnvironmentProblem
from nb2svc.parity.asking import RowProcess
from nb2svc.rowwise import Site, document, last_build, mark, site_of, site_of_notebook, start

_IDLE = 900.0


class Sites:
    """At most `most` processes; one that was asked nothing for `idle` seconds ends."""

    def __init__(self, *, most: int = 2, idle: float = _IDLE) -> None:
        self._most = most
        self._idle = idle
        self._held: dict[Path, _Held] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def ask(self, place: Path, question: Mapping[str, Any]) -> dict[str, Any]:
        """The document that answers a question about a notebook's last build, or about a project.

        Raises:
            Nb2svcError: nothing was built, its rows are not here, or the question has no answer.
        """
        held = self._held.pop(place, None) or _Held(place)
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


class _Held:
    """One loaded project; what was loaded is thrown away when the project or its capture changes."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._lock = Lock()
        self._process: RowProcess | None = None
        self._site: Site | None = None
        self._mark = ""
        self.asked = time.monotonic()

    @property
    def pid(self) -> int:
        return self._process.pid if self._process is not None else 0

    def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            self.asked = time.monotonic()
            site, process = self._loaded()
            try:
                return document(site, process.ask(question))
            except EnvironmentProblem:
                self._forget()
                raise

    def close(self) -> None:
        # Whoever is being answered gets told that the process has ended.
        process = self._process
        if process is not None:
            process.close()
        self._process = None

    def _loaded(self) -> tuple[Site, RowProcess]:
        # Reading a capture means to look at each of its files: only where something changed.
        site, process = self._site, self._process
        if site is not None and process is not None and process.alive and mark(site) == self._mark and self._is_last(site):
            return site, process
        self._forget()
        site = site_of_notebook(self._place) if self._of_notebook else site_of(self._place)
        now = mark(site)
        process = start(site)
        self._site, self._process, self._mark = site, process, now
        return site, process

    @property
    def _of_notebook(self) -> bool:
        return self._place.suffix in (".ipynb", ".py")

    def _is_last(self, site: Site) -> bool:
        """Whether the notebook's last build is still this one."""
        return not self._of_notebook or last_build(self._place) == site.project

    def _forget(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.close()
