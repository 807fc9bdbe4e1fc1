"""A small analysed notebook, made by hand, and a pipeline that does what a test says."""

import json
import sys
import types
from pathlib import Path

import pytest
from click.testing import CliRunner

from document_schema import check_document
from nb2svc.errors import VerdictError
from nb2svc.ir.dataflow import Dataflow, Edge, Effect, Reason, Slice, Statement
from nb2svc.ir.outline import CheckUse, Fitted, ModelUse, Outline, RawBinding
from nb2svc.ir.span import Span
from nb2svc.read.notebook import parse_notebook

SOURCES = (
    'import pandas as pd\nloans = pd.read_csv("loans.csv")\nloans.head()',
    '# nb2svc: feature applicant\n%matplotlib inline\nloans["z"] = loans["age"] / 30\nspare = 1',
    "# nb2svc: model output=risk\nmodel = Model().fit(loans, y)\nrisk = model.predict(loans)",
    "# nb2svc: check auc\nassert auc(risk) > 0.6",
)


def notebook_bytes(*sources: str) -> bytes:
    cells = [{"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": source} for i, source in enumerate(sources)]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


def statement(number: int, cell: int, line: int, source: str, kind: str = "assign", **fields) -> Statement:
    return Statement(number=number, span=Span(cell, line, 0, line, len(source)), source=source, kind=kind, **fields)


CHECKED = Slice(
    target="auc",
    statements=(5, 6),
    reasons=(
        Reason(statement=5, text="leads to what check auc reads"),
        Reason(statement=6, text="makes `risk`, which check auc reads"),
    ),
)


@pytest.fixture
def source():
    """The result of analysing SOURCES."""
    notebook, findings = parse_notebook(notebook_bytes(*SOURCES), path="loans.ipynb")
    read = Effect(kind="file_read", detail="loans.csv", span=Span(1, 2, 8, 2, 32))
    shown = Effect(kind="display", detail="", span=Span(1, 3, 0, 3, 12))
    statements = (
        statement(0, 1, 1, "import pandas as pd", "import", defines=("pd",)),
        statement(1, 1, 2, 'loans = pd.read_csv("loans.csv")', defines=("loans",), effects=(read,)),
        statement(2, 1, 3, "loans.head()", "expression", effects=(shown,)),
        statement(3, 2, 3, 'loans["z"] = loans["age"] / 30', mutates=("loans",)),
        statement(4, 2, 4, "spare = 1", defines=("spare",)),
        statement(5, 3, 2, "model = Model().fit(loans, y)", defines=("model",)),
        statement(6, 3, 3, "risk = model.predict(loans)", defines=("risk",)),
        statement(7, 4, 2, "assert auc(risk) > 0.6", "other", reads=("risk",)),
    )
    outline = Outline(
        raws=(RawBinding(name="loans", statement=1),),
        model=ModelUse(
            estimator="model", fitted=(Fitted(name="model", statement=5),), feeds=(), fit=5, fit_input=Span(3, 2, 20, 2, 25), fit_target=None, method="predict", predict=6,
            predict_call=Span(3, 3, 7, 3, 27), predict_input=Span(3, 3, 21, 3, 26), output="risk", output_statement=6,
        ),
        checks=(CheckUse(cell=4, name="auc", serve=False, statements=(7,), slice=CHECKED),),
        parts=((0, "prelude"), (1, "load"), (3, "fit_path"), (5, "training"), (6, "answer")),
        serving=Slice(
            target="risk",
            statements=(0, 3, 6),
            reasons=(Reason(statement=3, text="changes loans"), Reason(statement=6, text="makes risk")),
        ),
        training=Slice(target="model", statements=(0, 1, 3, 5), reasons=(Reason(statement=1, text="loads loans"),)),
    )  # fmt: skip
    return types.SimpleNamespace(
        notebook=notebook,
        dataflow=Dataflow(statements=statements, edges=(Edge(source=6, target=7, name="risk", kind="binding"),)),
        outline=outline,
        findings=findings,
    )


class ProofFailed(VerdictError):
    def __init__(self, verdict) -> None:
        super().__init__("the service does not answer as the notebook did", where="cell 3, line 3", why="predictions", fix="look")
        self.verdict = verdict


@pytest.fixture
def pipeline(monkeypatch):
    """Replace the pipeline: `pipeline(analyze=…, build=…)`, each a function."""

    def replace(**functions):
        from nb2svc import pipeline as real

        fake = types.ModuleType("nb2svc.pipeline")
        # What the commands take of it besides: types and questions that run nothing.
        vars(fake).update({name: value for name, value in vars(real).items() if name in ("Source", "served_outline")})
        fake.ProofFailed = ProofFailed
        for name, function in functions.items():
            setattr(fake, name, function)
        monkeypatch.setitem(sys.modules, "nb2svc.pipeline", fake)
        monkeypatch.setattr("nb2svc.pipeline", fake, raising=False)
        return fake

    return replace


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the command line in this process, in an empty folder with a cache of its own."""
    from nb2svc.cli.main import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("nb2svc.cli.main._end_politely", lambda: None)

    def ran(*arguments: str):
        result = CliRunner().invoke(main, list(arguments))
        check_document(arguments, result.stdout)
        return result

    return ran


@pytest.fixture
def write(tmp_path):
    """Write a notebook of these cells: `write("loans.ipynb", "x = 1")`."""

    def written(name: str, *sources: str) -> Path:
        path = tmp_path / name
        path.write_bytes(notebook_bytes(*sources))
        return path

    return written
