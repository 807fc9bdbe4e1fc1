"""Where a run is made on a worker: in the notebook's own folder where the worker sees it, else in a fresh one."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nb2svc.errors import EnvironmentProblem
from nb2svc.system.digests import file_digest
from nb2svc.validate.cluster.travel import Luggage, Trip, inodes

# `../../data/x.csv` still lies inside the fresh folder.
_DEEP = "a/b/c/d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`home` is the run's own folder on the worker, `cwd` where its kernel stands; `moved` says that this is a fresh one, too."""

    home: Path
    cwd: Path
    moved: bool


@contextmanager
def placed(trip: Trip, *, scratch: str | None, worker: str) -> Iterator[Place]:
    """A place for a run, gone afterwards. On a disk that all workers share it is the folder that the command names.

    Raises:
        EnvironmentProblem: a file that the code reads is not on this worker, or is another one.
    """
    cwd = Path(trip.task.cwd)
    with tempfile.TemporaryDirectory(prefix="nb2svc-run-", dir=scratch) as made:
        home = Path(made).resolve()
        if trip.luggage.inodes and inodes(cwd) == trip.luggage.inodes:
            yield Place(home=home, cwd=cwd, moved=False)
            return
        fresh = home / _DEEP / cwd.name
        fresh.mkdir(parents=True)
        _unpack(trip.luggage, fresh)
        (fresh / Path(trip.task.path).name).write_bytes(trip.task.content)
        _find_data(trip.luggage, cwd, fresh, worker=worker)
        yield Place(home=home, cwd=fresh, moved=True)


def as_if_at(text: str, place: Place, cwd: str) -> str:
    """JSON text of a run in a fresh folder, with the paths that it would have had in the folder that was meant."""
    return text.replace(_inside(str(place.cwd)), _inside(cwd)) if place.moved else text


def _unpack(luggage: Luggage, folder: Path) -> None:
    for name, content in luggage.files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _find_data(luggage: Luggage, cwd: Path, fresh: Path, *, worker: str) -> None:
    """Link the data that lie here by the path that is meant; what was asked for is found as the code names it."""
    home = Path(str(fresh).removesuffix(f"{_DEEP}/{cwd.name}"))
    for name, digest in luggage.data:
        real, link = cwd / name, Path(os.path.normpath(fresh / name))
        if not real.is_file():
            raise EnvironmentProblem(
                f"the worker {worker} has no {name}",
                where=str(real),
                why="the notebook reads it; it lies where the command was given, and data do not travel",
                fix="keep notebook and data on a disk that all workers share, at the same path, or read the file from a URL",
            )
        if file_digest(real) != digest:
            raise EnvironmentProblem(
                f"the worker {worker} has another {name}",
                where=str(real),
                why="it is not the file that lies where the command was given: its runs would be about other data",
                fix="copy the file there anew, or keep it on a disk that all workers share",
            )
        if not Path(name).is_absolute() and link.is_relative_to(home) and not link.exists():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(real)


def _inside(path: str) -> str:
    """A path as it stands inside a JSON string."""
    return json.dumps(path)[1:-1]
