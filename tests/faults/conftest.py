"""The hand-written project that the faults are planted in, and a proof of it that runs in this process."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import EXAMPLES, nb2svc
from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.ir.capture import Capture
from nb2svc.ir.codec import from_json
from nb2svc.ir.observation import Observation
from nb2svc.read.notebook import parse_notebook
from unit.parity.loans import Loans, build


@pytest.fixture(scope="session")
def loans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loans]:
    """The project with its capture; its folder goes when the tests are done."""
    folder = tmp_path_factory.mktemp("faults")
    yield build(folder / "loans")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def hero(tmp_path_factory: pytest.TempPathFactory, private_homes: None) -> Loans:
    """The hero, compiled by the command line from a smaller ledger."""
    folder = tmp_path_factory.mktemp("hero")
    for name in ("credit_risk.ipynb", "regions.csv"):
        shutil.copy(EXAMPLES / name, folder)
    ledger = [sys.executable, str(EXAMPLES / "make_ledger.py"), "--out", str(folder), "--applicants", "3000"]
    subprocess.run(ledger, check=True, capture_output=True)
    done = nb2svc("build", "credit_risk.ipynb", "--no-bento", "--no-retrain", cwd=folder)
    project = folder / "credit_risk"
    assert project.is_dir(), done.stdout + done.stderr
    capture = next((folder / ".nb2svc/credit_risk").glob("*/observation.json")).parent
    notebook, _ = parse_notebook((folder / "credit_risk.ipynb").read_bytes(), path="credit_risk.ipynb")
    return Loans(
        folder=folder,
        project=project,
        capture=from_json(Capture, json.loads((capture / "manifest.json").read_text())),
        observation=from_json(Observation, json.loads((capture / "observation.json").read_text())),
        statements=build_dataflow(notebook).statements,
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
