"""Runs in the kernel's Python: the check cells' statements, with the values that a run kept, as `__main__`.

Standard library only, Python 3.9; run as text, whose one argument is the request's file.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import numbers
import os
import pickle
import sys
import traceback
from typing import Any, Dict, Optional


def main(request_file: str) -> None:
    """Evaluate, and write the answer: metrics and a failure, or the problem that kept us from it."""
    with open(request_file, encoding="utf-8") as stream:
        request = json.load(stream)
    names = sys.modules["__main__"].__dict__
    names["__name__"] = "__main__"
    answer: Dict[str, Any] = {"metrics": {}, "failure": None, "problem": ""}
    try:
        _find_beside(request)
        _define(request, names)
        for check in request["checks"]:
            _give(request["folder"], check, names, answer["metrics"])
            answer["failure"] = _run(check, names)
            if answer["failure"]:
                break
            _measure_all(check["makes"], names, answer["metrics"])
    except BaseException as error:
        traceback.print_exc()
        answer["problem"] = "{}: {}".format(type(error).__name__, error)[:500]
    with os.fdopen(os.open(request["answer"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        json.dump(answer, stream)


def _find_beside(request: Dict[str, Any]) -> None:
    """Have the author's own modules found as the kernel found them (probe/beside.py, whose text `finder` is)."""
    names: Dict[str, Any] = {}
    exec(compile(request["finder"], "beside.py", "exec"), names)
    names["find_beside"](request["cwd"], request["beside"])


def _define(request: Dict[str, Any], names: Dict[str, Any]) -> None:
    for source in request["definitions"]:
        exec(compile(source, "<definition>", "exec"), names)


def _give(folder: str, check: Dict[str, Any], names: Dict[str, Any], metrics: Dict[str, float]) -> None:
    for given in check["given"]:
        with open(os.path.join(folder, given["file"]), "rb") as stream:
            content = stream.read()
        if hashlib.sha256(content).hexdigest() != given["sha256"]:
            raise ValueError("{} is not the file that was kept".format(given["file"]))
        names[given["name"]] = pickle.load(io.BytesIO(content))
        _measure(given["name"], names[given["name"]], metrics)


def _run(check: Dict[str, Any], names: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    for statement in check["statements"]:
        name = "<check {}>".format(statement["number"])
        try:
            exec(compile(statement["source"], name, "exec"), names)
        except Exception as error:
            traceback.print_exc()
            return _failure(error, statement["number"], name)
    return None


def _failure(error: BaseException, number: int, name: str) -> Dict[str, Any]:
    step = error.__traceback__
    line = 1
    while step is not None:
        if step.tb_frame.f_code.co_filename == name:
            line = step.tb_lineno
        step = step.tb_next
    return {
        "statement": number,
        "line": line,
        "name": type(error).__name__,
        "kinds": [kind.__name__ for kind in type(error).__mro__],
        "value": str(error)[:4000],
        "module": getattr(error, "name", None) if isinstance(error, ImportError) else None,
        "file": getattr(error, "filename", None) if isinstance(error, OSError) else None,
    }


def _measure_all(makes: Any, names: Dict[str, Any], metrics: Dict[str, float]) -> None:
    for name in makes:
        if name not in metrics:
            _measure(name, names.get(name), metrics)


def _measure(label: str, value: Any, metrics: Dict[str, float]) -> None:
    if not isinstance(value, bool) and isinstance(value, numbers.Real) and math.isfinite(value):
        metrics[label] = float(value)


if __name__ == "__main__":
    main(sys.argv[1])
