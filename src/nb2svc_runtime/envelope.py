"""The outer form of a request: bytes → {"rows": […]}, or why not. Rows are checked one by one later."""

import json
import re
from typing import Any, Dict, List, Optional, Tuple

from . import scalars

MAX_BYTES = 10_000_000
MAX_ROWS = 1_000
# Digits beyond this are no number of any column; Python itself takes no more than 4,300.
_MAX_DIGITS = 400
_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_JSON_TYPE = re.compile(r"application/(?:[a-z0-9.+-]+\+)?json\s*(?:;\s*charset\s*=\s*\"?utf-?8\"?\s*)?", re.IGNORECASE)


class Rejection(Exception):
    """A request that is refused as a whole: its HTTP status, code and message, and the field that it is about."""

    def __init__(self, status: int, code: str, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field


def error_body(request_id: str, code: str, message: str, *, field: str = "") -> Dict[str, Any]:
    """The one envelope of all errors."""
    issue = {"field": field, "code": code, "message": message}
    return {"request_id": request_id, "error": {"code": code, "message": message}, "issues": [issue]}


def check_headers(content_type: Optional[str], content_encoding: Optional[str], content_length: Optional[str]) -> None:
    """Refuse what is not JSON by its type, is compressed, or says that it is too large.

    Raises:
        Rejection: 415 or 413.
    """
    if content_type is None or not _JSON_TYPE.fullmatch(content_type.strip()):
        raise Rejection(415, "not_json", "send JSON with the header Content-Type: application/json")
    if content_encoding not in (None, "", "identity"):
        raise Rejection(415, "compressed", "send the body uncompressed")
    if content_length is not None and content_length.isdigit() and int(content_length[:20]) > MAX_BYTES:
        raise too_large()


def too_large() -> Rejection:
    """The refusal of a body that is too large."""
    return Rejection(413, "too_large", "the body is larger than {:,} bytes; send fewer rows at a time".format(MAX_BYTES))


def parse_body(body: bytes) -> List[Any]:
    """The rows of a request body.

    Raises:
        Rejection: 400 where it is no JSON in UTF-8, 422 where the envelope is not {"rows": [at least one row]}.
    """
    document = _parse(body)
    if not isinstance(document, dict):
        raise Rejection(
            422, "wrong_form", 'the body is {}; an object is expected: {{"rows": [{{…}}]}}'.format(scalars.kind_of(document))
        )
    unknown = [name for name in document if name != "rows"]
    if unknown:
        name = scalars.short(unknown[0], 80)
        raise Rejection(422, "unknown_field", 'the body has a field that is not known; only "rows" is', field=name)
    if "rows" not in document:
        raise Rejection(422, "missing_field", 'the body has no "rows"', field="rows")
    rows = document["rows"]
    if not isinstance(rows, list):
        raise Rejection(422, "wrong_type", "a list of rows is expected, not {}".format(scalars.kind_of(rows)), field="rows")
    if not rows:
        raise Rejection(422, "no_rows", "the list of rows is empty", field="rows")
    if len(rows) > MAX_ROWS:
        raise Rejection(
            422, "too_many_rows", "{:,} rows; at most {:,} can be sent at a time".format(len(rows), MAX_ROWS), field="rows"
        )
    return rows


def _parse(body: bytes) -> Any:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Rejection(400, "bad_utf8", "the body is not UTF-8 (byte {})".format(error.start)) from None
    try:
        document = json.loads(text, parse_constant=_no_constant, parse_int=_integer, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise Rejection(400, "bad_json", "the body is not JSON (line {}, column {})".format(error.lineno, error.colno)) from None
    except RecursionError:
        raise _too_deep() from None
    _require_flat(document)
    return document


def _no_constant(name: str) -> Any:
    raise Rejection(400, "bad_json", "the body is not JSON: {} is no JSON value; send null where a value is missing".format(name))


def _integer(digits: str) -> Any:
    """A number too long to be one becomes infinite, which no column takes: its row is invalid, not the request."""
    return int(digits) if len(digits) <= _MAX_DIGITS else float("-inf" if digits.startswith("-") else "inf")


def _object(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Rejection(400, "duplicate_field", "an object has the same field twice", field=scalars.short(twice, 80))
    return found


def _too_deep() -> Rejection:
    return Rejection(400, "too_deep", "the body is nested more than {} levels deep".format(scalars.MAX_DEPTH))


def _require_flat(document: Any) -> None:
    """Refuse deep nesting before anything walks the document recursively."""
    level = [document]
    for _ in range(scalars.MAX_DEPTH):
        level = [
            item
            for each in level
            for item in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
            if isinstance(item, (dict, list))
        ]
        if not level:
            return
    raise _too_deep()


def sane_id(value: Optional[str]) -> Optional[str]:
    """A caller's X-Request-ID where it is short and plain, else None."""
    return value if value is not None and _SANE_ID.fullmatch(value) else None
