"""The trials of one request, one after the other in one process: {"tests": …, "schema": …, …} → the same with answers.

A trial that can't be made answers `{"problem": why}`; it never stops the others.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
import time
import warnings
from pathlib import Path
from typing import Any, Callable, Dict

from .feature_tests import try_feature_tests
from .found_segments import try_found_segments
from .model_code import try_model_code
from .quality_gate import try_quality_gate
from .raw_schema import try_schema
from .simpler_models import try_simpler_models

TRIALS: Dict[str, Callable[[Dict[str, Any]], Dict[str, Any]]] = {
    "tests": try_feature_tests,
    "schema": try_schema,
    "model": try_model_code,
    "gate": try_quality_gate,
    "simpler": try_simpler_models,
    "segments": try_found_segments,
}


def run(request: Dict[str, Any], told: Callable[[Dict[str, Any]], None]) -> None:
    """Answer every trial that the request holds; `told` is given all answers so far after each."""
    sys.dont_write_bytecode = True
    sys.path.insert(0, request["project"])
    logging.getLogger("nb2svc").disabled = True  # the service's own, which tells of each row that it can't compute
    answers: Dict[str, Any] = {}
    for name, attempt in TRIALS.items():
        if name in request:
            given = {**request[name], "package": request["package"], "data": request["data"]}
            begin = time.monotonic()
            try:
                with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    answers[name] = attempt(given)
            except Exception as error:
                answers[name] = {"problem": type(error).__name__ + ": " + str(error)[:300]}
            answers[name]["seconds"] = round(time.monotonic() - begin, 2)
            told(answers)


def main(path: str) -> int:
    """Read the request file, try, and write the results where it says: a later trial that ends the process takes none away."""
    request = json.loads(Path(path).read_text(encoding="utf-8"))
    temporary = Path(request["result"] + ".part")

    def write(answers: Dict[str, Any]) -> None:
        temporary.write_text(json.dumps(answers), encoding="utf-8")
        temporary.replace(request["result"])

    run(request, write)
    return 0
