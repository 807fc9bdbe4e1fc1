"""Learned values as JSON that a person can read, and back with their exact types.

    41                              → 41
    ["east", "north"]               → ["east", "north"]
    {"a": 1.5}                      → {"a": 1.5}
    {1: "x"}                        → {"$type": "dict", "pairs": [[1, "x"]]}
    numpy.float64(49.5)             → {"$type": "float64", "value": 49.5}
    a Series of means by region     → {"$type": "Series", "dtype": "float64", "index": …, "pairs": [["east", 2983.0], …]}

The same value gives the same text in any process (sets are sorted by their text; dicts keep their order, which can
matter). Not kept: memory layout, an object's identity, `attrs`. Objects such as estimators raise `NotJson`.
"""

import base64
import datetime as dt
import decimal
import json
import math
import re
from collections import Counter, OrderedDict, defaultdict, deque
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import codec_tables as tables

_FACTORIES: Dict[str, Callable[[], Any]] = {
    "int": int, "float": float, "str": str, "bool": bool, "list": list, "dict": dict, "set": set, "tuple": tuple,
}  # fmt: skip


class NotJson(TypeError):
    """The value has no JSON form here; the message names its type."""


def dumps(value: Any) -> str:
    """The value as one line of JSON.

    Raises:
        NotJson: the value, or one inside it, is an object of another type (an estimator, a function).
    """
    try:
        document = encode(value)
    except RecursionError as error:
        raise NotJson("a value that contains itself, or is nested too deeply") from error
    return text(document)


def text(document: Any) -> str:
    """A document as one line of JSON that UTF-8 can hold."""
    line = json.dumps(document, ensure_ascii=False, allow_nan=False)
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate, as Python strings may hold
        line = json.dumps(document, ensure_ascii=True, allow_nan=False)
    return line


def loads(line: str) -> Any:
    """The value that `dumps` wrote.

    Raises:
        ValueError: the text is no JSON, or names a type that the codec does not know.
    """
    return decode(json.loads(line))


def encode(value: Any) -> Any:
    """The value as JSON values (dict, list, str, int, float, bool, None); see `dumps`."""
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is float:
        return value if math.isfinite(value) else _typed("float", value=repr(value))
    if kind is list:
        return [encode(item) for item in value]
    if kind is dict:
        return _encode_dict(value)
    builtin = _ENCODERS.get(kind)
    if builtin is not None:
        return builtin(value)
    document = tables.encode(value, encode)
    if document is None:
        raise NotJson("{}.{}".format(kind.__module__, kind.__qualname__))
    return document


def decode(document: Any) -> Any:
    """The value of a document made by `encode`."""
    if isinstance(document, list):
        return [decode(item) for item in document]
    if not isinstance(document, dict):
        return document
    name = document.get("$type")
    if name is None:
        return {key: decode(item) for key, item in document.items()}
    decoder = _DECODERS.get(name)
    if decoder is not None:
        return decoder(document)
    return tables.decode(document, decode)


def _typed(name: str, **fields: Any) -> Dict[str, Any]:
    return {"$type": name, **fields}


def _encode_dict(value: Dict[Any, Any]) -> Dict[str, Any]:
    if all(type(key) is str and not key.startswith("$") for key in value):
        return {key: encode(item) for key, item in value.items()}
    return _typed("dict", pairs=_pairs(value))


def _pairs(value: Dict[Any, Any]) -> List[List[Any]]:
    return [[encode(key), encode(item)] for key, item in value.items()]


def _unpaired(document: Dict[str, Any]) -> List[Tuple[Any, Any]]:
    return [(decode(key), decode(item)) for key, item in document["pairs"]]


