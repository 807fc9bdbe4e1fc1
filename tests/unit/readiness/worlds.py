"""A small world to assess: a notebook with its data and capture, and a project that really trains, loads and answers."""

import hashlib
import json
import runpy
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import nb2svc_runtime
from nb2svc.ir.capture import Capture, InputFile, Kept
from nb2svc.ir.dataflow import Dataflow, Edge, Effect, Slice, Statement
from nb2svc.ir.notebook import Cell, Notebook
from nb2svc.ir.observation import Answer, Column, Observation, Oracles, Table
from nb2svc.ir.outline import Fitted, ModelUse, Outline
from nb2svc.ir.span import Span
from nb2svc.ir.verdict import Difference, Mode, Verdict
from nb2svc.read.notebook import written_digest
from nb2svc.readiness.checks.tested_pipeline import CiFacts, CiRun
from nb2svc.readiness.inputs import AssessInputs
from nb2svc.readiness.mutants.raw_rows import row_mutants
from unit.readiness.validated import make_validation

CELLS = ('import pandas as pd\nFILE = "loans.csv"', "loans = pd.read_csv(FILE)", "model = Line().fit(loans)")

FEATURES = '''"""Features of loans.ipynb."""


# loans.ipynb, cell 2
def ages(rows, state):
    return [(row - 40) / 30 for row in rows]
'''

MODEL = '''"""The model of loans.ipynb."""

from features import ages


def answer(rows, model, state):
    return ["High" if age > 0.5 else "Low" for age in ages(rows, state)]
'''

TRAINING = '''"""Trains the model of loans.ipynb again."""

import random


class Draw:
    def fit(self, rows, *, random_state):
        generator = random.Random(random_state)
        self.value = sum(generator.choice(rows) for _ in range(20))
        return self


class Labels:
    def fit(self, rows, labels):
        self.labels = list(labels)
        return self


def train(state):
    model = Draw().fit(list(range(1000)), random_state=0)
    model.labels = Labels().fit([1, 2, 3, 4], ["low", "high", "low", "high"]).labels
    return model


def load(schema, loans):
    schema.require(loans=loans)
'''


# Where the notebook has the one line of the author's in FEATURES.
LINE = {"file": "features.py", "line": 6, "cell": 2, "cell_line": 1, "statement": 2}


def caught(number: int, *, by: str) -> list[dict[str, object]]:
    return [{"caught": bool(by), "by": by, "problem": ""}] * number


# What the harness answers of a project that is as it should be.
TRIED: dict[str, dict[str, object]] = {
    "tests": {
        "tests": [{"name": "test_ages_makes_in_training_what_the_notebook_made", "status": "pass"}],
        "lines": [6],
        "arcs": [[6, -1]],
        "mutants": caught(30, by="test_ages"),
        "emptied": caught(30, by=""),
    },
    "model": {
        "kind": "classifier",
        "toy": True,
        "same": True,
        "tiny": 1.0,
        "shuffled": 0.52,
        "true": 0.81,
        "bound": 0.6,
        "rows": 800,
        "apart": 400,
    },
}
FLOOR = [{"name": "test_good", "status": "pass"}]
TRIED["gate"] = {"checks": FLOOR, "shuffled": [[{"name": "test_good", "status": "fail"}]] * 3}
GAINED = {"score": 0.5, "gain": 0.3, "low": 0.2, "high": 0.4}
TRIED["simpler"] = {
    "measure": "AUC",
    "rows": 400,
    "model": 0.8,
    "linear": False,
    "against": {"constant": GAINED, "linear": {**GAINED, "score": 0.7, "low": 0.05}},
    "itself": {**GAINED, "gain": 0.0, "low": 0.0, "high": 0.0},
    "left": [],
}
TRIED["segments"] = {"kind": "classifier", "rows": 400, "worst": None, "random": 0, "tries": 20}
CHECKS = """def test_good(capture):
    assert capture.served() == ["low", "high", "low", "high"]
"""
CI = CiFacts(
    files=(".github/workflows/nb2svc.yml",),
    building=(".github/workflows/nb2svc.yml",),
    run=CiRun(provider="GitHub", run="123", commit="c" * 40, page="https://forge/a/b/actions/runs/123"),
    head="c" * 40,
)
EXAMPLE = {"age": 31, "region": "north"}
COLUMNS = (
    Column(name="age", dtype="int64", kind="integer", nullable=False, low=18, high=65),
    Column(name="region", dtype="object", kind="string", nullable=True, values=("east", "north")),
)
LOANS = Table(name="loans", role="main", kind="frame", rows=400, columns=COLUMNS)


