"""Runs the examples of the findings' pages through the real stages.

An example shows the cells that matter. Around them stands the notebook below: the data is loaded unless the example loads it,
and the feature and the model cell are added unless it has one of that role. An example that begins with an import of pandas is a
whole notebook, and so is one in JSON.
"""

import json
import re
from pathlib import Path

from compile_cases import Case, compile_case, percent_cells
from nb2svc import pipeline
from nb2svc.errors import RefusalError
from nb2svc.ir.finding import Finding, refusals

IMPORTS = "import numpy as np\nimport pandas as pd\nfrom sklearn.linear_model import Ridge"
LOADED = 'loans = pd.read_csv("loans.csv")'
FEATURES = '# nb2svc: feature loans\nX, y = loans[["age", "score"]], loans["rate"]'
MODEL = "# nb2svc: model\nmodel = Ridge().fit(X, y)\nrate = model.predict(X)"

_TAGGED = r"(?:nb2svc[: ]\s*|%%){role}"


def whole_script(example: str) -> str:
    """The percent script that an example is a part of."""
    cells = example if example.startswith("# %%") else f"# %%\n{example}"
    if not example.startswith("import pandas"):
        loads = re.search(r"(?m)^loans = pd\.read_", example)
        above = [IMPORTS] if loads else [IMPORTS, LOADED]
        before = [*above, *([] if _has(example, "feature") else [FEATURES])] if _own_features_come_later(example) else above
        after = [cell for role, cell in (("feature", FEATURES), ("model", MODEL)) if not _has(example, role)]
        after = [cell for cell in after if cell not in before]
        cells = "\n".join([*(f"# %%\n{cell}" for cell in before), cells, *(f"# %%\n{cell}" for cell in after)])
    return f"{cells}\n"


def _own_features_come_later(example: str) -> bool:
    """Whether the example needs the features above it: it is about the model."""
    return _has(example, "model") or _has(example, "check")


def _has(example: str, role: str) -> bool:
    return re.search(_TAGGED.format(role=role), example) is not None


def found_by_reading(example: str, folder: Path) -> tuple[Finding, ...]:
    """What `nb2svc analyze` finds in an example."""
    if example.startswith("{"):
        path = folder / "example.ipynb"
        path.write_text(json.dumps(_whole_json(json.loads(example))), encoding="utf-8")
    else:
        path = folder / "example.py"
        path.write_text(whole_script(example), encoding="utf-8")
    return pipeline.analyze(path).findings


def found_by_building(example: str, folder: Path, *, data: Path) -> tuple[Finding, ...]:
    """What a build finds in an example, once it has run."""
    script = whole_script(example)
    case = Case(path=folder / "example.txt", notebook=script, cells=percent_cells(script), expected={})
    try:
        return compile_case(case, folder, data=data).findings
    except RefusalError as refused:
        return refused.findings


def stops(findings: tuple[Finding, ...]) -> list[str]:
    """The codes for which a build would stop."""
    return [finding.code for finding in refusals(findings)]


def _whole_json(document: dict) -> dict:
    cells = [{"metadata": {}, "outputs": [], "execution_count": None, **cell} for cell in document["cells"]]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, **document, "cells": cells}
