"""A report as SARIF 2.1.0, the form in which code scanning takes findings.

What passed, and what nobody looked at, is no result there: a service would show it as an alert. Whoever makes the records
gives each a place, if only a file: GitHub refuses a document that has a result without one.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from nb2svc import __version__
from nb2svc.ir.report import Place, Problem, Record, RecordStatus, Region, Repair, Report
from nb2svc.pages.catalogue import page

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: dict[RecordStatus, str] = {"fail": "error", "warn": "warning", "note": "note"}
_ROOT = "SRCROOT"


def render_sarif(report: Report) -> str:
    """The report as one SARIF document."""
    told = [record for record in report.records if record.status in _LEVELS]
    codes = list(dict.fromkeys(record.code for record in told))
    run = {
        "tool": {
            "driver": {
                "name": "nb2svc",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(code, next(record for record in told if record.code == code)) for code in codes],
            }
        },
        "invocations": [_invocation(report)],
        "originalUriBaseIds": {
            _ROOT: {"description": {"text": "The root of the repository, or the working folder where there is none."}}
        },
        "columnKind": "unicodeCodePoints",
        "results": list(_results(told, codes)),
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _rule(code: str, record: Record) -> dict[str, Any]:
    """What the tool says of a code, whichever notebook it is found in: its page, where it has one."""
    told = page(code)
    if told is None:
        more = {"fullDescription": {"text": record.about}, "help": {"text": record.about}} if record.about else {}
        return {"id": code, "shortDescription": {"text": record.name}, **more}
    level = _LEVELS[record.status]
    return {
        "id": code,
        "shortDescription": {"text": f"{told.title[0].upper()}{told.title[1:]}."},
        "fullDescription": {"text": told.summary},
        "help": {"text": told.text, "markdown": told.markdown},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": ["notebook", told.stage], "problem.severity": "recommendation" if level == "note" else level},
    }


def _invocation(report: Report) -> dict[str, Any]:
    notifications = [_problem(report.problem)] if report.problem else []
    notifications += [
        {"level": "note", "message": {"text": f"{record.code} {record.name} was not evaluated: {record.message}"}}
        for record in report.records
        if record.status == "not_evaluated"
    ]
    return {
        "executionSuccessful": report.problem is None,
        "exitCode": report.exit_code,
        "toolExecutionNotifications": notifications,
    }


def _problem(problem: Problem) -> dict[str, Any]:
    parts = (problem.where, problem.why, problem.fix, problem.details)
    return {"level": "error", "message": {"text": "\n".join((problem.what, *filter(None, parts)))}}


def _results(records: Sequence[Record], codes: Sequence[str]) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for record in records:
        digest = hashlib.sha256(f"{record.code}\n{record.identity}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
        seen[digest] += 1
        yield {
            "ruleId": record.code,
            "ruleIndex": codes.index(record.code),
            "level": _LEVELS[record.status],
            "message": {"text": _message(record)},
            **({"locations": [_location(record.place)]} if record.place else {}),
            **({"fixes": [_fix(repair, record.place) for repair in record.repairs]} if record.repairs and record.place else {}),
            # Made from the code and the author's line, so it stays while other cells, outputs and counts change. The name
            # is the one that GitHub looks at.
            "partialFingerprints": {"primaryLocationLineHash": f"{digest}:{seen[digest]}"},
        }


def _message(record: Record) -> str:
    """The place comes first: who shows a notebook's JSON shows no cells."""
    place = f"{record.place.text}: " if record.place and record.place.text else ""
    return place + record.message + (f"\nDo this: {record.remedy}" if record.remedy else "")


def _fix(repair: Repair, place: Place) -> dict[str, Any]:
    replacements = [{"deletedRegion": _region(one.region), "insertedContent": {"text": one.text}} for one in repair.replacements]
    change = {"artifactLocation": _artifact(place), "replacements": replacements}
    return {"description": {"text": repair.title}, "artifactChanges": [change]}


def _artifact(place: Place) -> dict[str, Any]:
    return {"uri": quote(place.file), "uriBaseId": _ROOT}


def _region(region: Region) -> dict[str, int]:
    return {"startLine": region.line, "startColumn": region.column, "endLine": region.end_line, "endColumn": region.end_column}


def _location(place: Place) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(place)}
    # A finding about the whole file stands in its first line: code scanning shows none without a line.
    physical["region"] = _region(place.region) if place.region else {"startLine": 1}
    logical = {"logicalLocations": [{"fullyQualifiedName": place.text, "kind": "element"}]} if place.text else {}
    return {"physicalLocation": physical, **logical}
