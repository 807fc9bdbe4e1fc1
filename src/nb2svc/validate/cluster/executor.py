"""An executor whose slots are the threads of a Dask cluster's workers.

Which worker makes a run is decided here, not by Dask: at most as many as a worker has threads, so that a worker that dies takes
few with it; none on a worker that was refused; and a run that lost its worker too often is made once more alone on one before it
is blamed. A finished run is fetched, kept and let go at once, for Dask computes again what it holds for us on a worker that dies.
"""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, ParamSpec, TypeVar, cast

from nb2svc.errors import EnvironmentProblem, InternalError
from nb2svc.ir.validation import Failure, RunResult
from nb2svc.validate.cluster.link import GoneError, Link, Worker
from nb2svc.validate.cluster.roster import Roster
from nb2svc.validate.cluster.travel import Luggage, Return, Trip, packed, returned
from nb2svc.validate.folder import place_of
from nb2svc.validate.perform import Hear, StoppedError
from nb2svc.validate.slot import raised
from nb2svc.validate.task import RunTask

P = ParamSpec("P")
T = TypeVar("T")

_PERFORM = "__import__('nb2svc.validate.cluster.there', fromlist=['there']).perform(content)"
_END = "__import__('nb2svc.validate.cluster.there', fromlist=['there']).end(session)"
_LOOK = 1.0
_FETCHING = 60.0
_ENDING = 20.0
# How long a run may wait for a thread of its worker while another worker has room.
_QUEUEING = 30.0


@dataclass(slots=True, kw_only=True)
class _Item:
    """A run that was asked for: `losses` are workers that it lost, `alone` that it is made beside no other."""

    task: RunTask
    function: str
    future: Future[RunResult]
    losses: int = 0
    alone: bool = False


@dataclass(slots=True, kw_only=True)
class _Flight:
    """A run on a worker, since when, and whether it has a thread there: others may use the cluster, too."""

    item: _Item
    worker: Worker
    sent: Any
    since: float
    arrived: bool = False


