"""A worker imports what makes a run, and not what that would bring along; each of it is there for whoever asks."""

import json
import subprocess
import sys
from typing import Any

LEFT_OUT = ("rfc3987_syntax", "lark", "isoduration", "arrow", "boto3", "pyarrow", "urllib3")
PROGRAM = """\
import json, os, sys, tempfile
import nb2svc.validate.worker
before = sorted(sys.modules)
from nb2svc.validate.lean import import_engine
import_engine()
after = sorted(sys.modules)
import entrypoints, nbformat, papermill, requests, rfc3987_syntax
from nbformat.v4 import new_notebook, new_raw_cell
try:
    nbformat.validate({**new_notebook(), "cells": [{**new_raw_cell("x"), "source": 1}]})
    refused = False
except nbformat.ValidationError:
    refused = True
with tempfile.TemporaryDirectory() as folder:
    papermill.execute_notebook(new_notebook(), f"{folder}/there.ipynb", prepare_only=True, progress_bar=False)
    papermill.execute.write_ipynb(new_notebook(), f"{folder}/there.ipynb")
    papermill.execute.write_ipynb(new_notebook(), None)
    written = [len(nbformat.read(f"{folder}/{name}", 4).cells) for name in os.listdir(folder)]
print(json.dumps({
    "before": before, "after": after, "refused": refused,
    "requests": papermill.iorw.requests.Request("GET", "http://localhost/a b").prepare().url,
    "iri": rfc3987_syntax.is_valid_syntax("iri", "http://localhost/a"),
    "written": written,
    "extensions": len(entrypoints.get_group_all("jupyter_client.kernel_provisioners")),
    "same": papermill.iorw.requests.Request is requests.Request,
}))
"""


def imported() -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_what_no_run_asks_for_is_not_imported_and_all_of_it_works_when_it_is():
    found = imported()
    assert "papermill" not in found["before"]
    assert {"papermill", "nbclient", "nbformat", "jsonschema"} <= set(found["after"])
    assert set(LEFT_OUT) & set(found["after"]) == set()
    assert found["refused"]
    assert found["requests"] == "http://localhost/a%20b"
    assert found["iri"]
    assert found["written"] == [0]
    assert found["extensions"] > 0
    assert found["same"]
