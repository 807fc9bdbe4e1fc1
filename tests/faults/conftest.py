"""The hand-written project that the faults are planted in, and a proof of it that runs in this process."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from unit.parity.loans import Loans, build


@pytest.fixture(scope="session")
def loans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loans]:
    """The project with its capture; its folder goes when the tests are done."""
    folder = tmp_path_factory.mktemp("faults")
    yield build(folder / "loans")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Threads for one row cost more than they give."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="openmp"):
        yield


def answers_of(project: Path, package: str, request: dict[str, Any]) -> Any:
    """What a project answers on all raw rows, and what its model was given, with JSON rows as well; an error is its text."""
    import sys

    from nb2svc.parity.harness.loading import load
    from nb2svc.parity.harness.service import Service, forget
    from nb2svc.parity.harness.tables import Tables

    forget(package)
    sys.path.insert(0, str(project))
    try:
        values = {name: load(request["capture"], entry, package) for name, entry in request["raws"].items()}
        tables, service = Tables(request["tables"], values), Service(package, fallback={})
        replays = [service.answer(tables.everything()), service.predict(tables.json_rows(range(tables.size)))]
        return [(replay.error, replay.inputs, replay.answers) for replay in replays]
    finally:
        sys.path.remove(str(project))
        forget(package)
