"""The whole replay of one request: load, replay in every mode that was asked for, find where a failure begins."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

import numpy as np

from .compare import length
from .domain import dropped
from .loading import CaptureError, load
from .modes import Bench, alone, inputs, otherwise, predictions, prepare, repeat, result, shuffled, target, unmutated
from .oracle import Oracle
from .sample import stratified
from .scores import with_scores
from .service import Service, importable
from .tables import Tables
from .trace import Checkpoints, LineMap, Parting, Watcher, earliest
from .wire import batches, extra, over_http, reordered, through_json

Progress = Callable[[str], None]
MODES: Dict[str, Callable[[Bench], Dict[str, Any]]] = {
    "predictions": predictions,
    "inputs": inputs,
    "dropped": dropped,
    "alone": alone,
    "shuffled": shuffled,
    "columns": reordered,
    "extra": extra,
    "repeat": repeat,
    "unmutated": unmutated,
    "json": through_json,
    "target": target,
}


def _silent(_name: str) -> None:
    return


def run(request: Dict[str, Any], *, progress: Progress = _silent) -> Dict[str, Any]:
    """Replay; the result as JSON. What the author's code prints is swallowed, what it raises is in the modes."""
    with importable(request["project"], request["package"]):
        return _run(request, progress)


def _run(request: Dict[str, Any], progress: Progress) -> Dict[str, Any]:
    try:
        bench, checkpoints = make_bench(request)
    except CaptureError as error:
        return _all_fail(request, str(error))
    except Exception as error:  # importing the project runs generated and the author's code
        return _all_fail(request, "the project can't be loaded: " + type(error).__name__ + ": " + str(error)[:400])
    apart, output = bench.oracle.predict, bench.oracle.predictions
    prepare(bench)
    bench.sample = stratified(bench.tables, bench.rows, size=request.get("sample"), seed=int(request.get("seed", 0)))
    modes = [_mode(bench, name, progress) for name in request["modes"]]
    if bench.oracle.prepared:
        _check_otherwise(bench, modes, apart, output)
    _write_requests(bench, request)
    parting = _bisect(bench, modes, checkpoints, request) if any(mode["status"] == "fail" for mode in modes) else None
    return {"modes": modes, "prepared": len(bench.oracle.prepared), "parting": parting, "problem": ""}


def make_bench(request: Dict[str, Any]) -> Tuple[Bench, Checkpoints]:
    """The bench with everything loaded, and the notebook's values after each statement.

    Raises:
        CaptureError: a captured file is missing, changed, or not readable.
    """
    folder, package = request["capture"], request["package"]
    values = {name: load(folder, entry, package) for name, entry in request["raws"].items()}
    tables = Tables(request["tables"], values)
    oracles = {name: load(folder, entry, package) for name, entry in request["oracles"].items()}
    checkpoints: Checkpoints = {int(number): kept for number, kept in (oracles.pop("checkpoints", None) or {}).items()}
    dropped_rows = oracles.pop("dropped", [])
    oracle = Oracle({**oracles, "estimated": _estimated(request, oracles)}, size=tables.size, passed=request.get("passed") or ())
    frozen = {
        name: value
        for name, value in values.items()
        if name in {spec["name"] for spec in request["tables"] if spec["role"] == "lookup"}
    }
    frozen.update({name: load(folder, entry, package) for name, entry in request.get("givens", {}).items()})
    bench = Bench(tables, oracle, Service(package, fallback=frozen), request=request)
    bench.dropped = dropped_rows
    return bench, checkpoints


def _estimated(request: Dict[str, Any], oracles: Dict[str, Any]) -> Any:
    """What the notebook's estimator answers for the notebook's own inputs, where the notebook itself asks it nothing."""
    if oracles.get("predict_input") is not None or not request.get("estimator"):
        return None
    try:
        answers = load(request["capture"], request["estimator"], request["package"]).predict(oracles["fit_input"])
    except Exception:  # not kept, or no estimator of scikit-learn's kind
        return None
    return answers if length(answers) == len(oracles["fit_rows"]) else None


def _mode(bench: Bench, name: str, progress: Progress) -> Dict[str, Any]:
    progress(name)
    if name == "http":
        return over_http(bench, json.loads(Path(bench.request["answers"]).read_text(encoding="utf-8")))
    if name == "retrain":  # the project given here is the one that was trained again
        given = [predictions(bench), inputs(bench)]
        found = _retrained(given, unseeded=_unseeded(bench.request))
        if not bench.request.get("scores") or not bench.request.get("estimator"):
            return found
        model = load(bench.request["capture"], bench.request["estimator"], bench.request["package"])
        return with_scores(found, model, bench.service.model, bench.oracle.fit.value)
    return MODES[name](bench)


