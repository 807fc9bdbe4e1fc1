"""The example notebooks without their tags: what is proposed is what their authors tagged, as far as three cells reach."""

from dataclasses import replace
from pathlib import Path

import pytest

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.analysis.outline import build_outline
from nb2svc.ir.notebook import Notebook
from nb2svc.read.notebook import parse_notebook
from nb2svc.suggest.propose import propose
from nb2svc.suggest.tagging import tagged

EXAMPLES = Path(__file__).parents[3] / "example_notebooks"
NAMES = ("breast_cancer_screening.py", "credit_risk.ipynb", "diabetes_progression.ipynb", "digits.ipynb", "messy_car_price.ipynb")


def read(name: str) -> Notebook:
    return parse_notebook((EXAMPLES / name).read_bytes(), path=name)[0]


def stripped(notebook: Notebook) -> Notebook:
    return replace(notebook, cells=tuple(replace(cell, directive=None) for cell in notebook.cells))


@pytest.mark.parametrize("name", NAMES)
def test_its_author_would_agree(name: str) -> None:
    notebook = read(name)
    proposal = propose(stripped(notebook), build_dataflow(notebook))
    found = {one.role: one.cell for one in proposal.cells}
    by_role = {role: [cell.number for cell in notebook.cells if cell.role == role] for role in ("feature", "model", "check")}
    assert found["feature"] == by_role["feature"][0]
    assert [found["model"]] == by_role["model"]
    assert found["check"] in by_role["check"]
    assert not proposal.tagged


@pytest.mark.parametrize("name", NAMES)
def test_the_same_is_served_as_with_its_authors_tags(name: str) -> None:
    notebook = read(name)
    dataflow, bare = build_dataflow(notebook), stripped(notebook)
    meant, _ = build_outline(notebook, dataflow)
    proposed, _ = build_outline(tagged(bare, propose(bare, dataflow).cells), dataflow)
    assert meant is not None
    assert proposed is not None
    assert proposed.raws == meant.raws
    assert proposed.model.output == meant.model.output
    assert proposed.serving.statements == meant.serving.statements


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_missing_where_all_is_tagged(name: str) -> None:
    notebook = read(name)
    proposal = propose(notebook, build_dataflow(notebook))
    assert (proposal.cells, proposal.nothing) == ((), "")


def test_a_thousand_cells_are_a_matter_of_a_second() -> None:
    import sys
    import time

    sys.path.insert(0, str(EXAMPLES.parent / "benchmarks"))
    try:
        from synthetic import notebook as made
    finally:
        sys.path.pop(0)
    notebook, _ = parse_notebook(made(1000), path="long.ipynb")
    bare, dataflow = stripped(notebook), build_dataflow(notebook)
    began = time.process_time()
    proposal = propose(bare, dataflow)
    assert time.process_time() - began < 2
    assert [(one.cell, one.role) for one in proposal.cells] == [(2, "feature"), (999, "model"), (1000, "check")]
