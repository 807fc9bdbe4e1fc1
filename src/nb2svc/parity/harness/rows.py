"""A project and its capture, to be asked about single rows: lists, one row's values step by step, an edited request.

{"ask": "list", "search": "region=north"}  →  {"rows": [{"row": 17, "values": {…}, "notebook": 0.31, "notable": […]}], …}
{"ask": "row", "row": 17}                  →  {"request": {…}, "steps": […], "inputs": …, "answer": …, "checks": […]}
{"ask": "try", "request": {…}}             →  the same, beside the `nearest` captured row
"""

from __future__ import annotations

import json
import time
from typing import Any, Dict, List, Mapping, Optional, Sequence, Set, Tuple

import numpy as np

from .compare import columns, entry, length, take
from .judge import Outcome, judge, own_inputs
from .listing import listed
from .modes import prepare
from .nearest import Distances, Nearest, differing
from .notable import Reason, notable
from .oracle import Source
from .replay import make_bench
from .service import Replay
from .steps import SHOWN, Notebook, StepTrace, alike, compared, json_of, largest
from .tables import Tables
from .trace import LineMap
from .wire import DOMAIN, predicted

# A larger table is not replayed as a whole before the first list: then no row is marked as differing.
WHOLE = 20_000


class Rows:
    """What a request file names, loaded once. The project must be importable while this is asked."""

    def __init__(self, request: Dict[str, Any]) -> None:
        self.request = request
        self.bench, self.checkpoints = make_bench(request)
        self.lines = LineMap.read(request["project"], request["package"])
        self.notebook = Notebook(self.bench.tables, self.checkpoints)
        self.schema = self.bench.service.predictor.schema
        self.whole = self._replayed()
        self.dropped = self._dropped()
        self._reasons: Optional[Dict[int, List[Reason]]] = None
        self._distances: Optional[Distances] = None

    def answer(self, question: Mapping[str, Any]) -> Dict[str, Any]:
        """The document that answers a question; with `problem` where it has no answer."""
        kind, began = question.get("ask"), time.perf_counter()
        if kind == "list":
            found = self._list(question)
        elif kind == "row":
            found = self._row(int(question["row"]))
        elif kind == "try":
            found = self._tried(question["request"], question.get("row"), beside=str(question.get("beside") or "nearest"))
        else:
            return {"problem": "there is no question " + repr(kind)}
        return {**found, "seconds": round(time.perf_counter() - began, 4)}

    # --- lists

    def _list(self, question: Mapping[str, Any]) -> Dict[str, Any]:
        found = listed(self.bench.tables, question, self._notable(), self._standing)
        for row in found["rows"]:
            row["notebook"] = self._said(row["row"])
        fields = [_field(field, self.schema) for field in self.schema.main.fields]
        return {**found, "fields": fields, "replayed": self.whole is not None}

    def _notable(self) -> Dict[int, List[Reason]]:
        if self._reasons is None:
            edges = [edge.row for edge in self.whole.edges] if self.whole else []
            bad = sorted(self.whole.bad - set(edges)) if self.whole else []
            self._reasons = notable(self.bench.tables, dropped=self.dropped, differing=bad, edges=edges)
        return self._reasons

    def _replayed(self) -> Optional[Outcome]:
        """All rows at once against the notebook; None where there are too many, or nothing to compare with."""
        bench = self.bench
        if bench.tables.size > WHOLE or not bench.rows:
            return None
        prepare(bench)
        assert bench.base is not None

        def again(substitute: Any) -> Replay:
            return bench.service.answer(bench.tables.select(bench.base_rows), substitute=substitute)

        return judge(bench.oracle, bench.base_rows, bench.base, rerun=again)

    def _dropped(self) -> Dict[int, str]:
        found: Dict[int, str] = {}
        kept = set(self.bench.rows) | self.bench.oracle.prepared
        for selection, rows in zip(self.request.get("selections", []), self.bench.dropped):
            where = "dropped in cell {}, line {}".format(selection["span"]["cell"], selection["span"]["line"])
            for row in np.asarray(rows).tolist():
                if row not in kept:
                    found.setdefault(int(row), where)
        return found

    def _standing(self, row: int) -> str:
        oracle = self.bench.oracle
        if row in oracle.prepared:
            return "otherwise"
        if oracle.predictions is not None and oracle.predictions.where[row] >= 0:
            return "predicted"
        if oracle.fit.where[row] >= 0:
            return "fitted"
        return "dropped" if row in self.dropped else "unused"

    # --- one row

    def _row(self, row: int) -> Dict[str, Any]:
        size = self.bench.tables.size
        if not 0 <= row < size:
            return {"problem": "there is no row {}: the notebook had {:,}, counted from 0".format(row, size)}
        request = self._sent(row)
        found = self._asked(request, row, judged=True)
        return {"row": row, "nearest": None, **found}

    def _tried(self, request: Any, base: Any, *, beside: str) -> Dict[str, Any]:
        """An edited request beside the nearest captured row, or (`beside` is `row`) beside the row that it was made from."""
        if not isinstance(request, dict):
            return {"problem": "a request row is an object with a value for each field"}
        near = self._nearest(request, self.bench.rows or range(self.bench.tables.size))
        own = self._nearest(request, [base]) if _is_row(base, self.bench.tables.size) else None
        if own is not None and near is not None and (beside == "row" or own.distance <= near.distance):
            near = own
        row = near.row if near is not None else None
        captured = self._sent(row) if row is not None else {}
        fields = differing(captured, request)
        found = self._asked(request, row, judged=not fields)
        return {"row": base if own is not None else None, "nearest": self._near(near, captured, request, fields), **found}

    def _nearest(self, request: Mapping[str, Any], among: Sequence[int]) -> Optional[Nearest]:
        if self._distances is None:
            self._distances = Distances(self.bench.tables)
        return self._distances.nearest(request, among)

    def _near(
        self, near: Optional[Nearest], captured: Mapping[str, Any], request: Mapping[str, Any], fields: List[str]
    ) -> Optional[Dict[str, Any]]:
        if near is None:
            return None
        differs = [{"field": name, "captured": captured.get(name), "here": request.get(name)} for name in fields]
        return {"row": near.row, "distance": round(near.distance, 6), "differs": differs, "request": dict(captured)}

    def _sent(self, row: int) -> Dict[str, Any]:
        """A captured row as a client would send it."""
        tables = self.bench.tables
        one = Tables(tables.specs, tables.select([row])).json_rows([0])[0]
        parsed: Dict[str, Any] = json.loads(json.dumps(one))
        return parsed

    def _asked(self, request: Dict[str, Any], row: Optional[int], *, judged: bool) -> Dict[str, Any]:
        trace, replay = self._followed(lambda: self.bench.service.predict([request]))
        result = replay.answers[0] if replay.answers else {"status": "invalid", "prediction": None, "issues": []}
        aside = False
        if not trace.steps and trace.raised is None:
            frames = self._frames(request)
            if frames is not None:
                trace, replay = self._followed(lambda: self.bench.service.answer(frames))
                aside = bool(trace.steps)
        foreign = {
            column["name"] for spec in self.bench.tables.specs for column in spec["columns"] if column["use"] in ("key", "target")
        }
        steps = compared(trace, self.notebook, row, lines=self.lines, request=request, foreign=foreign, judged=judged)
        inputs, answer = self._inputs(row, replay.inputs, judged=judged), self._answer(row, result, judged=judged)
        return {
            "request": request,
            "standing": self._standing(row) if row is not None else "unused",
            "dropped": self.dropped.get(row, "") if row is not None else "",
            "result": {name: value for name, value in result.items() if name != "id"},
            "aside": aside,
            "steps": steps,
            "inputs": inputs,
            "answer": answer,
            "checks": self._checks(result),
            "judged": judged,
            "parting": _parting(steps, inputs, answer),
        }

    def _followed(self, call: Any) -> Tuple[StepTrace, Replay]:
        trace, found = StepTrace(self.checkpoints, self.lines), []
        trace.run(lambda: found.append(call()))
        return trace, found[0] if found else Replay(None, None, "the call was interrupted")

    def _frames(self, request: Dict[str, Any]) -> Optional[Dict[str, Any]]:
        """The tables of a request that the service does not answer; None where it can't make any."""
        try:
            frames: Dict[str, Any] = self.bench.service.predictor.frames([request])
        except Exception:  # what the schema can't hold has no steps
            return None
        return frames if length(frames.get(self.bench.tables.main["name"])) == 1 else None

    def _inputs(self, row: Optional[int], given: Any, *, judged: bool) -> Dict[str, Any]:
        oracle = self.bench.oracle
        service = dict(columns(oracle.without_passed(given))) if given is not None and length(given) == 1 else {}
        source = _known(oracle.judged, row)
        own = dict(columns(_of_row(source, row))) if source is not None else {}
        names = list(self.request.get("columns") or ())
        values = []
        for at, name in enumerate(own or service):
            mine = entry(own[name], 0) if name in own else _NONE
            theirs = entry(service[name], 0) if name in service else _NONE
            title = names[at] if name == str(at) and len(names) == len(own or service) else name
            values.append(
                _pair(
                    title,
                    mine,
                    theirs,
                    judged=judged,
                    scale=largest(dict(columns(source.value)).get(name)) if source is not None else 0.0,
                )
            )
        if len(values) > SHOWN:
            values.sort(key=lambda value: value["equal"] is not False)
        return {"values": values[:SHOWN], "more": max(0, len(values) - SHOWN)}

    def _answer(self, row: Optional[int], result: Mapping[str, Any], *, judged: bool) -> Dict[str, Any]:
        source, how = self._oracle(row)
        own = columns(_of_row(source, row), "") if source is not None else []
        names = list(self.schema.answer.names)
        prediction = result.get("prediction")
        service = columns(predicted([prediction]), "") if prediction is not None else []
        values = []
        for at in range(max(len(own), len(service))):
            mine = entry(own[at][1], 0) if at < len(own) else _NONE
            theirs = entry(service[at][1], 0) if at < len(service) else _NONE
            name = names[at] if len(names) > at else ""
            values.append(_pair(name, mine, theirs, judged=judged, scale=0.0))
        edge = judged and row is not None and self.whole is not None and any(edge.row == row for edge in self.whole.edges)
        if judged and prediction is None and source is not None and self._rightly_referred(row, result):
            values = [{**value, "equal": None} for value in values]
        return {"values": values, "source": how, "knife_edge": edge}

    def _rightly_referred(self, row: Optional[int], result: Mapping[str, Any]) -> bool:
        codes = {issue["code"] for issue in result.get("issues") or ()}
        fitted = row is not None and self.bench.oracle.fit.where[row] >= 0
        return result.get("status") == "refer" and (codes == {"check_failed"} or (not fitted and bool(codes) and codes <= DOMAIN))

    def _oracle(self, row: Optional[int]) -> Tuple[Optional[Source], str]:
        """What knows the notebook's answer for a row: its own prediction, or its model asked with the notebook's own inputs."""
        oracle = self.bench.oracle
        source = _known(oracle.answers, row)
        if source is not None or row is None or row not in set(self.bench.rows):
            return source, "" if source is None else "notebook" if source is oracle.predictions else "model"
        replay = self.bench.service.answer(self.bench.tables.select([row]), substitute=own_inputs(oracle, [row]))
        if replay.error or length(replay.answers) != 1:
            return None, ""
        return Source("answer", replay.answers, [row], size=self.bench.tables.size), "model"

    def _said(self, row: int) -> Any:
        source = _known(self.bench.oracle.answers, row)
        if source is None:
            return None
        own = [json_of(entry(column, 0)) for _, column in columns(_of_row(source, row))]
        return own[0] if len(own) == 1 else own

    def _checks(self, result: Mapping[str, Any]) -> List[Dict[str, Any]]:
        messages = [issue["message"] for issue in result.get("issues") or ()]
        codes: Set[str] = {issue["code"] for issue in result.get("issues") or ()}
        found = []
        for guard in self.schema.guards:
            said = "{} ({})".format(guard.text, guard.where)
            fails = any(said in message for message in messages)
            found.append({"name": guard.text, "where": guard.where, "holds": not fails})
        computed = result.get("prediction") is not None or "check_failed" in codes
        for check in self.bench.service.predictor.checks.checks:
            said = "{} ({})".format(check.name, check.where)
            fails = any(said in message for message in messages)
            # After the first that fails no other is run.
            holds = False if fails else None if not computed or "check_failed" in codes else True
            found.append({"name": check.name, "where": check.where, "holds": holds})
        return found


