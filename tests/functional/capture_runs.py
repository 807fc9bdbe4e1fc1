"""Notebooks without tags, run for real."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.capture.driver import RunSettings, run_notebook
from nb2svc.errors import Nb2svcError
from nb2svc.ir.capture import Capture, KeepPoint
from nb2svc.ir.outline import ModelUse, Outline, Slice
from nb2svc.read.notebook import parse_notebook


def notebook_file(folder: Path, cells: list[str], *, tags: dict[int, list[str]] | None = None, kernel: str = "python3") -> Path:
    folder.mkdir(exist_ok=True)
    document = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"id-{number}",
                "metadata": {"tags": (tags or {}).get(number, [])},
                "outputs": [],
                "source": source,
            }
            for number, source in enumerate(cells, start=1)
        ],
        "metadata": {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = folder / "loans.ipynb"
    path.write_text(json.dumps(document))
    return path


def settings_of(**options: Any) -> RunSettings:
    return RunSettings(**{"timeout": 120.0, **options})


def run_plain(path: Path, *points: KeepPoint, **options: Any) -> Capture:
    """Run a notebook without tags."""
    notebook, _ = parse_notebook(path.read_bytes(), path=str(path))
    nothing = Slice(target="", statements=())
    model = ModelUse(
        estimator="m", fitted=(), feeds=(), fit=0, fit_input=None, fit_target=None, method="predict", predict=None, predict_call=None,
        predict_input=None, output=None, output_statement=0,
    )  # fmt: skip
    outline = Outline(raws=(), model=model, checks=(), parts=(), serving=nothing, training=nothing)
    return run_notebook(notebook, build_dataflow(notebook), outline, points, settings=settings_of(**options))


def failing(path: Path, **options: Any) -> Nb2svcError:
    """The error of a run; nothing of a capture may be left, and no kernel."""
    before = path.read_bytes()
    with pytest.raises(Nb2svcError) as caught:
        run_plain(path, **options)
    assert path.read_bytes() == before
    home = path.parent / ".nb2svc" / "loans"
    assert {entry.name for entry in home.iterdir()} <= {"failed"} if home.exists() else True
    assert kernels_in(path.parent) == []
    return caught.value


def kernels_in(folder: Path) -> list[int]:
    """Processes that live in a folder, this one left out."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == folder and int(entry.name) != os.getpid():
                found.append(int(entry.name))
        except OSError:
            continue
    return found
