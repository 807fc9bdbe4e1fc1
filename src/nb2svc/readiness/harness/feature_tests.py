"""The generated tests against mutants of `features.py`: one import of the project, the module patched in place for each.

A mutant is caught where a test fails; the first failing test ends it.
"""

from __future__ import annotations

import importlib
import time
from typing import Any, Dict, List

from .generated_tests import Test, collect, status
from .limits import at_most
from .line_trace import LineTrace
from .other_values import other_state
from .patching import Patch, Unmade

# One mutant may loop for ever: it has as long as all tests took of the good code, times this, and no less than so many seconds.
PATIENCE, LEAST = 10.0, 5.0


class TooLong(BaseException):
    """A mutant that does not end; no `except Exception` of the author's may swallow it."""


def try_feature_tests(request: Dict[str, Any]) -> Dict[str, Any]:
    """Run `files` (name → source of a test module) on the good code and on each mutant; then `emptied`, the same, on the mutants.

    → {"tests": [{"name", "status"}], "mutants": [{"caught", "by", "problem"}], "emptied": […], "lines": [8], "arcs": [[8, 9]]}
    """
    features = importlib.import_module(request["package"] + ".features")
    replay = importlib.import_module(request["package"] + "._nb2svc.replay")
    capture = replay.find_capture(request["package"])
    if capture is None:
        return {"problem": "the capture was not found"}
    tests = collect(request["files"], capture)
    good = str(request["source"])
    begin = time.monotonic()
    with LineTrace(str(features.__file__)) as trace:
        results = [{"name": test.name, "status": status(test)} for test in tests]
    patience = max(LEAST, PATIENCE * (time.monotonic() - begin))
    able = [test for test, result in zip(tests, results) if result["status"] == "pass"]
    patch = Patch(features, request["package"], good)
    answer: Dict[str, Any] = {"tests": results, "lines": sorted(trace.lines), "arcs": sorted(trace.arcs)}
    if all(result["status"] != "fail" for result in results):
        answer["mutants"] = _tried(request["mutants"], able, patch, capture, patience=patience, most=float(request["seconds"]))
        emptied = [test for test in collect(request["emptied"], capture) if test.name in {each.name for each in able}]
        answer["emptied"] = _tried(request["mutants"], emptied, patch, capture, patience=patience, most=float(request["seconds"]))
    return answer


def _tried(
    mutants: List[Dict[str, Any]], tests: List[Test], patch: Patch, capture: Any, *, patience: float, most: float
) -> List[Dict[str, Any]]:
    end = time.process_time() + most  # the processor's time, so that a busy machine tries as many
    results = []
    for mutant in mutants:
        if time.process_time() > end:
            results.append({"caught": False, "by": "", "problem": "the time was over"})
            continue
        # Tests of the mutated step first: they are the ones that should see it.
        ordered = sorted(tests, key=lambda test: not test.name.startswith("test_" + mutant["function"] + "_"))
        results.append(_one(mutant, ordered, patch, capture, patience=patience))
    return results


def _one(mutant: Dict[str, Any], tests: List[Test], patch: Patch, capture: Any, *, patience: float) -> Dict[str, Any]:
    try:
        context = other_state(capture, mutant["state"]) if mutant["state"] else patch.applied(mutant["source"])
        with context, at_most(patience, TooLong()):
            for test in tests:
                if status(test) == "fail":
                    return {"caught": True, "by": test.name, "problem": ""}
    except TooLong:
        return {"caught": True, "by": "it did not end", "problem": ""}
    except Unmade as error:
        return {"caught": False, "by": "", "problem": str(error)}
    return {"caught": False, "by": "", "problem": ""}
