"""What a kernel said of segments → checks and metrics by segment. Pure.

What is computed again of all held-out rows must say what the run said; where it does not, nothing is told of the parts.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from nb2svc.ir.validation import BySegment, CheckOutcome, Failure, MetricValue, RunResult, SegmentRows
from nb2svc.validate.watched import Watched

_CLOSE = 1e-9


def with_segments(result: RunResult, seen: Mapping[str, Any] | None, *, watched: Watched) -> RunResult:
    """A run's result with checks and metrics by segment; a check that fails in one segment has failed."""
    if result.status not in ("ok", "failed"):
        return result
    if seen is None:
        problem = Failure(what="the kernel did not say what checks and metrics come to by segment")
        return replace(result, segments=BySegment(problem=problem))
    if "refused" in seen:
        said = seen["refused"]
        problem = Failure(what=said["what"], where=said.get("where", ""), why=said["why"], fix=said["fix"])
        return replace(result, segments=BySegment(problem=problem))
    by_segment = BySegment(
        rows=tuple(SegmentRows(segment=part["segment"], rows=part["rows"]) for part in seen["parts"]),
        found=tuple((column, place) for column, place in seen["from"]),
        untouched=tuple(seen["untouched"]),
    )
    checks = tuple(_checks(seen, result, identifiers={name: identifier for identifier, name in watched.checks.items()}))
    failed = any(check.outcome == "fail" for check in checks)
    return replace(
        result,
        status="failed" if failed else result.status,
        checks=(*result.checks, *checks),
        metrics=(*result.metrics, *_metrics(seen, result)),
        segments=by_segment,
    )


def _checks(seen: Mapping[str, Any], result: RunResult, *, identifiers: Mapping[str, str]) -> Iterator[CheckOutcome]:
    whole = seen["whole"]["checks"]
    for part in seen["parts"]:
        for check in result.checks:
            identifier = identifiers.get(check.name, "")
            if identifier in whole:
                yield _check(check, part["told"]["checks"].get(identifier), part, whole[identifier])


def _metrics(seen: Mapping[str, Any], result: RunResult) -> Iterator[MetricValue]:
    whole = seen["whole"]
    for part in seen["parts"]:
        for metric in result.metrics:
            if metric.name in whole["metrics"] or metric.name in whole["problems"]:
                yield _metric(metric, part["told"], part, whole)


def _check(own: CheckOutcome, told: Mapping[str, Any] | None, part: Mapping[str, Any], whole: Mapping[str, Any]) -> CheckOutcome:
    def unreached(reason: str) -> CheckOutcome:
        return CheckOutcome(name=own.name, cell=own.cell, outcome="not_reached", message=reason, segment=part["segment"])

    again = _outcome(whole)
    if own.outcome == "not_reached":
        return unreached("the run did not come to it")
    if again == "not_reached" or again != own.outcome:
        other = f"it {_WORDS[again]} when it is computed again of all held-out rows, and {_WORDS[own.outcome]} in the run"
        return unreached(whole.get("unreached") or other)
    if told is None or "unreached" in told:
        return unreached(_of_few(part, (told or {}).get("unreached", "")))
    if not told:
        return CheckOutcome(name=own.name, cell=own.cell, outcome="pass", segment=part["segment"])
    message = told["message"] or (f"assert {told['test']}" if told["test"] else "the assertion does not hold")
    if told["name"] != "AssertionError":
        # On all rows it could be evaluated: it is these rows that are too few, or too much alike.
        return unreached(_of_few(part, f"{told['name']}: {told['message']}".split("\n", 1)[0]))
    missing = next((text for text, value in told["values"] if value == "nan"), "")
    if missing:
        return unreached(_of_few(part, f"{missing} is not a number"))
    return CheckOutcome(
        name=own.name,
        cell=own.cell,
        outcome="fail",
        message=message,
        line=told["line"],
        values=tuple((text, value) for text, value in told["values"]),
        segment=part["segment"],
    )


_WORDS = {"pass": "passes", "fail": "fails", "error": "can't be evaluated", "not_reached": "is not reached"}


def _outcome(told: Mapping[str, Any]) -> str:
    if not told:
        return "pass"
    if "unreached" in told:
        return "not_reached"
    return "fail" if told["name"] == "AssertionError" else "error"


def _of_few(part: Mapping[str, Any], reason: str) -> str:
    rows = part["rows"]
    counted = f"of its {rows:,} rows" if rows != 1 else "of its only row"
    return f"can't be told {counted}" + (f": {reason}" if reason else "")


def _metric(own: MetricValue, told: Mapping[str, Any], part: Mapping[str, Any], whole: Mapping[str, Any]) -> MetricValue:
    name, segment = own.name, part["segment"]
    again = whole["metrics"].get(name)
    if again is None or not _equal(own, again):
        said = f"{again['value'] if again['value'] is not None else again['special']}" if again else ""
        reason = f"computed again of all held-out rows it is {said}" if again else _problem(name, whole)
        return MetricValue(name=name, value=None, segment=segment, note=reason)
    value = told["metrics"].get(name)
    if value is None or (value.get("value") is None and not value.get("special")):
        return MetricValue(name=name, value=None, segment=segment, note=_of_few(part, _problem(name, told)))
    note = _of_few(part, "it is not a number") if value["special"] == "nan" else ""
    return MetricValue(name=name, value=value["value"], special=value["special"], segment=segment, note=note)


def _problem(name: str, told: Mapping[str, Any]) -> str:
    problems = told["problems"]
    return str(problems.get(name) or next(iter(problems.values()), ""))


def _equal(own: MetricValue, again: Mapping[str, Any]) -> bool:
    if own.value is None or again["value"] is None:
        return own.value is None and again["value"] is None and own.special == again["special"]
    return math.isclose(own.value, again["value"], rel_tol=_CLOSE, abs_tol=_CLOSE)
