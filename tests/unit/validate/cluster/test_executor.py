"""Which worker makes a run, and what becomes of it when workers go, without a cluster."""

import time
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from nb2svc.errors import EnvironmentProblem, RunError
from nb2svc.ir.validation import RunResult, RunSpec
from nb2svc.validate.cluster import executor as module
from nb2svc.validate.cluster import roster as roster_module
from nb2svc.validate.cluster.executor import DaskExecutor
from nb2svc.validate.cluster.roll import Asked
from nb2svc.validate.cluster.roster import Roster
from nb2svc.validate.cluster.travel import Luggage, Return, to_return, unpacked
from nb2svc.validate.perform import StoppedError, perform
from nb2svc.validate.task import RunTask
from unit.validate.cluster.fake_link import FakeLink, Sent
from watched_processes import eventually

LUGGAGE = Luggage(files=(("beside.py", b"x = 1\n"),), data=(), inodes=(1, 2), environment=(("TZ", "UTC"),))


def task(number: int, retries: int = 1) -> RunTask:
    spec = RunSpec(key=f"{number:016x}")
    return RunTask(
        spec=spec,
        content=b"{}",
        path="/p/n.ipynb",
        kernel="python3",
        cwd="/p",
        folder="/o",
        timeout=9.0,
        retries=retries,
        session="s",
    )


class Bench:
    def __init__(self, link: FakeLink, jobs: int | None = None) -> None:
        self.link = link
        self.kept: list[RunResult] = []
        self.notes: list[str] = []
        self.events: list[tuple[str, str]] = []
        roster = Roster(link=link, asked=Asked(kernel="python3", libraries=("nb2svc", "numpy")), note=self.notes.append)
        self.executor = DaskExecutor(
            link=link,
            roster=roster,
            luggage=LUGGAGE,
            session="s",
            puts_there=False,
            hear=lambda task, event: self.events.append((task.spec.key, event["event"])),
            keep=self.keep,
            jobs=jobs,
        )

    def keep(self, task: RunTask, came: Return) -> RunResult:
        self.kept.append(came.result)
        return came.result

    def submit(self, number: int, retries: int = 1) -> Future[RunResult]:
        return self.executor.submit(perform, task(number, retries))

    def flying(self, number: int) -> list[Sent]:
        return [sent for sent in self.link.sent if int(unpacked(sent.content).task.spec.key, 16) == number]

    def land(self, number: int) -> None:
        assert eventually(lambda: bool(self.flying(number)))
        sent = self.flying(number)[-1]
        spec = unpacked(sent.content).task.spec
        sent.land(to_return(RunResult(key=spec.key, spec=spec, status="ok"), (), moved=False))


@pytest.fixture
def link(monkeypatch: pytest.MonkeyPatch) -> FakeLink:
    monkeypatch.setattr(module, "_LOOK", 0.02)
    made = FakeLink()
    made.add("a")
    made.add("b")
    return made


@pytest.fixture
def bench(link: FakeLink) -> Iterator[Bench]:
    made = Bench(link)
    yield made
    made.executor.shutdown(cancel_futures=True)
    assert link.closed


def test_a_worker_gets_no_more_than_it_has_threads(bench: Bench):
    futures = [bench.submit(number) for number in range(3)]
    assert eventually(lambda: len(bench.link.sent) == 2)
    time.sleep(0.1)
    assert sorted(sent.worker for sent in bench.link.sent) == ["a", "b"]
    bench.land(0)
    assert futures[0].result(10).status == "ok"
    assert eventually(lambda: len(bench.link.sent) == 3)
    assert (bench.flying(0)[0].released, bench.flying(2)[0].worker) == (True, bench.flying(0)[0].worker)


def test_jobs_are_of_the_whole_cluster(link: FakeLink):
    bench = Bench(link, jobs=1)
    for number in range(2):
        bench.submit(number)
    assert eventually(lambda: len(link.sent) == 1)
    time.sleep(0.1)
    assert (len(link.sent), bench.executor.threads) == (1, 1)
    bench.executor.shutdown(cancel_futures=True)


def test_what_travels_holds_no_secret_and_no_folder_of_the_command(bench: Bench):
    bench.executor.submit(perform, RunTask(**{**_fields(task(0)), "secrets": (("TOKEN", "s3cr3t"),), "output": "s3://b"}))
    assert eventually(lambda: len(bench.link.sent) == 1)
    trip = unpacked(bench.link.sent[0].content)
    assert b"s3cr3t" not in bench.link.sent[0].content
    assert (trip.task.secrets, trip.task.output, trip.task.retries, trip.function) == (
        (),
        "",
        1,
        "nb2svc.validate.perform:perform",
    )
    assert trip.luggage == LUGGAGE


def test_a_run_whose_worker_went_is_made_elsewhere_and_told_once(bench: Bench):
    future = bench.submit(1)
    assert eventually(lambda: len(bench.link.sent) == 1)
    lost = bench.link.sent[0]
    del bench.link.found[lost.worker]
    assert eventually(lambda: len(bench.link.sent) == 2)
    assert (lost.cancelled, bench.link.sent[1].worker != lost.worker) == (True, True)
    bench.land(1)
    assert future.result(10).attempts == 2
    lost.land(lost.answer)
    time.sleep(0.1)
    assert len(bench.kept) == 1


