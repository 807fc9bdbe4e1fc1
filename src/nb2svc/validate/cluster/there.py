"""What runs in a Dask worker: it is called by name, since the scheduler must not need to know us.

A thread of the worker has a slot of its own, as a thread of the local executor has: worker ── pipe ──▸ supervisor ──▸ kernel. The
pipe ends with the worker, however it dies. A run ends, too, when nobody waits for it any more: the command was stopped or killed,
or the scheduler is gone.
"""

import importlib
import json
import os
import shutil
import socket
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nb2svc.errors import EnvironmentProblem, InternalError, Nb2svcError
from nb2svc.ir.codec import from_json, to_json
from nb2svc.ir.validation import RunResult
from nb2svc.validate.cluster.placing import Place, as_if_at, placed
from nb2svc.validate.cluster.travel import Trip, obeyed, to_return, unpacked
from nb2svc.validate.folder import NOTED, RESULT, RUNS, place_of
from nb2svc.validate.perform import at_slot
from nb2svc.validate.slot import Event, Slot
from nb2svc.validate.task import RunTask
from nb2svc.validate.url import UrlOutput

# An event: the run has a thread of the worker. It may still look for its data.
ARRIVED = "arrived"
# A slot that nobody used for so long goes: its command may have been killed.
_IDLE = 30.0
_LOOK = 0.3


@dataclass(slots=True)
class _Held:
    """A slot of a thread, with the session that it works for, and whether it makes a run now."""

    slot: Slot
    session: str
    environment: Mapping[str, str]
    folder: Path
    busy: bool = False
    ended: bool = False
    _idle: threading.Timer | None = field(default=None)

    def rest(self) -> None:
        """The run is over: wait for the next one, but not for ever."""
        self.busy = False
        self._idle = threading.Timer(_IDLE, self._expire)
        self._idle.daemon = True
        self._idle.start()

    def wake(self) -> None:
        """The next run."""
        if self._idle is not None:
            self._idle.cancel()
        self.busy = True

    def _expire(self) -> None:
        with _lock:
            if self.busy:
                return
            self.ended = True
        self.end()

    def end(self) -> None:
        """End what is below the slot; a run that it makes is lost."""
        self.ended = True
        with suppress(OSError):
            self.slot.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


_held: dict[int, _Held] = {}
_lock = threading.Lock()


def perform(content: bytes) -> bytes:
    """Make a run that travelled here, and send back its result with what it left, or the parts of an error."""
    from distributed import get_worker

    trip, worker = unpacked(content), get_worker()
    name = f"{worker.address} on {socket.gethostname()}"
    try:
        with _slot(trip, _scratch(worker)) as held, _watched(worker, trip.ours, held):
            return _made(trip, held.slot, worker=worker, name=name)
    except Exception as raised:  # noqa: BLE001 - whoever asked tells it
        error = raised if isinstance(raised, Nb2svcError) else _ours(raised)
        parts = {"what": error.what, "where": error.where, "why": error.why, "fix": error.fix, "details": error.details}
        return json.dumps({"problem": {**parts, "exit_code": error.exit_code}}).encode()


def end(session: str) -> int:
    """End all slots of a session without waiting for it: how many still make a run."""
    with _lock:
        mine = [held for held in _held.values() if held.session == session]
    for held in mine:
        if not held.ended:
            held.ended = True
            threading.Thread(target=held.end, name="nb2svc-end", daemon=True).start()
    return sum(held.busy for held in mine)


def _made(trip: Trip, slot: Slot, *, worker: Any, name: str) -> bytes:
    """The run, in whose place it has to be kept: at the URL, from here, or sent back."""
    output = UrlOutput(trip.task.output) if trip.task.output else None
    if output and (kept := output.committed(trip.task.spec, session=trip.task.session)):
        # Made by a worker that was killed before anybody heard of it.
        return to_return(kept, (), moved=False)

    def hear(_: RunTask, event: Event) -> None:
        worker.log_event(trip.topic, {"ours": trip.ours, "event": dict(event)})

    hear(trip.task, {"event": ARRIVED})

    with placed(trip, scratch=_scratch(worker), worker=name) as place:
        (place.home / RUNS).mkdir(mode=0o700)
        task = _here(trip, place, name)
        with at_slot(slot, hear):
            result = _function(trip.function)(task)
        told, folder = _at_home(result, place, trip.task.cwd, worker=name), place.home / place_of(task.spec)
        _note_at_home(folder / NOTED, place, trip.task.cwd)
        if output:
            return to_return(output.put(folder, told, session=trip.task.session), (), moved=place.moved)
        return to_return(told, _left(folder), moved=place.moved)


