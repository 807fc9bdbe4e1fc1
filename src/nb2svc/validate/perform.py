"""One task to its committed result: tried again where it died, and made by the slot of the thread that it came to.

This is what an executor is given: `executor.submit(perform, task)`. Many attempts, one commit.
"""

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ParamSpec, TypeVar

from nb2svc.ir.validation import Failure, RunResult, RunStatus
from nb2svc.system.clock import readable
from nb2svc.validate.folder import commit, place_of, staged_run
from nb2svc.validate.secrets import struck
from nb2svc.validate.slot import Event, Slot, SlotLostError
from nb2svc.validate.task import RunTask
from nb2svc.validate.url import UrlOutput

P = ParamSpec("P")
T = TypeVar("T")
Hear = Callable[[RunTask, Event], None]

# The slot that belongs to a thread of the executor, and who hears of its runs.
_here = threading.local()


@contextmanager
def at_slot(slot: Slot, hear: Hear) -> Iterator[None]:
    """Have `perform` make runs at that slot in this thread."""
    _here.slot, _here.hear = slot, hear
    try:
        yield
    finally:
        del _here.slot, _here.hear


class StoppedError(Exception):
    """The executor was told to stop before the run was finished."""


def perform(task: RunTask) -> RunResult:
    """Make a run, and keep it under its key.

    Raises:
        StoppedError: the executor stopped meanwhile.
        EnvironmentProblem: the run can't be kept.
    """
    slot: Slot = _here.slot
    hear: Hear = _here.hear
    output = UrlOutput(task.output) if task.output else None
    if output and (there := output.committed(task.spec, session=task.session)):
        # Made by a worker that was killed before anybody heard of it.
        return there
    attempt = 1
    while True:
        with staged_run(Path(task.folder)) as staged:
            hear(task, {"event": "started", "attempt": attempt})
            result = replace(_attempt(slot, task, staged, hear), attempts=attempt)
            if result.status != "died" or attempt > task.retries:
                commit(staged, Path(task.folder), result)
                result = put(output, task, result) if output else result
                hear(task, {"event": "kept"})
                return result
        attempt += 1


def put(output: UrlOutput, task: RunTask, result: RunResult) -> RunResult:
    """Put a run that was committed in the task's folder to the URL that it belongs to.

    Raises:
        EnvironmentProblem: it can't be written.
    """
    made = Path(task.folder) / place_of(task.spec)
    try:
        return output.put(made, result, session=task.session)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _attempt(slot: Slot, task: RunTask, staged: Path, hear: Hear) -> RunResult:
    try:
        return slot.run(task, staged, lambda event: hear(task, event))
    except SlotLostError as lost:
        if lost.stopped:
            raise StoppedError from None
        failure = _late(task) if lost.over_time else _gone(struck(lost.log, dict(task.secrets)))
        status: RunStatus = "timeout" if lost.over_time else "died"
        return RunResult(key=task.spec.key, spec=task.spec, status=status, failure=failure, folder=place_of(task.spec))


def _gone(log: str) -> Failure:
    return Failure(
        what="the process that ran the notebook is gone",
        why="it was killed, usually because memory ran out",
        fix="run fewer at a time (--jobs), on fewer rows, or on a machine with more memory",
        details=log,
    )


def _late(task: RunTask) -> Failure:
    return Failure(
        what=f"the run did not end after {readable(task.timeout or 0.0)}, nor when its kernel was killed",
        fix="allow more with --timeout, or see whether the disk or a network drive hangs",
    )


@dataclass(slots=True)
class LocalExecutor(Executor):
    """An executor with `jobs` slots on this machine; `hear` is called from its threads."""

    jobs: int
    logs: Path
    hear: Hear
    _slots: list[Slot] = field(default_factory=list)
    _pool: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.jobs, thread_name_prefix="nb2svc-slot", initializer=self._begin)

    def submit(self, function: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> "Future[T]":
        """Have a function run in a thread that has a slot."""
        return self._pool.submit(function, *arguments, **named)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - its base's signature
        """End the slots; with `cancel_futures` also those that make a run, which is then lost."""
        if cancel_futures:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._end()
        self._pool.shutdown(wait=wait)
        self._end()

    def _begin(self) -> None:
        slot = Slot(self.logs / f"worker-{len(self._slots) + 1}.log")
        self._slots.append(slot)
        _here.slot, _here.hear = slot, self.hear

    def _end(self) -> None:
        for slot in self._slots:
            with suppress(OSError):
                slot.stop()