def said_of_rows(*, careless: bool = False) -> list[dict[str, object]]:
    """What a service says of the example and of every row made wrong: what is declared, or that all is well."""
    mutants = row_mutants(EXAMPLE, (LOANS,), guarded=())
    said = [{"status": each.status, "issues": [["age", code] for code in each.codes[:1]]} for each in mutants]
    fine = {"status": "ok", "issues": []}
    return [fine, *([fine] * len(said) if careless else said)]


def refused(*, caught: bool) -> list[dict[str, object]]:
    return [{"table": "loans", "column": "age", "kind": kind, "caught": caught} for kind in ("missing", "type")]


TRIED["schema"] = {
    "results": said_of_rows(),
    "removed": [said_of_rows(careless=True)] * 4,
    "training": refused(caught=True),
    "forgotten": refused(caught=False),
    "unasked": [],
    "training_problem": "",
}


@dataclass(frozen=True)
class World:
    """Everything that one assessment needs, and ways to change it."""

    root: Path
    inputs: AssessInputs

    def but(self, **changes: object) -> AssessInputs:
        return replace(self.inputs, **changes)

    def capture(self, **changes: object) -> AssessInputs:
        assert self.inputs.capture
        return self.but(capture=replace(self.inputs.capture, **changes))


def passing(*names: str, total: int = 400) -> tuple[Mode, ...]:
    return tuple(Mode(name=name, status="pass", compared=total, total=total, different=0) for name in names)


GOOD = Verdict(modes=passing("predictions", "inputs", "alone", "shuffled", "json", "http", "retrain", "checks"))


def compared(name: str, expected: list[object], actual: list[object]) -> Mode:
    wrong = [place for place, (left, right) in enumerate(zip(expected, actual, strict=True)) if left != right]
    cells = tuple(Difference(row=row, column="age", expected=str(expected[row]), actual=str(actual[row])) for row in wrong[:3])
    status = "fail" if wrong else "pass"
    return Mode(name=name, status=status, compared=len(expected), total=len(expected), different=len(wrong), differences=cells)


def features_of(project: Path) -> list[object]:
    """What the generated features say of a few rows."""
    return list(runpy.run_path(str(project / "loans" / "features.py"))["ages"]([18, 31, 40, 65], None))


def drawn(project: Path) -> list[object]:
    return [runpy.run_path(str(project / "loans" / "training.py"))["train"](None).value]


