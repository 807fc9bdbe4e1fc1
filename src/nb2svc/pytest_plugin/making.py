"""One validation that serves all tests of a notebook: made in a thread, its runs are told as each of them ends.

With xdist the worker that comes first makes all runs that the session wants, and the others read them as they are committed.
"""

import fcntl
import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from nb2svc.ir.codec import DecodeError, from_json
from nb2svc.ir.progress import ProgressEvent
from nb2svc.ir.validation import RunResult, RunSpec
from nb2svc.validate.driver import ValidateOptions, validate
from nb2svc.validate.folder import RESULT, RUNS, VALIDATION, place_of

_SESSION = "session"
_WAITING = ".waiting"
# Between two tests of another worker nobody waits for a moment.
_PAUSE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The runs of a notebook that a session wants, by their places; `options` are for all of its sets."""

    content: bytes
    options: ValidateOptions
    specs: Mapping[int, RunSpec]


class Making:
    """A validation under way. `held` is the lock that says that we make it; it is given back when all is made.

    `careful` begins no run after one that is not well until somebody asks for another one: a session may stop there (`-x`).
    """

    def __init__(self, wanted: Wanted, places: Sequence[int], *, held: ExitStack, careful: bool) -> None:
        self.error: BaseException | None = None
        self.made: dict[str, RunResult] = {}
        self._wanted = wanted
        self._places = tuple(places)
        self._held = held
        self._careful = careful
        self._due = threading.Event()
        self._stopped = threading.Event()
        self._end: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._make, name="nb2svc-validation")
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether no other run will come."""
        return not self._thread.is_alive()

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Somebody waits for a run that is not there yet."""
        self._due.set()
        try:
            yield
        finally:
            self._due.clear()

    def stop(self) -> None:
        """End the runs that are being made; none is left when this returns."""
        self._stopped.set()
        while self._thread.is_alive():
            self._end()
            self._thread.join(0.1)

    def _make(self) -> None:
        options = self._wanted.options
        wanted = replace(options, asked=replace(options.asked, only=self._places), stoppable=self._stoppable)
        try:
            with self._held:
                made = validate(self._wanted.content, wanted, environment=os.environ, progress=self._told)
                self.made = {run.key: run for run in made.validation.runs}
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits for a run
            self.error = error

    def _stoppable(self, end: Callable[[], None]) -> None:
        self._end = end

    def _told(self, event: ProgressEvent) -> None:
        """Heard in the thread that is about to begin a run: it waits here."""
        if not (self._careful and event.run and event.run.status == "running" and event.cell is None):
            return
        folder = Path(str(self._wanted.options.output))
        ended = [read_run(folder, spec) for spec in self._wanted.specs.values()]
        if any(run is not None and run.status != "ok" for run in ended):
            while not (self._due.wait(0.05) or self._stopped.is_set()):
                pass


def read_run(folder: Path, spec: RunSpec) -> RunResult | None:
    """A run that was committed, however it ended; None where it is not there."""
    try:
        found = from_json(RunResult, json.loads((folder / place_of(spec) / RESULT).read_bytes()))
    except (OSError, ValueError, DecodeError):
        return None
    return found if found.key == spec.key else None


def of_session(folder: Path, session: str) -> bool:
    """Whether the runs in a folder are this session's."""
    with suppress(OSError):
        return (folder / _SESSION).read_text(encoding="utf-8") == session
    return False


def begin(folder: Path, session: str) -> None:
    """Take the place of an earlier session: each makes its runs anew."""
    if not of_session(folder, session):
        shutil.rmtree(folder / RUNS, ignore_errors=True)
        (folder / VALIDATION).unlink(missing_ok=True)
        (folder / _SESSION).write_text(session, encoding="utf-8")


@contextmanager
def waiting(folder: Path) -> Iterator[None]:
    """Have other workers know that somebody waits for a run."""
    with (folder / _WAITING).open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_SH)
        yield


def somebody_waits(folder: Path) -> bool:
    """Whether another worker does, now or in a moment."""
    for pause in (0.0, _PAUSE):
        time.sleep(pause)
        with (folder / _WAITING).open("a") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
    return False
