"""The author's checks on models that learned nothing: the whole training again, with each row's label given to another row.

What training learns besides the model, a threshold for example, is learned again with it.
"""

from __future__ import annotations

import importlib
import tempfile
from typing import Any, Dict, List

from .folders import working_in
from .generated_tests import collect, status
from .limits import at_most

# What learned nothing may be lucky: with few columns its answers point the right way as often as the wrong way. So several are
# trained, until so many were rejected.
REJECTED, SHUFFLES = 3, 5
SHUFFLED = "__nb2svc_shuffled__"


def try_quality_gate(request: Dict[str, Any]) -> Dict[str, Any]:
    """→ {"checks": [{"name", "status"}], "shuffled": [[{"name", "status"}], …]}, or {"problem": why}.

    `files` are the modules with the checks, `training` is the text of training.py with `__nb2svc_shuffled__(…)` about each label.
    """
    replay = importlib.import_module(request["package"] + "._nb2svc.replay")
    capture = replay.find_capture(request["package"])
    if capture is None:
        return {"problem": "the capture was not found"}
    answer: Dict[str, Any] = {"checks": _asked(request["files"], capture), "shuffled": []}
    limit = float(request["seconds"])
    slow = RuntimeError("training on shuffled labels took longer than {:.0f} s".format(limit))
    with at_most(limit, slow, processor=True):
        for seed in range(SHUFFLES):
            served = replay.find_capture(request["package"])
            served._predictor = _trained(request, capture.predictor, seed)
            answer["shuffled"].append(_asked(request["files"], served))
            if sum(_is_rejected(answer["checks"], each) for each in answer["shuffled"]) == REJECTED:
                break
    return answer


def _is_rejected(good: List[Dict[str, str]], other: List[Dict[str, str]]) -> bool:
    return any(one["status"] == "pass" and two["status"] == "fail" for one, two in zip(good, other))


def _asked(files: Dict[str, str], capture: Any) -> List[Dict[str, str]]:
    return [{"name": test.name, "status": status(test)} for test in collect(files, capture)]


def _trained(request: Dict[str, Any], served: Any, seed: int) -> Any:
    """A predictor like the served one, after another training; it goes through files, as the served one did."""
    package = request["package"]
    artifacts = importlib.import_module(package + "._nb2svc.artifacts")
    state = importlib.import_module(package + "._nb2svc.state").State(learning=True)
    space: Dict[str, Any] = {"__name__": package + ".training", "__package__": package, SHUFFLED: _shuffler(seed)}
    with working_in(request["data"]), tempfile.TemporaryDirectory() as folder:
        exec(compile(request["training"], "training.py", "exec"), space)
        result = space["train"](state)
        shipped = isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], dict)
        model, lookups = result if shipped else (result, {})
        several = type(served.model).__name__ == "Models"
        artifacts.save(folder, artifacts.Models(model) if several else model, state, lookups, package=package)
        loaded = artifacts.load(folder)
    return type(served)(
        package=package,
        schema=served.schema,
        function=served.function,
        model=loaded.model,
        state=loaded.state,
        lookups={**served.lookups, **loaded.lookups},
    )


def _shuffler(seed: int) -> Any:
    import numpy as np

    def shuffled(labels: Any) -> Any:
        """The labels of other rows, in what held them; equal lengths are shuffled alike."""
        size = labels.shape[0] if hasattr(labels, "shape") else len(labels)
        order = np.random.RandomState(seed).permutation(size)
        if hasattr(labels, "iloc"):
            other = labels.iloc[order].copy()
            other.index = labels.index
            return other
        return [labels[place] for place in order] if isinstance(labels, (list, tuple)) else labels[order]

    return shuffled
