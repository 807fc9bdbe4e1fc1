from nb2svc.ir.progress import ProgressEvent
from nb2svc.ir.validation import CheckOutcome, Failure, MetricValue, Parameter, RunResult, RunSpec
from nb2svc.system.progress import json_line
from nb2svc.validate.progress import Board
from nb2svc.validate.task import RunTask, as_message, from_message
from unit.capture.made import made


def spec(seed: int) -> RunSpec:
    return RunSpec(key=str(seed), parameters=(Parameter(name="rate", value="1"), Parameter(name="seed", value=str(seed))))


def task(seed: int) -> RunTask:
    return RunTask(
        spec=spec(seed), content=b"\xff{}", path="/a.ipynb", kernel="k", cwd="/", folder="/f", timeout=None, retries=1,
        secrets=(("KEY", "hidden-value"),),
    )  # fmt: skip


def test_a_line_says_how_many_what_failed_what_is_left_and_what_runs():
    told: list[ProgressEvent] = []
    notebook, _ = made("x = 1", "# nb2svc: check good\nassert x")
    known = {"1": RunResult(key="1", spec=spec(1), status="ok", reused=True)}
    board = Board([spec(seed) for seed in range(1, 5)], notebook=notebook, jobs=1, known=known, progress=told.append)
    assert told[-1].text == "1 of 4 runs, 1 of an earlier run"
    board.hear(task(2), {"event": "started", "attempt": 1})
    board.hear(task(3), {"event": "started", "attempt": 1})
    board.hear(task(2), {"event": "cell", "cell": 2, "state": "started"})
    assert told[-1].text == '1 of 4 runs, 1 of an earlier run · now seed=2 in cell 2 "good" and 1 more'
    assert (told[-1].stage, told[-1].cell, told[-1].done, told[-1].total) == ("run", 2, 1, 4)
    count = len(told)
    board.hear(task(2), {"event": "cell", "cell": 2, "state": "ended"})
    board.hear(task(2), {"event": "kept"})
    assert len(told) == count
    board.ended(RunResult(key="2", spec=spec(2), status="failed"))
    parts = told[-1].text.split(" · ")
    assert parts[0] == "2 of 4 runs, 1 of an earlier run, 1 not well (last: seed=2 failed)"
    assert parts[1].startswith("about ")
    assert parts[2] == "now seed=3"


def test_each_run_is_told_as_it_begins_moves_and_ends() -> None:
    told: list[ProgressEvent] = []
    notebook, _ = made("x = 1", "# nb2svc: check good\nassert x", "x")
    known = {"1": RunResult(key="1", spec=spec(1), status="ok", reused=True)}
    board = Board([spec(1), spec(2)], notebook=notebook, jobs=1, known=known, progress=told.append)
    assert [(event.run.label, event.run.status, event.run.reused) for event in told if event.run] == [("seed=1", "ok", True)]
    board.hear(task(2), {"event": "started", "attempt": 1})
    board.hear(task(2), {"event": "cell", "cell": 2, "state": "started"})
    moving = told[-1]
    assert moving.run is not None
    assert (moving.cell, moving.run.status, moving.run.cells, moving.run.number) == (2, "running", 3, 2)
    assert moving.run.values == (("seed", "2"),)
    good, bad = (CheckOutcome(name=name, cell=2, outcome=name) for name in ("pass", "fail"))
    board.ended(
        RunResult(
            key="2", spec=spec(2), status="error", seconds=2.5, path="fork", checks=(good, bad),
            metrics=(MetricValue(name="auc", value=0.5),), failure=Failure(what="ValueError", cell=3, line=1, details="long"),
        )
    )  # fmt: skip
    ended = told[-1].run
    assert ended is not None
    assert (ended.status, ended.seconds, ended.path, ended.checks, ended.failed) == ("error", 2.5, "fork", 2, (bad,))
    assert ended.failure == Failure(what="ValueError", cell=3, line=1)
    assert '"metrics": [{"name": "auc", "value": 0.5, "special": "", "segment": "", "note": ""}]' in json_line(told[-1])
    assert '"run":' not in json_line(ProgressEvent(stage="read", text="reading"))


def test_a_task_travels_whole_and_shows_no_secret():
    sent = task(1)
    come = from_message(as_message(sent, staged="/staged"))
    assert (come.spec, come.content, come.secrets, come.folder) == (sent.spec, sent.content, sent.secrets, "/staged")
    assert "hidden-value" not in repr(sent)
