"""Notebooks made from texts, read and analysed by the real stages."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.ir.capture import KeepPoint
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.outline import Fitted, ModelUse, Outline, Slice
from nb2svc.read.notebook import parse_notebook


def made(
    *sources: str, tags: Mapping[int, Sequence[str]] | None = None, path: str = "loans.ipynb", kernel: str = "python3"
) -> tuple[Notebook, Dataflow]:
    """A notebook of code cells; `tags` by cell number, from 1."""
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"id-{number}",
            "metadata": {"tags": list((tags or {}).get(number, ()))},
            "outputs": [],
            "source": source,
        }
        for number, source in enumerate(sources, start=1)
    ]
    metadata = {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}, "language_info": {"name": "python"}}
    content = json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}).encode()
    if Path(path).is_absolute():
        Path(path).write_bytes(content)
    notebook, _ = parse_notebook(content, path=path)
    return notebook, build_dataflow(notebook)


def point(when: str, statement: int, expression: str, *, kind: str = "given", label: str = "") -> KeepPoint:
    """A keep point, its label the expression by default."""
    return KeepPoint(kind=kind, label=label or expression, expression=expression, statement=statement, when=when)  # type: ignore[arg-type]


def an_outline(**changes: object) -> Outline:
    """An outline in which nothing is of interest but what is given; fields of `model` count as its own."""
    model: dict[str, object] = {
        "estimator": "model", "feeds": (), "fit": 0, "fit_input": None, "fit_target": None, "method": "predict", "predict": None,
        "predict_call": None, "predict_input": None, "output": None, "output_statement": 0,
    }  # fmt: skip
    estimator, fit = changes.get("estimator", "model"), changes.get("fit", 0)
    model["fitted"] = (Fitted(name=estimator, statement=fit),)  # type: ignore[arg-type]
    model |= {name: changes.pop(name) for name in list(changes) if name in model}
    empty = Slice(target="", statements=())
    fields: dict[str, object] = {"raws": (), "checks": (), "parts": (), "serving": empty, "training": empty, **changes}
    return Outline(model=ModelUse(**model), **fields)  # type: ignore[arg-type]