def _here(trip: Trip, place: Place, worker: str) -> RunTask:
    """The task as it is made here."""
    path = place.cwd / Path(trip.task.path).name if place.moved else Path(trip.task.path)
    secrets = tuple(_secrets(trip.secrets, worker))
    return replace(
        trip.task,
        cwd=str(place.cwd),
        path=str(path),
        folder=str(place.home),
        secrets=secrets,
        output="",
        alone=trip.task.alone or place.moved,
    )


def _function(name: str) -> Callable[[RunTask], RunResult]:
    module, _, attribute = name.partition(":")
    function: Callable[[RunTask], RunResult] = getattr(importlib.import_module(module), attribute)
    return function


def _secrets(names: tuple[str, ...], worker: str) -> Iterator[tuple[str, str]]:
    for name in names:
        if name not in os.environ:
            why = "secrets are read where runs are made, and are never sent"
            raise EnvironmentProblem(
                f"the worker {worker} has no secret {name}", where=f"env:{name}", why=why, fix="set the variable for all workers"
            )
        yield name, os.environ[name]


def _at_home(result: RunResult, place: Place, cwd: str, *, worker: str) -> RunResult:
    """The result with the paths that were meant; that a file is missing may be the worker's fault."""
    told = from_json(RunResult, json.loads(as_if_at(json.dumps(to_json(result)), place, cwd)))
    if place.moved and told.failure is not None:
        why = " ".join(filter(None, (told.failure.why, f"(on the worker {worker}, which does not see {cwd})")))
        told = replace(told, failure=replace(told.failure, why=why))
    return replace(told, worker=worker)


def _note_at_home(path: Path, place: Place, cwd: str) -> None:
    if place.moved and path.exists():
        path.write_text(as_if_at(path.read_text(encoding="utf-8"), place, cwd), encoding="utf-8")


def _left(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / RESULT:
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def _scratch(worker: Any) -> str | None:
    """The worker's own folder: Dask clears away what a worker left there that was killed."""
    return worker.local_directory if Path(worker.local_directory).is_dir() else None


@contextmanager
def _slot(trip: Trip, scratch: str | None) -> Iterator[_Held]:
    """The slot of this thread, which is kept from run to run; another command has one of its own."""
    mine, environment = threading.get_ident(), obeyed(trip.luggage, os.environ)
    with _lock:
        held = _held.get(mine)
        if held is None or held.ended or held.session != trip.task.session or held.environment != environment:
            old, folder = held, Path(tempfile.mkdtemp(prefix="nb2svc-slot-", dir=scratch))
            slot = Slot(folder / "worker.log", environment)
            held = _held[mine] = _Held(slot=slot, session=trip.task.session, environment=environment, folder=folder)
        else:
            old = None
        held.wake()
    if old is not None:
        old.end()
    try:
        yield held
    finally:
        held.rest()


@contextmanager
def _watched(worker: Any, ours: str, held: _Held) -> Iterator[None]:
    """End the run when Dask does not want it any more: a thread can't be stopped, what it waits for can."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_LOOK):
            if not _wanted(worker, ours):
                held.end()
                return

    watching = threading.Thread(target=watch, name="nb2svc-watch", daemon=True)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()


def _wanted(worker: Any, ours: str) -> bool:
    state = worker.state.tasks.get(ours)
    return state is not None and state.state in ("executing", "long-running") and worker.status.name in ("running", "paused")


def _ours(error: Exception) -> Nb2svcError:
    # Its message may hold anything, a secret too: the places are enough.
    places = "".join(traceback.format_tb(error.__traceback__))
    return InternalError(f"a run could not be made on a worker: {type(error).__name__}", details=places)
