r"""One line of a log as the lines of text that it carries: colours gone, JSON opened, and when it was written.

{"log": "  File \"/srv/loans/features.py\", line 12, in applicant\n", "time": "2026-11-26T18:40:12Z"}
→ ('  File "/srv/loans/features.py", line 12, in applicant',), "2026-11-26T18:40:12Z"
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_COLOUR = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|[+-]\d\d:?\d\d))?")
_TIME_KEYS = ("time", "timestamp", "@timestamp", "asctime", "ts")
_FILE_KEYS = ("filename", "file", "abs_path")
_LINE_KEYS = ("lineno", "line", "line_number")
# Of such a field the text is one line of what the program wrote.
_WRAPPERS = ("log", "message", "msg", "MESSAGE")
_TIME_WITHIN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """`texts` are the lines of text in it; `wrapped` says that they stood inside JSON; `time` is as the log has it, or ""."""

    texts: tuple[str, ...]
    wrapped: bool
    time: str


def open_line(raw: str) -> LogLine:
    """What one line of a log says."""
    line = _COLOUR.sub("", raw) if "\x1b" in raw else raw
    start = line.find("{")
    # A container's log may have its time and stream before the JSON.
    if 0 <= start < _TIME_WITHIN and line.rstrip().endswith("}"):
        document = _object(line[start:])
        if document is not None:
            return LogLine(texts=tuple(_texts(document)), wrapped=True, time=_said_time(document) or time_in(line[:start]))
    return LogLine(texts=(line,), wrapped=False, time=time_in(line))


def time_in(line: str) -> str:
    """The first date and time near a line's start, as it is written there."""
    found = _TIME.search(line, 0, _TIME_WITHIN)
    return found.group() if found else ""


def _said_time(document: dict[str, Any]) -> str:
    return next((str(document[key]) for key in _TIME_KEYS if isinstance(document.get(key), str | int | float)), "")


def _object(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _texts(value: object, key: str = "") -> Iterator[str]:
    if isinstance(value, str):
        # A container's record may hold one that the program wrote as JSON itself.
        inner = _object(value) if value.startswith("{") else None
        if inner is not None:
            yield from _texts(inner)
        elif key in _WRAPPERS or "\n" in value or "Traceback (" in value:
            yield from _COLOUR.sub("", value).rstrip("\n").split("\n")
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        yield from _texts_of(value)


def _texts_of(document: dict[str, Any]) -> Iterator[str]:
    """Texts of a JSON object; a frame that is itself one (`filename`, `lineno`) becomes the line that Python writes."""
    file = next((document[key] for key in _FILE_KEYS if isinstance(document.get(key), str)), None)
    number = next((document[key] for key in _LINE_KEYS if type(document.get(key)) is int), None)
    if file and number:
        yield f'  File "{file}", line {number}, in {document.get("name") or document.get("function") or "?"}'
        return
    for key, each in document.items():
        yield from _texts(each, key)
    kind = document.get("exc_type")
    if isinstance(kind, str):
        yield kind
