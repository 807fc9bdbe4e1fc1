"""A small notebook whose capture is written by hand: what a run would leave, without a run."""

import hashlib
import json
import pickle
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.analysis.dependence import run_dependence
from nb2svc.analysis.keep import keep_points
from nb2svc.analysis.outline import build_outline
from nb2svc.capture import cache, facts
from nb2svc.capture.driver import named
from nb2svc.capture.reuse import Earlier, earlier_run
from nb2svc.capture.settings import RunSettings
from nb2svc.ir.capture import Capture, InputFile, Kept
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.dependence import Dependence
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.outline import Outline
from nb2svc.read.notebook import parse_notebook

# Cell → its source; tags by their first line, as people write them.
CELLS: Mapping[str, str] = {
    "imports": "import os\nimport pandas as pd\nfrom sklearn.linear_model import LogisticRegression\nfrom sklearn.metrics import roc_auc_score",
    "data": 'loans = pd.read_csv("loans.csv")',
    "look": 'loans["income"].hist()',
    "features": '# nb2svc: feature applicant\nloans["income_k"] = loans["income"] / 1000\nX = loans[["income_k"]]',
    "model": '# nb2svc: model\nmodel = LogisticRegression(C=0.5)\nmodel.fit(X, loans["bad"])\nrisk = model.predict(X)',
    "share": "share = risk.mean()",
    "check": "# nb2svc: check\ntop = max(risk)\nassert top <= 1",
}


def read(cells: Mapping[str, str], folder: Path, *, markdown: str = "# Loans") -> tuple[Notebook, Dataflow, Outline]:
    """The notebook of some cells in a folder, read and analysed by the real stages."""
    code = [
        {"cell_type": "code", "execution_count": None, "id": name, "metadata": {}, "outputs": [], "source": source}
        for name, source in cells.items()
    ]
    text = {"cell_type": "markdown", "id": "text", "metadata": {}, "source": markdown}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    content = json.dumps({"cells": [text, *code], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}).encode()
    (folder / "loans.ipynb").write_bytes(content)
    notebook, _ = parse_notebook(content, path=str(folder / "loans.ipynb"))
    dataflow = build_dataflow(notebook)
    outline, findings = build_outline(notebook, dataflow)
    assert outline is not None, findings
    return notebook, dataflow, outline


def dependence_of(cells: Mapping[str, str], folder: Path) -> Dependence:
    """What a run of some cells depends on."""
    notebook, dataflow, outline = read(cells, folder)
    return run_dependence(notebook, dataflow, outline, keep_points(dataflow, outline))


def keep_run(
    cells: Mapping[str, str], folder: Path, *, values: Mapping[str, object], seen: Mapping[str, Any] | None = None
) -> Capture:
    """What a run of some cells would leave in the cache; `values` by the kept expressions."""
    notebook, dataflow, outline = read(cells, folder)
    points = keep_points(dataflow, outline)
    dependence = run_dependence(notebook, dataflow, outline, points)
    data = folder / "loans.csv"
    inputs = (InputFile(path="loans.csv", sha256=hashlib.sha256(data.read_bytes()).hexdigest(), size=data.stat().st_size),)
    known = facts.settings(dependence, kernel="python3", cwd=folder, parameters={})
    with cache.run_folder(folder / "loans.ipynb") as place:
        (place / "kept").mkdir(mode=0o700)
        kept = tuple(
            _kept(place, number, point.kind, point.label, values.get(point.expression, 0)) for number, point in enumerate(points)
        )
        capture = Capture(
            folder=str(place), digest="", notebook_digest=notebook.digest, parameters=(), interpreter=sys.executable, python="3.11.7",
            versions=(("pandas", "2.2"),), modules=(("pandas", "pandas"),), kept=kept, inputs=inputs, metrics=(("top", 0.5),), seconds=1.0,
            cwd=str(folder), points=points, cells=tuple(cell.digest for cell in notebook.cells),
        )  # fmt: skip
        capture = named(capture, dependence)
        noted = facts.record(known, seen or {}, dependence=dependence, interpreter=sys.executable, inputs=inputs)
        cache.commit(place, capture, facts=noted)
    return capture


def _kept(place: Path, number: int, kind: Any, label: str, value: object) -> Kept:
    name = f"kept/{number:03d}.pkl"
    content = pickle.dumps(value)
    (place / name).write_bytes(content)
    return Kept(kind=kind, label=label, file=name, sha256=hashlib.sha256(content).hexdigest(), type=type(value).__name__)


def look(
    cells: Mapping[str, str],
    folder: Path,
    *,
    markdown: str = "# Loans",
    say: Callable[[str], None] = lambda _: None,
    **settings: Any,
) -> Earlier | str:
    """What an earlier run has for these cells now."""
    notebook, dataflow, outline = read(cells, folder, markdown=markdown)
    points = keep_points(dataflow, outline)
    dependence = run_dependence(notebook, dataflow, outline, points)
    return earlier_run(
        notebook, dataflow, outline, points, dependence=dependence, settings=replace(RunSettings(), **settings), say=say
    )


def changed(**cells: str) -> dict[str, str]:
    """The cells with some of them changed; a new one is put in before the model."""
    found = {}
    for name, source in CELLS.items():
        if name == "model":
            found.update({new: text for new, text in cells.items() if new not in CELLS})
        found[name] = cells.get(name, source)
    return found
