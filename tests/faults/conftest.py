"""The hand-written project that the faults are planted in, and a proof of it that runs in this process."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import EXAMPLES
from nb2svc import pipeline
from nb2svc.capture.pack import pack_artifacts
from nb2svc.config import BuildOptions
from nb2svc.system.progress import silent
from unit.parity.loans import Loans, build


@pytest.fixture(scope="session")
def loans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loans]:
    """The project with its capture; its folder goes when the tests are done."""
    folder = tmp_path_factory.mktemp("faults")
    yield build(folder / "loans")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def hero(tmp_path_factory: pytest.TempPathFactory, private_homes: None) -> Loans:
    """The hero, run and compiled from a smaller ledger; its proof is not made here, it is what the faults are for."""
    folder = tmp_path_factory.mktemp("hero")
    for name in ("credit_risk.ipynb", "regions.csv"):
        shutil.copy(EXAMPLES / name, folder)
    ledger = [sys.executable, str(EXAMPLES / "make_ledger.py"), "--out", str(folder), "--applicants", "3000"]
    subprocess.run(ledger, check=True, capture_output=True)
    notebook = folder / "credit_risk.ipynb"
    source = pipeline.analyze(notebook)
    capture, observation = pipeline.observe(source, BuildOptions(notebook=notebook), progress=silent)
    compiled, project = pipeline.compile_project(source, capture, observation)
    home, scratch = folder / "credit_risk", folder / "scratch"
    scratch.mkdir()
    for file in (*project.files, *pack_artifacts(project, compiled.plan, capture, scratch=scratch, places={})):
        (home / file.path).parent.mkdir(parents=True, exist_ok=True)
        (home / file.path).write_bytes(file.content)
    return Loans(
        folder=folder,
        project=home,
        capture=capture,
        observation=observation,
        statements=source.dataflow.statements,
        package="credit_risk",
    )


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Threads for one row cost more than they give."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="openmp"):
        yield


def answers_of(project: Path, package: str, request: dict[str, Any]) -> Any:
    """What a project answers on all raw rows, and what its model was given, with JSON rows as well; an error is its text."""
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
