"""Sharing cells costs one run more: whether the others win that back."""

import pytest

from nb2svc.ir.validation import RunSpec
from nb2svc.system import clock
from nb2svc.validate.pace import Pace
from nb2svc.validate.prefix import Prefix
from nb2svc.validate.task import RunTask


def loss(monkeypatch: pytest.MonkeyPatch, *, shared: float, others: float, runs: int) -> str:
    """What is said of runs whose first two cells are shared and take `shared` seconds, and whose third takes `others`."""
    moments = iter((0.0, shared / 2, shared / 2, shared, shared, shared + others))
    monkeypatch.setattr(clock, "seconds", lambda: next(moments))
    heard: list[tuple[int, str]] = []
    pace = Pace(lambda cell, state: heard.append((cell, state)))
    for cell in (1, 2, 3):
        pace.tell(cell, "started")
        pace.tell(cell, "ended")
    assert heard == [(cell, state) for cell in (1, 2, 3) for state in ("started", "ended")]
    task = RunTask(
        spec=RunSpec(key="a"), content=b"", path="", kernel="", cwd="", folder="", timeout=None, retries=0,
        prefix=Prefix(cells=(1, 2)), shared_by=runs,
    )  # fmt: skip
    return pace.loss(task)


def test_little_that_is_shared_by_few_long_runs_does_not_pay(monkeypatch: pytest.MonkeyPatch):
    assert loss(monkeypatch, shared=0.5, others=9.5, runs=6) == (
        "they take 0.5 s of 10.0 s, so 6 runs would lose more by comparing than they save"
    )


@pytest.mark.parametrize(("shared", "others", "runs"), [(0.5, 9.5, 30), (3, 3, 6), (0.5, 3.9, 6), (0.5, 9.5, 0)])
def test_much_that_is_shared_many_runs_little_to_lose_and_an_unknown_number_are_compared(
    monkeypatch: pytest.MonkeyPatch, shared: float, others: float, runs: int
):
    assert not loss(monkeypatch, shared=shared, others=others, runs=runs)