_NONE = object()


def _is_row(value: Any, size: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < size


def _parting(
    steps: Sequence[Mapping[str, Any]], inputs: Mapping[str, Any], answer: Mapping[str, Any]
) -> Optional[Dict[str, Any]]:
    """Where both part first: the statement (None: the model's input or the answer) and the column."""
    for step in steps:
        if step["raised"]:
            return {"statement": step["statement"], "name": "", "column": ""}
        for value in step["values"]:
            if value["equal"] is False:
                return {"statement": step["statement"], "name": value["name"], "column": value["column"]}
    for value in [*inputs["values"], *answer["values"]]:
        if value["equal"] is False:
            return {"statement": None, "name": value["name"], "column": value["column"]}
    return None


def _known(sources: List[Source], row: Optional[int]) -> Optional[Source]:
    return next((source for source in sources if row is not None and source.where[row] >= 0), None)


def _of_row(source: Source, row: Optional[int]) -> Any:
    return take(source.value, source.where[np.array([row], dtype="int64")])


def _pair(name: str, own: Any, service: Any, *, judged: bool, scale: float) -> Dict[str, Any]:
    both = own is not _NONE
    same = both and service is not _NONE and alike(own, service, scale=scale)
    equal, changed = same if both and judged else None, both and not same and not judged
    found: Dict[str, Any] = {"name": "", "column": name, "equal": equal, "changed": changed}
    if both:
        found["notebook"] = json_of(own)
    if service is not _NONE:
        found["service"] = json_of(service)
    return found


def _field(field: Any, schema: Any) -> Dict[str, Any]:
    """A field of the request, for a form."""
    known = field.seen
    found = {
        "name": field.name,
        "kind": field.kind,
        "nullable": field.nullable,
        "values": [json_of(value) for value in known.values],
        "low": json_of(known.low),
        "high": json_of(known.high),
        "shape": list(known.shape),
        "fields": [],
    }
    if field.kind == "table":
        found["fields"] = [_field(each, schema) for each in schema.children[field.name].fields]
    return found
