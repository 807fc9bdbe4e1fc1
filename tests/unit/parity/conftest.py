"""One hand-written example for all tests of the proof, and a proof of a changed copy of it in this process."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nb2svc.parity.harness.replay import run
from nb2svc.parity.request import IN_PROCESS, make_request
from unit.parity.loans import Loans, build, copied

# (file in the package, text, text instead)
Edit = tuple[str, str, str]
Prove = Callable[..., dict[str, dict[str, Any]]]


@pytest.fixture(scope="session")
def loans(tmp_path_factory: pytest.TempPathFactory) -> Loans:
    """The example; nobody writes into it."""
    return build(tmp_path_factory.mktemp("parity") / "loans", size=160)


@pytest.fixture
def changed(loans: Loans, tmp_path: Path) -> Callable[..., Loans]:
    """A copy of the example with edits of the package's files."""

    def change(*edits: Edit) -> Loans:
        copy = copied(loans, tmp_path / "changed")
        for file, old, new in edits:
            path = copy.project / "loans" / file
            text = path.read_text(encoding="utf-8")
            assert old in text, f"{file} has no {old!r}"
            path.write_text(text.replace(old, new), encoding="utf-8")
        return copy

    return change


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Threads for one row cost more than they give."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="openmp"):
        yield


def answer_of(loans: Loans, *modes: str, twin: bool = False, **extra: object) -> dict[str, Any]:
    """The replay's whole answer; 12 rows are taken alone."""
    request = make_request(
        loans.capture, loans.observation, project=loans.project, package="loans", modes=modes or IN_PROCESS, sample=12, twin=twin
    )
    return run({**request, **extra})


def modes_of(loans: Loans, *modes: str, twin: bool = False, **extra: object) -> dict[str, dict[str, Any]]:
    """Each mode's result by its name."""
    return {mode["name"]: mode for mode in answer_of(loans, *modes, twin=twin, **extra)["modes"]}


def without_selections(loans: Loans) -> Loans:
    """The example as if no statement dropped rows."""
    return replace(loans, observation=replace(loans.observation, selections=()))
