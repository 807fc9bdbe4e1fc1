"""The ways of replaying through JSON: the predictor's own frames, and what came back over HTTP."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np

from .compare import THROUGH_JSON, length, take
from .judge import Outcome, judge, own_inputs
from .modes import Bench, result, unevaluated
from .service import Replay

BATCH = 100
SINGLES = 20
UNKNOWN = "nb2svc_proof_unknown_field"
# Why a row that training never saw is rightly sent to a person; any other reason is a difference.
DOMAIN = frozenset(["below_training_domain", "above_training_domain", "unseen_category", "missing_not_seen", "outside_domain"])


def through_json(bench: Bench) -> Dict[str, Any]:
    """All rows as JSON objects, once through text; only some where the request says `"batch": 200`."""
    return _mode(bench, "json", bench.batch, rows=_text(bench.tables.json_rows(bench.batch)))


def reordered(bench: Bench) -> Dict[str, Any]:
    """Fields in the opposite order, in child rows too."""
    return _mode(bench, "columns", bench.rows, rows=[_backwards(row) for row in bench.tables.json_rows(bench.rows)])


def extra(bench: Bench) -> Dict[str, Any]:
    """A field that no schema knows in each row and each child row."""
    rows = bench.tables.json_rows(bench.rows)
    for row in rows:
        for child in [part for value in row.values() if isinstance(value, list) for part in value if isinstance(part, dict)] + [
            row
        ]:
            child[UNKNOWN] = "x"
    return _mode(bench, "extra", bench.rows, rows=rows)


def batches(bench: Bench) -> List[List[int]]:
    """The sample as requests: some rows alone, the rest in batches."""
    alone, rest = bench.sample[:SINGLES], bench.sample[SINGLES:]
    return [[row] for row in alone] + [rest[at : at + BATCH] for at in range(0, len(rest), BATCH)]


def over_http(bench: Bench, answers: List[Dict[str, Any]]) -> Dict[str, Any]:
    """What the client received for each of `batches`: `{"status", "body"}`, or `{"error"}` where nothing came."""
    outcome = Outcome()
    for rows, answer in zip(batches(bench), answers):
        results = (answer.get("body") or {}).get("results") if isinstance(answer.get("body"), dict) else None
        if answer.get("status") != 200 or not isinstance(results, list):
            got = answer.get("error") or "HTTP " + str(answer.get("status")) + " " + json.dumps(answer.get("body"))[:200]
            outcome.fail(rows, column="", expected="an answer", actual=got)
            continue
        sent = _text(bench.tables.json_rows(rows))
        local = bench.service.predict(sent)
        # Only an answer that the same code gives here can be excused by a knife edge of its inputs.
        agree = not local.error and _predictions(local.answers) == _predictions(results)
        outcome.add(_judge(bench, rows, Replay(local.inputs, results), sent=sent if agree else None))
    return result("http", outcome, total=len(bench.rows), reason="no request was sent")


def _mode(bench: Bench, name: str, ordinals: Sequence[int], *, rows: List[Dict[str, Any]]) -> Dict[str, Any]:
    if not rows:
        return unevaluated(name, "no row reached the model input")
    return result(name, _judge(bench, ordinals, bench.service.predict(rows), sent=rows), total=len(bench.rows))


def _judge(bench: Bench, ordinals: Sequence[int], replay: Replay, *, sent: Any) -> Outcome:
    if replay.error:
        return judge(bench.oracle, ordinals, replay)
    outcome, answered = _statuses(bench, ordinals, replay.answers)
    if not answered:
        return outcome
    rows = [int(ordinals[at]) for at in answered]

    def rerun(substitute: Any) -> Replay:
        def either(given: Any) -> Any:
            return (substitute if length(given) == len(rows) else own_inputs(bench.oracle, ordinals))(given)

        return _answered(bench.service.predict(sent, substitute=either), answered, len(ordinals))

    found = judge(
        bench.oracle,
        rows,
        _answered(replay, answered, len(ordinals)),
        rtol=THROUGH_JSON,
        rerun=rerun if sent is not None else None,
    )
    outcome.add(found)
    return outcome


def _answered(replay: Replay, answered: List[int], total: int) -> Replay:
    """The replay of the rows that were answered; inputs None where they can't be matched with rows."""
    if replay.error:
        return replay
    given = replay.inputs
    if given is not None and length(given) == total:
        given = take(given, np.array(answered))
    elif length(given) != len(answered):
        given = None
    return Replay(given, predicted([replay.answers[at].get("prediction") for at in answered]))


def _statuses(bench: Bench, ordinals: Sequence[int], results: Any) -> Tuple[Outcome, List[int]]:
    answered: List[int] = []
    outcome, outside, asserted = Outcome(), 0, 0
    if not isinstance(results, list) or len(results) != len(ordinals):
        outcome.fail(ordinals, column="", expected=f"{len(ordinals)} results", actual=f"{length(results)} results")
        return outcome, answered
    fitted = bench.oracle.fit.where
    for at, (row, entry) in enumerate(zip(ordinals, results)):
        issues = [issue for issue in entry.get("issues") or [] if issue.get("code") != "unknown_field"]
        if entry.get("status") == "ok" or (entry.get("status") == "refer" and entry.get("prediction") is not None):
            answered.append(at)
        elif (
            entry.get("status") == "refer"
            and fitted[int(row)] < 0
            and issues
            and all(issue.get("code") in DOMAIN for issue in issues)
        ):
            outside += 1
        elif entry.get("status") == "refer" and {issue.get("code") for issue in issues} == {"check_failed"}:
            asserted += 1
        else:
            first = issues[0] if issues else {}
            got = str(entry.get("status")) + ": " + str(first.get("code", "")) + " " + str(first.get("message", ""))
            outcome.fail([row], column=str(first.get("field", "")), expected="ok", actual=got)
    if asserted and asserted == len(results):
        outcome.fail(ordinals, column="", expected="ok", actual=str(results[0]["issues"][0].get("message", "")))
    elif asserted:
        outcome.notes.append(str(asserted) + " rows are referred by a check of the notebook that requests must hold")
    if outside:
        outcome.notes.append(str(outside) + " predicted rows lie outside the training domain and are referred")
    return outcome, answered


def predicted(predictions: List[Any]) -> Any:
    """The predictions of wire results as a value with a row for each, as the notebook has one."""
    if predictions and all(isinstance(entry, dict) for entry in predictions):
        names = list(predictions[0])
        return np.array([[entry.get(name) for name in names] for entry in predictions], dtype=object)
    if predictions and all(isinstance(entry, list) for entry in predictions):
        return np.array(predictions, dtype=object)
    column = np.empty(len(predictions), dtype=object)
    column[:] = predictions
    return column


def _predictions(results: Any) -> List[Any]:
    return [(entry.get("status"), entry.get("prediction")) for entry in results] if isinstance(results, list) else []


def _text(rows: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    parsed: List[Dict[str, Any]] = json.loads(json.dumps(rows))
    return parsed


def _backwards(row: Any) -> Any:
    if isinstance(row, dict):
        return {name: _backwards(row[name]) for name in reversed(list(row))}
    return [_backwards(part) for part in row] if isinstance(row, list) and row and isinstance(row[0], dict) else row
