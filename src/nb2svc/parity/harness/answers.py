"""A project's answers for captured rows, without a judgement: two builds are compared by them.

    {"project", "package", "rows": file, "fields": [["age"], …]}  →  {"answers": [[status, prediction, …], …], "before": […]}

With `capture`, `raws` and `tables` the file of rows is written first, and the result has their `ordinals` and the `total`.
Captured rows go into files of the private folder that the result lies in, and nowhere else.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import json
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence

from .compare import columns, length, missing
from .loading import load
from .sample import stratified
from .service import Replay, Service, importable
from .tables import Tables

BATCH = 500
# How many model inputs are looked at, all rows and columns together.
CELLS = 1_000_000
Progress = Callable[[str], None]


def captured_rows(request: Dict[str, Any]) -> Dict[str, Any]:
    """The captured rows as a client would send them, with every column of their tables; at most `most` of them, into a file."""
    with importable(request["project"], request["package"]):
        values = {name: load(request["capture"], entry, request["package"]) for name, entry in request["raws"].items()}
    specs = [
        {**spec, "columns": [{**column, "use": "read"} for column in spec["columns"]]}
        for spec in request["tables"]
        if spec["name"] in values
    ]
    tables = Tables(specs, values)
    ordinals = stratified(tables, range(tables.size), size=request.get("most"))
    # Of a large table only the chosen rows are made into text.
    chosen = Tables(specs, tables.select(ordinals))
    Path(request["rows"]).write_text(json.dumps(chosen.json_rows(range(len(ordinals)))), encoding="utf-8")
    return {"ordinals": ordinals, "total": tables.size}


def answers(request: Dict[str, Any], *, progress: Progress) -> Dict[str, Any]:
    """What the project answers for the rows of a file; with `fields` also where it is sent only these: `before`."""
    rows = json.loads(Path(request["rows"]).read_text(encoding="utf-8"))
    with importable(request["project"], request["package"]):
        service = _service(request["package"])
        found = _asked(service, rows, progress)
        if request.get("fields") is not None and not found["problem"]:
            sent = [_only(row, request["fields"]) for row in rows]
            found["before"] = _asked(service, sent, lambda text: progress("as before, " + text))["answers"]
    return {**found, "versions": _versions(request)}


class _Plain:
    """The predictor of a build whose runtime is too old to look at what its model receives."""

    def __init__(self, package: str) -> None:
        self._predictor = importlib.import_module(package + "._nb2svc.predictor").load_predictor(package)

    def predict(self, rows: List[Any]) -> Replay:
        """The wire results; the model's inputs are not known."""
        return Replay(None, self._predictor.predict(rows))


def _service(package: str) -> Any:
    try:
        return Service(package, fallback={})
    except AttributeError:
        return _Plain(package)


def _asked(service: Any, rows: List[Any], progress: Progress) -> Dict[str, Any]:
    found: List[List[Any]] = []
    inputs = _Inputs()
    for start in range(0, len(rows), BATCH):
        replay = service.predict(rows[start : start + BATCH])
        if replay.error:
            return {"answers": [], "problem": replay.error}
        found += [_answer(result) for result in replay.answers]
        inputs.add(replay.inputs, replay.answers)
        progress("{:,} of {:,} rows".format(min(start + BATCH, len(rows)), len(rows)))
    return {"answers": found, "columns": inputs.names, "inputs": inputs.rows, "problem": ""}


def _answer(result: Dict[str, Any]) -> List[Any]:
    issues = [[issue["field"], issue["code"]] for issue in result["issues"] if issue["code"] not in ("unknown_field", "bad_id")]
    return [result["status"], result["prediction"], result.get("probability") or {}, issues]


class _Inputs:
    """What the model received for each row; None where that is not known, or where there is too much of it."""

    def __init__(self) -> None:
        self.names: List[str] = []
        self.rows: List[Optional[List[Any]]] = []

    def add(self, given: Any, results: Sequence[Dict[str, Any]]) -> None:
        """Note the input of one batch, for all of its rows or for those that were answered."""
        answered = [place for place, result in enumerate(results) if result["prediction"] is not None]
        places = {len(results): list(range(len(results))), len(answered): answered}.get(length(given))
        found: List[Optional[List[Any]]] = [None] * len(results)
        if places is not None and getattr(given, "ndim", 2) == 2:
            named = [] if _too_wide(given) else columns(given)
            self.names = self.names or [name for name, _ in named]
            if len(named) * (len(self.rows) + len(places)) <= CELLS and [name for name, _ in named] == self.names:
                cells = [[_plain(item) for item in _items(column)] for _, column in named]
                for at, place in enumerate(places):
                    found[place] = [column[at] for column in cells]
        self.rows += found


def _too_wide(given: Any) -> bool:
    return bool(getattr(given, "shape", (0, 0))[1] > CELLS // BATCH)


def _items(column: Any) -> List[Any]:
    items: List[Any] = column.tolist() if hasattr(column, "tolist") else list(column)
    return items


def _plain(item: Any) -> Any:
    if missing(item):
        return None
    return item if isinstance(item, (bool, int, float, str)) else str(item)


def _only(row: Any, fields: Sequence[Sequence[str]]) -> Any:
    """A row with some of its fields: [["age"], ["transactions", "amount"]]; a row that is no object stays as it is."""
    if not isinstance(row, dict):
        return row
    inner: Dict[str, List[Sequence[str]]] = {}
    for path in fields:
        inner.setdefault(path[0], []).extend([path[1:]] if path[1:] else [])
    return {
        name: [_only(child, inner[name]) for child in value] if inner[name] and isinstance(value, list) else value
        for name, value in row.items()
        if name in inner
    }


def _versions(request: Dict[str, Any]) -> Dict[str, str]:
    found = {}
    for name in request.get("libraries") or ():
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return {**found, "Python": "{}.{}".format(*sys.version_info[:2])}


def run(request: Dict[str, Any], *, progress: Progress) -> Dict[str, Any]:
    """Do what the request asks for; `problem` says what stopped it."""
    found: Dict[str, Any] = {"problem": ""}
    try:
        if "raws" in request:
            found.update(captured_rows(request))
        found.update(answers(request, progress=progress))
    except Exception as error:  # importing the project runs generated and the author's code
        found["problem"] = type(error).__name__ + ": " + str(error)[:400]
    return found


def main(path: str) -> int:
    """Read the request file, do what it asks for, write the result beside it; progress goes to standard output."""
    request = json.loads(Path(path).read_text(encoding="utf-8"))
    out = sys.stdout

    def progress(text: str) -> None:
        print("mode " + text, file=out, flush=True)

    temporary = Path(request["result"] + ".part")
    temporary.write_text(json.dumps(run(request, progress=progress)), encoding="utf-8")
    temporary.replace(request["result"])
    return 0
