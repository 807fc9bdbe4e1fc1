"""The panel reads a cell's directive as the compiler does: both run the same cases."""

import json

import pytest

from architecture.source_tree import ROOT
from nb2svc.read.grammar import OPTIONS
from nb2svc.read.notebook import parse_notebook

MODEL = ROOT / "labextension" / "src" / "model"
CASES = json.loads((MODEL / "directive.cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_compiler_reads_it_so(case: dict) -> None:
    settings = {"nb2svc": case["settings"]} if "settings" in case else {}
    metadata = {"tags": case.get("tags", []), **settings}
    cell = {
        "cell_type": "code",
        "id": "a",
        "metadata": metadata,
        "source": case["source"],
        "outputs": [],
        "execution_count": None,
    }
    content = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    notebook, _ = parse_notebook(json.dumps(content).encode(), path="a.ipynb")
    directive = notebook.cells[0].directive
    said = directive and {"role": directive.role, "name": directive.name or "", "spelling": directive.spelling}
    assert said == case["said"]


def test_the_panel_knows_the_options_of_each_role() -> None:
    known = json.loads((MODEL / "optionwords.cases.json").read_text(encoding="utf-8"))
    assert known == {role: list(options) for role, options in OPTIONS.items()}