@pytest.fixture(scope="session")
def made_artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Artifacts as the real runtime writes them."""
    from sklearn.linear_model import LinearRegression

    from nb2svc_runtime import State, artifacts

    folder = tmp_path_factory.mktemp("artifacts") / "artifacts"
    state = State(learning=True)
    state.income_mean(lambda: 2983.0)
    artifacts.save(folder, LinearRegression().fit([[0.0], [1.0]], [1.0, 3.0]), state, {}, package="loans")
    return folder


@pytest.fixture
def world(tmp_path: Path, made_artifacts: Path) -> World:
    (tmp_path / "loans.csv").write_text("age,income\n31,2000\n17,900\n")
    notebook = make_notebook(tmp_path)
    project = make_project(tmp_path, made_artifacts)
    before = features_of(project), drawn(project)

    def prove_copy(copy: Path) -> Verdict:
        return Verdict(modes=(compared("inputs", before[0], features_of(copy)),))

    def retrain_copy(copy: Path) -> Verdict:
        return Verdict(modes=(compared("retrain", before[1], drawn(copy)),))

    (project / "loans" / "_nb2svc" / "line_map.json").write_text(json.dumps([LINE]))
    inputs = AssessInputs(
        notebook=notebook,
        project_dir=project,
        package="loans",
        capture=make_capture(tmp_path),
        observation=make_observation(),
        verdict=GOOD,
        dataflow=make_dataflow(),
        outline=make_outline(),
        prove_copy=prove_copy,
        retrain_copy=retrain_copy,
        trials=lambda: TRIED,
        validation=make_validation(notebook),
        ci=CI,
    )
    return World(root=tmp_path, inputs=inputs)


def make_notebook(
    folder: Path, *, cells: tuple[str, ...] = CELLS, outputs: tuple[str, ...] = (), metadata: object = None
) -> Notebook:
    shown = [{"output_type": "stream", "name": "stdout", "text": [text]} for text in outputs]
    document = {
        "cells": [
            {
                "cell_type": "code",
                "source": source.splitlines(keepends=True),
                "outputs": shown if place == 0 else [],
                "metadata": {},
            }
            for place, source in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": "python3"}, **({"extra": metadata} if metadata else {})},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = folder / "loans.ipynb"
    path.write_text(json.dumps(document))
    return Notebook(
        path=str(path),
        name=path.name,
        digest=written_digest(path.read_bytes(), path.name),
        file_digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        kernel="python3",
        cells=tuple(
            Cell(number=number, id=f"c{number}", label="", source=source, code=source, execution_count=number)
            for number, source in enumerate(cells, start=1)
        ),
    )


def make_project(folder: Path, artifacts: Path) -> Path:
    project = folder / "loans"
    package = project / "loans"
    package.mkdir(parents=True)
    for name, text in {"__init__": "", "features": FEATURES, "model": MODEL, "training": TRAINING}.items():
        (package / f"{name}.py").write_text(text)
    shutil.copytree(artifacts, package / "artifacts")
    shutil.copytree(Path(nb2svc_runtime.__file__).parent, package / "_nb2svc", ignore=shutil.ignore_patterns("__pycache__"))
    (project / "README.md").write_text("# loans\n")
    (project / "tests").mkdir()
    (project / "tests" / "test_checks.py").write_text(CHECKS)
    (project / "example.json").write_text(json.dumps({"rows": [EXAMPLE]}))
    return project


def make_capture(folder: Path) -> Capture:
    kept = folder / "capture" / "kept"
    kept.mkdir(parents=True)
    (kept / "raw.pkl").write_bytes(b"a raw value, never unpickled here")
    data = (folder / "loans.csv").read_bytes()
    return Capture(
        folder=str(folder / "capture"),
        digest="c" * 64,
        notebook_digest="",
        parameters=(),
        interpreter=sys.executable,
        python="3.11",
        versions=(("scikit-learn", "1.9.1"),),
        modules=(),
        kept=(
            Kept(
                kind="raw",
                label="loans",
                file="kept/raw.pkl",
                sha256=hashlib.sha256((kept / "raw.pkl").read_bytes()).hexdigest(),
                type="DataFrame",
            ),
        ),
        inputs=(InputFile(path="loans.csv", sha256=hashlib.sha256(data).hexdigest(), size=len(data)),),
        metrics=(),
        seconds=1.5,
    )


def statement(number: int, source: str, *, kind: str = "assign", effects: tuple[Effect, ...] = (), cell: int = 1) -> Statement:
    return Statement(number=number, span=Span(cell, 1, 0, 1, len(source)), source=source, kind=kind, effects=effects)


def reading(kind: str = "file_read") -> tuple[Effect, ...]:
    return (Effect(kind=kind, detail="", span=Span(2, 1, 0, 1, 1)),)


def make_dataflow() -> Dataflow:
    return Dataflow(
        statements=(
            statement(0, "import pandas as pd", kind="import"),
            statement(1, 'FILE = "loans.csv"'),
            statement(2, "loans = pd.read_csv(FILE)", effects=reading(), cell=2),
            statement(3, "model = Line().fit(loans)", cell=3),
        ),
        edges=(
            Edge(source=0, target=2, name="pd", kind="binding"),
            Edge(source=1, target=2, name="FILE", kind="binding"),
            Edge(source=2, target=3, name="loans", kind="binding"),
        ),
    )


def make_observation() -> Observation:
    return Observation(
        tables=(LOANS,),
        target=None,
        rewrites=(),
        selections=(),
        learned=(),
        answer=Answer(kind="label", dtype="object", container="list"),
        oracles=Oracles(fit_rows="", predict_rows="", checkpoints="", sha256=()),
        estimator_rows=400,
    )


def make_outline(training: tuple[int, ...] = (0, 1, 2, 3)) -> Outline:
    model = ModelUse(
        estimator="model",
        fitted=(Fitted(name="model", statement=3),),
        feeds=(),
        fit=3,
        fit_input=None,
        fit_target=None,
        method="predict",
        predict=None,
        predict_call=None,
        predict_input=None,
        output=None,
        output_statement=3,
    )
    return Outline(
        raws=(),
        model=model,
        checks=(),
        parts=tuple((number, "training") for number in training),
        serving=Slice(target="answer", statements=()),
        training=Slice(target="model", statements=training),
    )