def test_only_who_kills_a_worker_alone_is_blamed(link: FakeLink):
    link.found.clear()
    link.add("a", threads=2)
    link.add("b", threads=2)
    bench = Bench(link)
    killer, *others = [bench.submit(number, retries=0) for number in range(4)]
    assert eventually(lambda: len(link.sent) == 4)
    first = bench.flying(0)[0].worker
    neighbours = [number for number in (1, 2, 3) if bench.flying(number)[0].worker == first]
    assert len(neighbours) == 1
    del link.found[first]
    link.add("c", threads=2)
    # Each of the two runs on a worker alone: nothing is beside the killer when it strikes again.
    assert eventually(lambda: bench.flying(0)[-1].worker == "c" or bench.flying(neighbours[0])[-1].worker == "c")
    for number in {1, 2, 3} - set(neighbours):
        bench.land(number)
    assert eventually(lambda: len(bench.flying(0)) == 2 and len(bench.flying(neighbours[0])) == 2)
    assert bench.flying(0)[-1].worker != bench.flying(neighbours[0])[-1].worker
    del link.found[bench.flying(0)[-1].worker]
    result = killer.result(10)
    assert (result.status, result.attempts) == ("died", 2)
    assert result.failure.what == "each worker that ran it died, 2 in all"
    bench.land(neighbours[0])
    assert [future.result(10).status for future in others] == ["ok"] * 3
    bench.executor.shutdown()


def test_who_may_have_killed_a_worker_is_beside_nobody(link: FakeLink):
    link.found.clear()
    link.add("a", threads=2)
    link.add("b", threads=2)
    bench = Bench(link)
    for number in range(4):
        bench.submit(number, retries=0)
    assert eventually(lambda: len(link.sent) == 4)
    lost = [number for number in range(4) if bench.flying(number)[0].worker == "a"]
    others = [number for number in range(4) if number not in lost]

    def again() -> list[int]:
        return [number for number in lost if len(bench.flying(number)) == 2]

    del link.found["a"]
    bench.land(others[0])
    time.sleep(0.2)
    assert not again()  # there is room, but beside one that goes on
    bench.land(others[1])
    assert eventually(lambda: len(again()) == 1)
    bench.submit(9)
    time.sleep(0.2)
    assert (len(again()), bench.flying(9)) == (1, [])
    bench.land(again()[0])
    assert eventually(lambda: len(again()) == 2)
    assert not bench.flying(9)
    bench.executor.shutdown(cancel_futures=True)


def test_an_error_of_a_run_is_told_as_what_it_was(bench: Bench):
    future = bench.submit(1)
    assert eventually(lambda: len(bench.link.sent) == 1)
    bench.link.sent[0].land(
        b'{"problem": {"what": "no file", "where": "w", "why": "y", "fix": "f", "details": "", "exit_code": 4}}'
    )
    with pytest.raises(RunError, match="no file"):
        future.result(10)


def test_a_scheduler_that_is_gone_ends_all_at_once(link: FakeLink):
    bench = Bench(link)
    futures = [bench.submit(number) for number in range(3)]
    assert eventually(lambda: len(link.sent) == 2)
    link.gone = True
    for future in futures:
        with pytest.raises(EnvironmentProblem, match="the Dask scheduler is gone") as raised:
            future.result(10)
        assert raised.value.where == "dask://h:1"
    assert eventually(lambda: link.closed)
    late = bench.submit(9)
    bench.executor.shutdown(cancel_futures=True)
    assert not late.done() or late.exception()


def test_without_workers_for_long_it_ends(link: FakeLink, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(roster_module, "_NONE_LEFT", 0.1)
    bench = Bench(link)
    future = bench.submit(1)
    link.found.clear()
    with pytest.raises(EnvironmentProblem, match="no workers left"):
        future.result(10)


def test_told_to_stop_it_cancels_what_is_made_and_keeps_what_had_landed(link: FakeLink):
    bench = Bench(link)
    futures = [bench.submit(number) for number in range(3)]
    assert eventually(lambda: len(link.sent) == 2)
    bench.land(0)
    bench.executor.shutdown(wait=True, cancel_futures=True)
    assert futures[0].result(0).status == "ok"
    assert bench.flying(1)[0].cancelled
    for future in futures[1:]:
        assert isinstance(future.exception(0), StoppedError)
    assert any("end(session)" in call for call in link.asked)


def test_a_run_that_waits_for_a_busy_worker_goes_to_a_free_one(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_QUEUEING", 0.2)
    bench.submit(1)
    bench.submit(2)
    assert eventually(lambda: len(bench.link.sent) == 2)
    bench.link.tell({"ours": bench.flying(2)[0].key, "event": {"event": "arrived"}})
    time.sleep(0.4)
    assert len(bench.link.sent) == 2
    bench.land(2)
    assert eventually(lambda: len(bench.flying(1)) == 2)
    assert bench.flying(1)[0].cancelled
    assert bench.flying(1)[1].worker == bench.flying(2)[0].worker


def _fields(one: RunTask) -> dict[str, object]:
    return {name: getattr(one, name) for name in RunTask.__dataclass_fields__}
