"""What an earlier build left, for whoever looks at it without a run: a capture with its observation."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from nb2svc.capture.cache import MANIFEST, captures_of, load_capture
from nb2svc.capture.observe import OBSERVATION, check_kept_files, parse_observation, read_observation
from nb2svc.errors import EnvironmentProblem, InternalError
from nb2svc.ir.capture import Capture
from nb2svc.ir.observation import Observation


def latest(notebook: Path) -> tuple[Capture, Observation] | None:
    """The newest whole capture of a notebook's file with its observation, or None; nothing is run or written.

    Damaged ones are passed over: each file's digest was checked. It may be older than the notebook is now, or of other
    parameters: compare `notebook_digest`, `parameters` and `points` where that matters.
    """
    return next(_whole(notebook), None)


def glance(notebook: Path) -> tuple[Capture, Observation] | None:
    """`latest`, without looking at the captured values: enough for what is told of them, again and again as somebody types."""
    for folder in captures_of(notebook):
        try:
            seen = tuple((folder / name).stat().st_mtime_ns for name in (MANIFEST, OBSERVATION))
            return _glanced(folder, seen)
        except (OSError, EnvironmentProblem, InternalError):
            continue
    return None


@lru_cache(maxsize=16)
def _glanced(folder: Path, seen: tuple[int, ...]) -> tuple[Capture, Observation]:
    """`seen` are the times of its files: another build makes another answer."""
    del seen
    return replace(load_capture(folder), folder=str(folder)), parse_observation(folder)


def _whole(notebook: Path) -> Iterator[tuple[Capture, Observation]]:
    for folder in captures_of(notebook):
        try:
            # The folder may have been moved with the notebook since.
            capture = replace(load_capture(folder), folder=str(folder))
            check_kept_files(capture)
            yield capture, read_observation(folder)
        except (EnvironmentProblem, InternalError):
            continue
