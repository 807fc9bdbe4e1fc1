"""A report as GitHub's workflow commands: each becomes an annotation in the file that a pull request shows.

    ::error file=loans.ipynb,line=41,endLine=41,col=6,endColumn=30,title=NB223: a password in the code::cell 2, line 1: …

GitHub shows ten of each level for a step; all stand in its log. What nobody looked at is a plain line there: an open checklist
would push what is wrong out of the ten.
"""

from collections import Counter

from nb2svc.ir.report import Problem, Record, RecordStatus, Report

SHOWN = 10
_LEVELS: dict[RecordStatus, str] = {"fail": "error", "warn": "warning", "note": "notice"}
_ORDER = {status: rank for rank, status in enumerate(_LEVELS)}


def render_github(report: Report) -> str:
    """The report as lines for a workflow's log, the worst first, then what was not evaluated; what passed is only counted."""
    told = sorted((record for record in report.records if record.status in _LEVELS), key=lambda record: _ORDER[record.status])
    lines = [_problem(report.problem)] if report.problem else []
    lines += [_annotation(record) for record in told]
    lines += [_unseen(record) for record in report.records if record.status == "not_evaluated"]
    return "\n".join([*lines, _summary(report)])


def _annotation(record: Record) -> str:
    place = record.place
    properties: dict[str, str] = {}
    if place is not None:
        properties["file"] = place.file
        if place.region is not None:
            properties |= {"line": str(place.region.line), "endLine": str(place.region.end_line)}
            # Columns are shown within one line only.
            if place.region.end_line == place.region.line:
                properties |= {"col": str(place.region.column), "endColumn": str(place.region.end_column)}
    properties["title"] = f"{record.code}: {record.name}"
    where = f"{place.text}: " if place and place.text else ""
    message = where + record.message + (f"\nDo this: {record.remedy}" if record.remedy else "")
    return _command(_LEVELS[record.status], properties, message)


def _unseen(record: Record) -> str:
    """One line that the runner takes for no command."""
    text = " ".join(record.message.split()).removeprefix("Not evaluated. ")
    return f"not evaluated: {record.code} {record.name}: {text}"


def _problem(problem: Problem) -> str:
    parts = (problem.where, problem.why, problem.fix, problem.details)
    return _command("error", {"title": problem.what}, "\n".join(filter(None, parts)) or problem.what)


def _command(name: str, properties: dict[str, str], message: str) -> str:
    said = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {said}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _summary(report: Report) -> str:
    counts = Counter(record.status for record in report.records)
    words: dict[RecordStatus, str] = {
        "fail": "failed",
        "warn": "warned",
        "note": "noted",
        "not_evaluated": "not evaluated",
        "pass": "passed",
    }
    said = ", ".join(f"{counts[status]} {word}" for status, word in words.items() if counts[status])
    said = said or ("stopped by an error" if report.problem else "nothing to report")
    levels = Counter(_LEVELS[record.status] for record in report.records if record.status in _LEVELS)
    hidden = sum(max(0, count - SHOWN) for count in levels.values())
    more = f"; {hidden} more than GitHub shows beside the code, they stand above" if hidden else ""
    return f"nb2svc {report.command} {report.subject}".rstrip() + f": {said}{more}"
