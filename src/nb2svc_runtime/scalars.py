"""Single values of a request: are they of their kind, and how do they compare with training's?"""

import datetime as dt
import math
import re
from typing import Any, List, Optional, Sequence, Tuple

Fault = Optional[Tuple[str, str]]

MAX_TEXT = 100_000
MAX_DEPTH = 32
_INTEGERS = {
    "int8": (-(2**7), 2**7 - 1), "int16": (-(2**15), 2**15 - 1), "int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1),
    "uint8": (0, 2**8 - 1), "uint16": (0, 2**16 - 1), "uint32": (0, 2**32 - 1), "uint64": (0, 2**64 - 1),
}  # fmt: skip
_LARGEST = {"float16": 65504.0, "float32": 3.4028234663852886e38}
_WORDS = {
    "integer": "a whole number without quotes or decimals", "number": "a number without quotes", "boolean": "true or false",
    "string": "a text in quotes", "datetime": 'a date or time in ISO 8601, like "2025-10-01" or "2025-10-01T12:30:00"',
}  # fmt: skip
_MOMENT = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"([T ](?P<time>[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?)(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)


def fault(kind: str, value: Any, dtype: str) -> Fault:
    """Why a value (not None) is not of its kind, as (code, message); None where it is."""
    if kind == "integer":
        return _integer_fault(value, dtype)
    if kind == "number":
        return _number_fault(value, dtype)
    if kind == "boolean":
        return None if isinstance(value, bool) else _wrong(kind, value)
    if kind == "string":
        return _text_fault(value) if isinstance(value, str) else _wrong(kind, value)
    if kind == "datetime":
        return moment_fault(value, dtype) if isinstance(value, str) else _wrong(kind, value)
    return _any_fault(value, 0)


def _wrong(kind: str, value: Any) -> Fault:
    return "wrong_type", "{} is expected, not {}".format(_WORDS[kind], kind_of(value))


def _integer_fault(value: Any, dtype: str) -> Fault:
    if isinstance(value, float) and math.isinf(value):
        return "out_of_bounds", "the number is too large"
    if not isinstance(value, int) or isinstance(value, bool):
        return _wrong("integer", value)
    low, high = _INTEGERS.get(dtype.lower(), _INTEGERS["int64"])
    return None if low <= value <= high else ("out_of_bounds", "the number does not fit; {} to {} do".format(low, high))


def _number_fault(value: Any, dtype: str) -> Fault:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return _wrong("number", value)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if math.isnan(number):
        return "not_finite", "NaN is no value; send null where it is missing"
    largest = _LARGEST.get(dtype.lower(), 1.7976931348623157e308)
    return None if abs(number) <= largest else ("not_finite", "the number is too large")


def _text_fault(value: str) -> Fault:
    if len(value) > MAX_TEXT:
        return "too_long", "the text has {} characters; at most {} can be sent".format(len(value), MAX_TEXT)
    return None if is_text(value) else ("bad_text", "the text holds half of a surrogate pair, which is no character")


def _any_fault(value: Any, depth: int) -> Fault:
    if depth > MAX_DEPTH:
        return "too_deep", "the value is nested more than {} levels deep".format(MAX_DEPTH)
    if isinstance(value, str):
        return _text_fault(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _number_fault(value, "")
    items = list(value.values()) + list(value) if isinstance(value, dict) else value if isinstance(value, list) else []
    return next((found for found in (_any_fault(item, depth + 1) for item in items) if found is not None), None)


def moment_fault(value: str, dtype: str) -> Fault:
    """Why a text is not a moment that a column of `dtype` can hold."""
    found = _MOMENT.fullmatch(value) if len(value) <= 40 else None
    moment = parse_moment(value)
    if found is None or moment is None:
        return "bad_datetime", "{} is expected".format(_WORDS["datetime"])
    if bool(found.group("zone")) != ("," in dtype):
        return (
            "bad_datetime",
            "the time needs its zone, like +01:00" if "," in dtype else "the time must have no zone: training's have none",
        )
    if ("[ns" in dtype or dtype == "") and not 1678 <= moment.year <= 2261:
        return "out_of_bounds", "the year does not fit; 1678 to 2261 do"
    return None


def parse_moment(value: str) -> Optional[dt.datetime]:
    """A text's moment (without zone: in UTC where it has one), to the microsecond; None where it is none."""
    found = _MOMENT.fullmatch(value)
    if found is None:
        return None
    clock = found.group("time") or "00:00"
    seconds, _, fraction = clock.partition(".")
    text = "{}T{}{}".format(found.group("date"), seconds, ":00" if seconds.count(":") == 1 else "")
    zone = found.group("zone")
    try:
        moment = dt.datetime.fromisoformat(text).replace(microsecond=int((fraction + "000000")[:6]))
        return moment - _offset(zone) if zone else moment
    except (ValueError, OverflowError):
        return None


def _offset(zone: str) -> dt.timedelta:
    if zone == "Z":
        return dt.timedelta()
    digits = zone[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 23 or minutes > 59:
        raise ValueError(zone)
    return dt.timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)


def moment_text(value: str) -> str:
    """A valid moment as numpy reads it: ISO 8601 in UTC without a zone, with all its digits."""
    moment = parse_moment(value)
    assert moment is not None
    found = _MOMENT.fullmatch(value)
    clock = (found.group("time") or "") if found is not None else ""
    fraction = clock.partition(".")[2]
    return moment.replace(microsecond=0).isoformat() + ("." + fraction if fraction else "")


def order(kind: str, value: Any) -> Any:
    """What a value is compared by; None where it has no order."""
    if value is None or kind in ("string", "any", "boolean"):
        return None
    if kind == "datetime":
        return parse_moment(value.replace(" ", "T")) if isinstance(value, str) else None
    return value if isinstance(value, (int, float)) else None


def among(value: Any, known: Sequence[Any]) -> bool:
    """Whether a value is one of some, where true is not 1."""
    return any(isinstance(value, bool) == isinstance(each, bool) and value == each for each in known)


def holds_missing(dtype: str) -> bool:
    """Whether a column of this dtype can hold a missing value."""
    return not (dtype in _INTEGERS or dtype == "bool")


def flat(value: Any, shape: Sequence[int]) -> Optional[List[Any]]:
    """All values of a nested list of this shape; None where it has another."""
    level = [value]
    for width in shape:
        if not all(isinstance(item, list) and len(item) == width for item in level):
            return None
        level = [inner for item in level for inner in item]
    return level


def is_text(value: str) -> bool:
    """Whether UTF-8 can hold the text (it can't hold half a surrogate pair)."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def short(text: str, most: int) -> str:
    """A text for a message: not too long, and of real characters only."""
    text = text if is_text(text) else text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= most else text[: most - 1] + "…"


def quoted(value: Any) -> str:
    """A value in a message."""
    return (
        '"{}"'.format(short(value, 60))
        if isinstance(value, str)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)[:60]
    )


def kind_of(value: Any) -> str:
    """What a JSON value is, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return "a whole number"
    if isinstance(value, float):
        return "a decimal number"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "an object" if isinstance(value, dict) else "something else"
