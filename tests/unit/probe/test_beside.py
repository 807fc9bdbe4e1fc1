"""Modules beside the notebook: found where its kernel found them, which had loaded much of Python's own before."""

import json
import subprocess
import sys
from pathlib import Path

import nb2svc.capture.probe

PACKAGE = Path(nb2svc.capture.probe.__file__).parent
SCRIPT = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("beside", sys.argv[1])
beside = importlib.util.module_from_spec(spec)
spec.loader.exec_module(beside)
beside.find_beside(sys.argv[2], ["statistics"])
import random, statistics, loans_of_mine
print(json.dumps([module.__file__ for module in (random, statistics, loans_of_mine)]))
"""


def test_what_the_run_loaded_from_there_comes_first_and_all_else_last(tmp_path: Path):
    for name in ("random", "statistics", "loans_of_mine"):
        (tmp_path / f"{name}.py").touch()
    command = [sys.executable, "-I", "-c", SCRIPT, str(PACKAGE / "beside.py"), str(tmp_path)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert [Path(file).parent == tmp_path for file in found] == [False, True, True]
