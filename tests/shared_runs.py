"""Runs of one worker, which share cells: as a validation has them made, one after the other."""

import json
from pathlib import Path

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.ir.validation import RunResult
from nb2svc.read.notebook import parse_notebook
from nb2svc.validate.forking.host import Host
from nb2svc.validate.keys import run_specs
from nb2svc.validate.prefix import plan_prefix
from nb2svc.validate.sets import Asked, default_parameters, parameter_sets
from nb2svc.validate.task import RunTask
from nb2svc.validate.ways import run_once


def notebook(folder: Path, *sources: str) -> Path:
    cells = [
        {
            "cell_type": "code",
            "id": f"id-{place}",
            "metadata": {"tags": [] if place else ["parameters"]},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for place, source in enumerate(("seed = 0\nsize = 2", *sources))
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = folder / "shared.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    return path


def runs(folder: Path, *sources: str, seeds: int, plain: bool = False, timeout: float = 60.0, by: int = 0) -> list[RunResult]:
    """Runs of one worker, one after the other; `by` is how many it was told to make."""
    path = notebook(folder, *sources)
    content = path.read_bytes()
    parsed, _ = parse_notebook(content, path=str(path))
    sets = parameter_sets(parsed, Asked(parameters=(("size", "3"),), grid=(("seed", f"1..{seeds}"),)))
    specs = run_specs(parsed, sets, defaults=default_parameters(parsed), kernel="python3")
    prefix = plan_prefix(parsed, build_dataflow(parsed), specs)
    assert prefix.cells, prefix.shown
    host, found = Host(), []
    try:
        for spec in specs:
            place = folder / spec.key[:8]
            place.mkdir()
            task = RunTask(
                spec=spec, content=content, path=str(path), kernel="python3", cwd=str(folder), folder=str(place), timeout=timeout,
                retries=0, prefix=prefix, shared_by=by, compares_plain=plain,
            )  # fmt: skip
            found.append(run_once(task, lambda _cell, _state: None, host))
    finally:
        host.end()
    return found
