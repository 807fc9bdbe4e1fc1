"""An example with a parameters cell, and the project that a build makes of it: for whoever asks the service beside runs."""

import json
import sys
from pathlib import Path

from conftest import EXAMPLES
from nb2svc import pipeline
from nb2svc.building import pack
from nb2svc.config import BuildOptions
from nb2svc.system.memo import Memo
from nb2svc.system.progress import silent

NAME = "diabetes_progression"
PARAMETERS = "alpha = 3.0\nsplit = 3\nper = 100\nlimit = 60\nlabel = 'first'"
# What the example writes down as it is becomes a parameter: of the model, of the split, of a feature, of the check.
NAMED = (("alpha=3.0", "alpha=alpha"), ("random_state=3", "random_state=split"), ("/ 100", "/ per"), ("mae < 50", "mae < limit"))


def with_parameters(folder: Path) -> Path:
    """The notebook, in a folder."""
    document = json.loads((EXAMPLES / f"{NAME}.ipynb").read_text())
    for cell in document["cells"]:
        cell["source"] = "".join(cell["source"])
        for old, new in NAMED:
            cell["source"] = cell["source"].replace(old, new)
    first = {
        "cell_type": "code", "id": "parameters", "metadata": {"tags": ["parameters"]}, "execution_count": None, "outputs": [],
        "source": PARAMETERS,
    }  # fmt: skip
    notebook = folder / f"{NAME}.ipynb"
    notebook.write_text(json.dumps({**document, "cells": [first, *document["cells"]]}))
    return notebook


def generated(notebook: Path) -> Path:
    """The project that a build writes, without proof, Bento and checklist: others test these."""
    memo = Memo(folder=None, fresh=True)
    source = pipeline.analyze(notebook)
    capture, observation = pipeline.observe(source, BuildOptions(notebook=notebook), progress=silent, memo=memo)
    compiled, project = pipeline.compile_project(source, capture, observation)
    folder = notebook.parent / project.package
    for file in (*project.files, *pack(project, compiled, memo=memo, progress=silent)):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    (folder / "readiness.json").write_text("{}")
    return folder


if __name__ == "__main__":
    generated(with_parameters(Path(sys.argv[1])))