def _retrained(given: List[Dict[str, Any]], *, unseeded: List[str]) -> Dict[str, Any]:
    own, made = given
    chosen = own if made["status"] != "fail" and own["status"] != "not_evaluated" else made
    return {**chosen, "name": "retrain", "inputs_differ": made["status"] == "fail", "unseeded": unseeded}


def _unseeded(request: Dict[str, Any]) -> List[str]:
    """The class names of the notebook's estimator and its parts that draw random numbers without a seed."""
    try:
        model = load(request["capture"], request["estimator"], request["package"])
        given = {"": model, **model.get_params(deep=True)}
    except Exception:  # not kept, or not an estimator of scikit-learn's kind
        return []
    names = [key for key, value in given.items() if key.rpartition("__")[2] == "random_state" and value is None]
    return sorted({type(given.get(name.rpartition("__")[0], model)).__name__ for name in names})


def _check_otherwise(bench: Bench, modes: List[Dict[str, Any]], apart: Any, output: Any) -> None:
    outcome = otherwise(bench, apart, output)
    for place, mode in enumerate(modes):
        if mode["name"] == "predictions" and outcome.bad:
            modes[place] = result("predictions", outcome, total=mode["total"])


def _write_requests(bench: Bench, request: Dict[str, Any]) -> None:
    path = request.get("requests")
    if path:
        documents = [{"rows": bench.tables.json_rows(rows)} for rows in batches(bench)]
        Path(path).write_text(json.dumps(documents), encoding="utf-8")


def _bisect(bench: Bench, modes: List[Dict[str, Any]], checkpoints: Any, request: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    lines = LineMap.read(request["project"], request["package"])
    failed = [mode for mode in modes if mode["status"] == "fail"]
    rows = [row for mode in failed for row in mode["rows"]] or bench.rows[:1]
    found = _whole(bench, checkpoints, lines) or _alone(bench, checkpoints, lines, rows) or _parsed(bench, checkpoints, lines)
    if found is not None:
        return {**found._asdict(), "cell": found.cell._asdict(), "origin": lines.first(found.statement)}
    shown = [cell for mode in failed for cell in mode["differences"] if cell["column"]]
    return {"statement": -1, "column": shown[0]["column"], "kind": "schema", "cell": shown[0], "origin": None} if shown else None


def _whole(bench: Bench, checkpoints: Any, lines: LineMap) -> Optional[Parting]:
    tables = bench.tables.everything()
    sizes = {spec["name"]: length(tables[spec["name"]]) for spec in bench.tables.children}
    watcher = Watcher(checkpoints, lines, rows=range(bench.tables.size), whole=True, sizes=sizes)
    watcher.run(lambda: bench.service.answer(tables))
    return earliest(watcher.found)


def _alone(bench: Bench, checkpoints: Any, lines: LineMap, rows: List[int]) -> Optional[Parting]:
    found: List[Parting] = []
    for row in rows[:5]:
        tables = bench.tables.select([row])
        watcher = Watcher(checkpoints, lines, rows=[row], whole=False)
        watcher.run(lambda tables=tables: bench.service.answer(tables))  # type: ignore[misc]
        found += watcher.found
    return earliest(found)


def _parsed(bench: Bench, checkpoints: Any, lines: LineMap) -> Optional[Parting]:
    """The same rows as the predictor's own frames, made from JSON."""
    rows = bench.batch
    try:
        tables = bench.service.predictor.frames(bench.tables.json_rows(rows))
    except Exception:  # a schema that can't build frames has no statement of the author's to blame
        return None
    if length(tables.get(bench.tables.main["name"])) != len(rows):
        return None
    columns = [column for spec in bench.tables.specs for column in spec["columns"]]
    foreign = {column["name"] for column in columns if column["use"] != "read"}
    watcher = Watcher(checkpoints, lines, rows=np.asarray(rows).tolist(), whole=False, foreign=foreign)
    watcher.run(lambda: bench.service.answer(tables))
    return earliest(watcher.found)


def _all_fail(request: Dict[str, Any], problem: str) -> Dict[str, Any]:
    empty: Dict[str, Any] = {"compared": 0, "total": 0, "different": 0, "edges": [], "rows": []}
    cell = {"row": -1, "column": "", "expected": "a replay", "actual": problem}
    modes = [{"name": name, "status": "fail", "note": problem, "differences": [cell], **empty} for name in request["modes"]]
    return {"modes": modes, "prepared": 0, "parting": None, "problem": problem}


def main(path: str) -> int:
    """Read the request file, replay, write the result beside it; progress goes to standard output, a line a mode."""
    request = json.loads(Path(path).read_text(encoding="utf-8"))
    out = sys.stdout

    def progress(name: str) -> None:
        print("mode " + name, file=out, flush=True)

    answer = run(request, progress=progress)
    temporary = Path(request["result"] + ".part")
    temporary.write_text(json.dumps(answer), encoding="utf-8")
    temporary.replace(request["result"])
    return 0