def _encode_set(value: Any) -> Dict[str, Any]:
    items = sorted((encode(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return _typed(type(value).__name__, items=items)


def _encode_defaultdict(value: Any) -> Dict[str, Any]:
    factory = value.default_factory
    name = None if factory is None else next((known for known, made in _FACTORIES.items() if made is factory), "")
    if name == "":
        raise NotJson("collections.defaultdict with a factory of its own")
    return _typed("defaultdict", factory=name, pairs=_pairs(value))


def _decode_defaultdict(document: Dict[str, Any]) -> Any:
    name: Optional[str] = document["factory"]
    return defaultdict(None if name is None else _FACTORIES[name], _unpaired(document))


def _encode_datetime(value: dt.datetime) -> Dict[str, Any]:
    if value.tzinfo is not None and not isinstance(value.tzinfo, dt.timezone):
        raise NotJson("datetime.datetime with a named time zone")
    return _typed("datetime", value=value.isoformat(), **({"fold": 1} if value.fold else {}))


def _encode_time(value: dt.time) -> Dict[str, Any]:
    if value.tzinfo is not None:
        raise NotJson("datetime.time with a time zone")
    return _typed("time", value=value.isoformat(), **({"fold": 1} if value.fold else {}))


_ENCODERS: Dict[type, Callable[[Any], Dict[str, Any]]] = {
    tuple: lambda value: _typed("tuple", items=[encode(item) for item in value]),
    set: _encode_set,
    frozenset: _encode_set,
    OrderedDict: lambda value: _typed("OrderedDict", pairs=_pairs(value)),
    Counter: lambda value: _typed("Counter", pairs=_pairs(value)),
    defaultdict: _encode_defaultdict,
    deque: lambda value: _typed("deque", items=[encode(item) for item in value], longest=value.maxlen),
    re.Pattern: lambda value: _typed("Pattern", value=encode(value.pattern), flags=value.flags),
    range: lambda value: _typed("range", value=[value.start, value.stop, value.step]),
    slice: lambda value: _typed("slice", value=[encode(value.start), encode(value.stop), encode(value.step)]),
    bytes: lambda value: _typed("bytes", value=base64.b64encode(value).decode("ascii")),
    complex: lambda value: _typed("complex", value=[encode(value.real), encode(value.imag)]),
    decimal.Decimal: lambda value: _typed("Decimal", value=str(value)),
    dt.datetime: _encode_datetime,
    dt.date: lambda value: _typed("date", value=value.isoformat()),
    dt.time: _encode_time,
    dt.timedelta: lambda value: _typed("timedelta", value=[value.days, value.seconds, value.microseconds]),
}

_DECODERS: Dict[str, Callable[[Dict[str, Any]], Any]] = {
    "float": lambda document: float(document["value"]),
    "dict": lambda document: dict(_unpaired(document)),
    "tuple": lambda document: tuple(decode(item) for item in document["items"]),
    "set": lambda document: {decode(item) for item in document["items"]},
    "frozenset": lambda document: frozenset(decode(item) for item in document["items"]),
    "OrderedDict": lambda document: OrderedDict(_unpaired(document)),
    "Counter": lambda document: Counter(dict(_unpaired(document))),
    "defaultdict": _decode_defaultdict,
    "deque": lambda document: deque([decode(item) for item in document["items"]], document["longest"]),
    "Pattern": lambda document: re.compile(decode(document["value"]), document["flags"]),
    "range": lambda document: range(*document["value"]),
    "slice": lambda document: slice(*(decode(item) for item in document["value"])),
    "bytes": lambda document: base64.b64decode(document["value"]),
    "complex": lambda document: complex(*(decode(item) for item in document["value"])),
    "Decimal": lambda document: decimal.Decimal(document["value"]),
    "datetime": lambda document: dt.datetime.fromisoformat(document["value"]).replace(fold=document.get("fold", 0)),
    "date": lambda document: dt.date.fromisoformat(document["value"]),
    "time": lambda document: dt.time.fromisoformat(document["value"]).replace(fold=document.get("fold", 0)),
    "timedelta": lambda document: dt.timedelta(*document["value"]),
}