@dataclass(slots=True, kw_only=True)
class DaskExecutor(Executor):
    """An executor for `perform`; `hear` is called from its threads.

    `keep` takes a result with the files that came back, and gives the result as it was kept; with `puts_there` workers put runs
    to the task's URL themselves.
    """

    link: Link
    roster: Roster
    luggage: Luggage
    session: str
    puts_there: bool
    hear: Hear
    keep: Callable[[RunTask, Return], RunResult]
    jobs: int | None = None
    _queue: "queue.Queue[tuple[str, Any]]" = field(default_factory=queue.Queue)
    _pending: deque[_Item] = field(default_factory=deque)
    _flights: dict[str, _Flight] = field(default_factory=dict)
    _count: int = 0
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        """Look at the workers first.

        Raises:
            EnvironmentProblem: there is none, or each was refused.
        """
        try:
            self.roster.gather()
        except GoneError as error:
            self.link.close()
            raise _gone(error, self.link.executor) from error
        except BaseException:
            self.link.close()
            raise
        self.link.hear(self._topic, self._told)
        self._thread = threading.Thread(target=self._run, name="nb2svc-dask", daemon=True)
        self._thread.start()

    @property
    def threads(self) -> int:
        """How many runs are made at the same time, as the cluster is now."""
        found = sum(worker.threads for worker in self.roster.workers.values())
        return min(found, self.jobs) if self.jobs else found

    def submit(self, function: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> "Future[T]":
        """Have a function that takes a task called on a worker, in a thread that has a slot."""
        (task,) = arguments
        if named or not isinstance(task, RunTask):
            raise TypeError("only a task can travel")
        future: Future[RunResult] = Future()
        item = _Item(task=task, function=f"{function.__module__}:{function.__qualname__}", future=future)
        self._queue.put(("new", item))
        return cast("Future[T]", future)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - its base's signature
        """End what is below the workers' slots; with `cancel_futures` also runs that are being made, which are then lost."""
        self._queue.put(("stop" if cancel_futures else "done", None))
        if wait:
            self._thread.join()

    @property
    def _topic(self) -> str:
        return f"nb2svc-{self.session}"

    def _run(self) -> None:
        """The thread in which all of it happens, until it is told to stop."""
        try:
            self._serve()
        except GoneError as error:
            self._fail(_gone(error, self.link.executor))
        except EnvironmentProblem as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            self._fail(InternalError(f"the runs on Dask can't go on: {type(error).__name__}: {error}"))
        finally:
            self._end()

    def _serve(self) -> None:
        looked, ending = time.monotonic(), False
        while not (ending and not self._flights and not self._pending):
            try:
                what, about = self._queue.get(timeout=_LOOK)
            except queue.Empty:
                what, about = "", None
            if what == "stop":
                self._fetch_finished()
                return
            ending = ending or what == "done"
            if what == "new":
                self._pending.append(about)
            elif what == "landed":
                self._land(about)
            self.link.check()
            if time.monotonic() - looked > _LOOK:
                self._look()
                looked = time.monotonic()
            self._send()

    # --- runs ------------------------------------------------------------------------------------

    def _look(self) -> None:
        """See which workers came and which are gone."""
        self.roster.look()
        for key, flight in list(self._flights.items()):
            if flight.worker.address not in self.roster.workers:
                self._lose(key)
            elif not flight.arrived and time.monotonic() - flight.since > _QUEUEING:
                self._call_back(key)

    def _send(self) -> None:
        """Give workers what they have room for."""
        waiting: list[_Item] = []
        while self._pending and len(self._flights) < self.threads:
            item = self._pending.popleft()
            if item.future.cancelled():
                continue
            worker = self._room(alone=item.alone)
            if worker is None:
                waiting.append(item)
            else:
                self._depart(item, worker)
        self._pending.extendleft(reversed(waiting))

    def _room(self, *, alone: bool) -> Worker | None:
        """The worker with most room, or one that has nothing else to do."""
        load = dict.fromkeys(self.roster.workers, 0)
        reserved = set[str]()
        for flight in self._flights.values():
            load[flight.worker.address] = load.get(flight.worker.address, 0) + 1
            reserved |= {flight.worker.address} if flight.item.alone else set()
        free = [
            worker
            for address, worker in self.roster.workers.items()
            if worker.ready and address not in reserved and (load[address] == 0 if alone else load[address] < worker.threads)
        ]
        return max(free, key=lambda worker: worker.threads - load[worker.address], default=None)

    def _depart(self, item: _Item, worker: Worker) -> None:
        self._count += 1
        ours = f"{self._topic}-{self._count}"
        trip = Trip(
            task=item.task if self.puts_there else replace(item.task, output=""),
            luggage=self.luggage,
            secrets=tuple(each.secret for each in item.task.spec.parameters if each.secret),
            function=item.function,
            topic=self._topic,
            ours=ours,
        )
        sent = self.link.send(
            worker.address, packed(trip), call=_PERFORM, key=ours, done=lambda _: self._queue.put(("landed", ours))
        )
        self._flights[ours] = _Flight(item=item, worker=worker, sent=sent, since=time.monotonic())

    def _land(self, ours: str) -> None:
        """A run that Dask says is over: kept, and let go of."""
        flight = self._flights.get(ours)
        if flight is None:
            return
        try:
            content = flight.sent.result(timeout=_FETCHING)
        except TimeoutError:
            # Its worker died with it; who is gone is seen in a moment.
            return
        except Exception as error:  # noqa: BLE001 - Dask's own, and whatever a worker raised
            self._failed(ours, error)
            return
        del self._flights[ours]
        flight.sent.release()
        self._settle(flight.item, content)

    def _failed(self, ours: str, error: Exception) -> None:
        self.link.check()
        name = type(error).__name__
        if name in ("KilledWorker", "FutureCancelledError", "CancelledError"):
            self._lose(ours)
            return
        flight = self._flights.pop(ours)
        _resolve(flight.item.future, InternalError(f"the worker {flight.worker.shown} can't make runs: {name}: {error}"))

    def _settle(self, item: _Item, content: bytes) -> None:
        try:
            came = returned(content)
            if came.result is None:
                _resolve(item.future, raised(came.problem or {}))
                return
            told = replace(came.result, attempts=came.result.attempts + item.losses)
            _resolve(item.future, self.keep(item.task, replace(came, result=told)))
        except Exception as error:  # noqa: BLE001 - whoever waits hears of it
            _resolve(item.future, error)

    def _lose(self, ours: str) -> None:
        """The worker is gone in the middle of a run: elsewhere again, in the end alone, and then it is the run's fault."""
        flight = self._flights.pop(ours)
        with suppress(Exception):
            flight.sent.cancel()
        item = flight.item
        item.losses += 1
        if item.alone:
            try:
                _resolve(item.future, self.keep(item.task, Return(result=_blamed(item, flight.worker))))
            except Exception as error:  # noqa: BLE001 - whoever waits hears of it
                _resolve(item.future, error)
            return
        item.alone = item.losses > item.task.retries
        self._pending.appendleft(item)

    def _call_back(self, ours: str) -> None:
        """Take a run from a worker that is busy with somebody else's tasks, where another has room."""
        flight = self._flights[ours]
        other = self._room(alone=flight.item.alone)
        if other is not None and other.address != flight.worker.address:
            del self._flights[ours]
            flight.sent.cancel()
            self._depart(flight.item, other)

    def _told(self, message: Mapping[str, Any]) -> None:
        flight = self._flights.get(message["ours"])
        if flight is not None:
            flight.arrived = True
            self.hear(flight.item.task, message["event"])

    # --- the end ---------------------------------------------------------------------------------

    def _fetch_finished(self) -> None:
        """What had landed before it was told to stop counts."""
        with suppress(queue.Empty):
            while True:
                what, about = self._queue.get_nowait()
                if what == "landed":
                    self._land(about)

    def _end(self) -> None:
        """Leave nothing on the workers that we can reach, and nobody waiting."""
        with suppress(Exception):
            for flight in self._flights.values():
                flight.sent.cancel()
        with suppress(GoneError):
            deadline = time.monotonic() + _ENDING
            while time.monotonic() < deadline:
                self.link.check()
                answers = self.link.ask(self.link.workers(), _END, session=self.session)
                if not any(isinstance(busy, int) and busy for busy in answers.values()):
                    break
                time.sleep(0.2)
        self._fail(StoppedError())
        self.link.close()

    def _fail(self, error: Exception) -> None:
        waiting: Sequence[_Item] = [*(flight.item for flight in self._flights.values()), *self._pending]
        for item in waiting:
            _resolve(item.future, error)
        with suppress(queue.Empty):
            while True:
                what, about = self._queue.get_nowait()
                if what == "new":
                    _resolve(about.future, error)


def _gone(error: Exception, executor: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "the Dask scheduler is gone",
        where=executor,
        why=str(error),
        fix="start it again, and give the same command: finished runs are kept, and are not made again",
    )


def _blamed(item: _Item, worker: Worker) -> RunResult:
    failure = Failure(
        what=f"each worker that ran it died, {item.losses} in all",
        where=f"the last was {worker.shown}, which ran nothing else",
        why="the run ended it, or took more memory than the worker may have",
        fix="see the worker's log, run it on fewer rows, or give workers more memory",
    )
    task = item.task
    return RunResult(
        key=task.spec.key,
        spec=task.spec,
        status="died",
        failure=failure,
        folder=place_of(task.spec),
        attempts=item.losses,
        worker=worker.shown,
    )


def _resolve(future: Future[RunResult], outcome: RunResult | Exception) -> None:
    """Tell whoever waits, if nobody did yet."""
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
