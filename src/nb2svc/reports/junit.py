"""A report as JUnit XML, the form in which CI servers show tests.

A test case fails where the command's exit code says no: a refusal, a failed proof, a red blocker. A warning passes, and is told
in the case's output. What nobody looked at is skipped, with the reason.
"""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET  # writes only

from nb2svc.ir.report import Place, Problem, Record, RecordStatus, Report

# What XML 1.0 can't hold, also escaped.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(report: Report) -> str:
    """The report as one JUnit document, with one suite."""
    cases = [_case(record) for record in report.records]
    if report.problem is not None:
        cases.append(_error(report.command, report.problem))
    if not cases:
        # A report without any test counts as a mistake in most CI servers.
        cases.append(_element("testcase", classname=report.command, name="nothing to report"))
    counts = _counts(report, len(cases))
    suites = _element("testsuites", name="nb2svc", **{name: counts[name] for name in ("tests", "failures", "errors")})
    suite = _element("testsuite", name=f"{report.command} {report.subject}".strip(), **counts)
    suite.extend(cases)
    suites.append(suite)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode")


def _counts(report: Report, tests: int) -> dict[str, str]:
    def count(status: RecordStatus) -> str:
        return str(sum(record.status == status for record in report.records))

    errors = "1" if report.problem else "0"
    return {"tests": str(tests), "failures": count("fail"), "errors": errors, "skipped": count("not_evaluated")}


def _case(record: Record) -> ET.Element:
    place = record.place.text if record.place else ""
    case = _element("testcase", classname=record.code, name=f"{record.name}, {place}" if place else record.name)
    text = _text(record)
    match record.status:
        case "fail":
            case.append(_element("failure", text, type=record.code, message=_first_line(record.message)))
        case "not_evaluated":
            case.append(_element("skipped", message=_first_line(record.message)))
        case "warn" | "note":
            case.append(_element("system-out", f"{'warning' if record.status == 'warn' else 'note'}: {text}"))
        case "pass":
            if record.message:
                case.append(_element("system-out", record.message))
    return case


def _text(record: Record) -> str:
    remedy = f"do this: {record.remedy}" if record.remedy else ""
    return "\n".join(filter(None, (_where(record.place), record.message, remedy)))


def _where(place: Place | None) -> str:
    if place is None:
        return ""
    file = f"{place.file}:{place.region.line}" if place.region else place.file
    return f"{place.text} ({file})" if place.text else file


def _error(command: str, problem: Problem) -> ET.Element:
    case = _element("testcase", classname=command, name=problem.what)
    parts: Sequence[str] = (problem.where, problem.why, problem.fix, problem.details)
    case.append(_element("error", "\n".join(filter(None, parts)), type="error", message=_first_line(problem.what)))
    return case


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0]


def _element(tag: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.Element(tag, {name: _xml(value) for name, value in attributes.items()})
    element.text = _xml(text) or None
    return element


def _xml(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
