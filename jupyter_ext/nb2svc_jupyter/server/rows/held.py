"""One project whose rows somebody looks at, in a process of its own."""

import time
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from nb2svc.errors import EnvironmentProblem
from nb2svc.parity.asking import RowProcess
from nb2svc.rowwise import Site, document, last_build, mark, site_of, site_of_notebook, start


class Held:
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
        """The process, or 0 while there is none."""
        return self._process.pid if self._process is not None else 0

    def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """The document that answers a question, of the project as it is now.

        Raises:
            Nb2svcError: nothing was built, its rows are not here, or the question has no answer.
        """
        with self._lock:
            self.asked = time.monotonic()
            site, process = self._loaded()
            try:
                return document(site, process.ask(question))
            except EnvironmentProblem:
                self._forget()
                raise

    def close(self) -> None:
        """End the process."""
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
