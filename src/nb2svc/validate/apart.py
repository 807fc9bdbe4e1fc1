"""Runs that write a file and read it are kept apart: at the same time in one folder, one would read what another wrote."""

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from nb2svc.ir.validation import RunResult


class TogetherError(Exception):
    """Runs were made at the same time that have to be made one after the other; the message says why."""


class Apart:
    """Hears of runs as they end, and passes them on."""

    def __init__(self, ended: Callable[[RunResult], None]) -> None:
        self._ended = ended
        self._rewritten: set[str] = set()

    def ended(self, result: RunResult) -> None:
        """A run ended.

        Raises:
            TogetherError: it wrote and read a file that another did.
        """
        both = sorted(self._rewritten.intersection(result.rewritten))
        if both:
            raise TogetherError(
                f"each run writes {both[0]} and reads it: side by side one would read what another wrote, "
                "so all are made one at a time"
            )
        self._rewritten.update(result.rewritten)
        self._ended(result)


def shared_files(paths: Iterable[str], *, cwd: Path) -> tuple[str, ...]:
    """Those of a run's files that other runs see as well, as seen from the folder where it ran."""
    temporary, here = Path(tempfile.gettempdir()).resolve(), cwd.resolve()
    found = []
    for path in map(Path, paths):
        if path.is_relative_to(here):
            found.append(str(path.relative_to(here)))
        # Temporary files have names of their own, and a device is nobody's.
        elif not path.is_relative_to(temporary) and (path.is_file() or not path.exists()):
            found.append(str(path))
    return tuple(found)
