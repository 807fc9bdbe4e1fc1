"""JSON for every noun, in one place: `to_json` and `from_json` follow the dataclasses' own type hints.

    Span(cell=3, line=1, column=0, end_line=1, end_column=5)
    → {"cell": 3, "line": 1, "column": 0, "end_line": 1, "end_column": 5}

A union of dataclasses carries its class in `"is"`: Text(text="x") in `Text | Learn` → {"is": "Text", "text": "x"}.
"""

import dataclasses
import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

VERSION = 1
T = TypeVar("T")


class DecodeError(ValueError):
    """A document does not have the form of the noun it should hold; the message says where and what."""


def to_json(value: object) -> Any:
    """Turn a noun into plain JSON values (dict, list, str, int, float, bool, None)."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"is": type(value).__name__, **fields} if type(value).__name__ in TAGGED else fields
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    return value


def from_json(kind: type[T], document: object, *, where: str = "$") -> T:
    """Turn a JSON value into the noun `kind`.

    Raises:
        DecodeError: a field is missing, unknown, or of another type; the message names it.
    """
    return cast(T, _decode(kind, document, where))


# Members of unions: their JSON says which one they are.
TAGGED = frozenset({"Text", "Learn", "Categories"})


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _decode(kind: Any, document: object, where: str) -> object:
    origin = get_origin(kind)
    if dataclasses.is_dataclass(kind):
        return _decode_noun(cast(type, kind), document, where)
    if origin is tuple:
        return _decode_tuple(get_args(kind), document, where)
    if origin is Literal:
        if document not in get_args(kind):
            raise DecodeError(f"{where}: expected one of {get_args(kind)}, got {document!r}")
        return document
    if origin in (Union, types.UnionType):
        return _decode_union(get_args(kind), document, where)
    if kind is type(None) and document is None:
        return None
    if kind is float and isinstance(document, int) and not isinstance(document, bool):
        return float(document)
    if isinstance(kind, type) and isinstance(document, kind) and (kind is bool or not isinstance(document, bool)):
        return document
    raise DecodeError(f"{where}: expected {getattr(kind, '__name__', kind)}, got {type(document).__name__}")


def _decode_noun(kind: type, document: object, where: str) -> object:
    if not isinstance(document, dict):
        raise DecodeError(f"{where}: expected an object for {kind.__name__}, got {type(document).__name__}")
    hints = _hints(kind)
    unknown = set(document) - set(hints) - {"is"}
    if unknown:
        raise DecodeError(f"{where}: {kind.__name__} has no field {min(unknown)!r}")
    values = {}
    for field in dataclasses.fields(kind):
        if field.name in document:
            values[field.name] = _decode(hints[field.name], document[field.name], f"{where}.{field.name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise DecodeError(f"{where}: {kind.__name__} needs the field {field.name!r}")
    return kind(**values)


def _decode_tuple(arguments: tuple[Any, ...], document: object, where: str) -> tuple[object, ...]:
    if not isinstance(document, list):
        raise DecodeError(f"{where}: expected a list, got {type(document).__name__}")
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_decode(arguments[0], item, f"{where}[{i}]") for i, item in enumerate(document))
    if len(arguments) != len(document):
        raise DecodeError(f"{where}: expected {len(arguments)} items, got {len(document)}")
    return tuple(_decode(kind, item, f"{where}[{i}]") for i, (kind, item) in enumerate(zip(arguments, document, strict=True)))


def _decode_union(arguments: tuple[Any, ...], document: object, where: str) -> object:
    if isinstance(document, dict) and "is" in document:
        arguments = tuple(kind for kind in arguments if getattr(kind, "__name__", "") == document["is"])
    # An exact scalar type first: 1 stays an int in `bool | int | float | str`.
    exact = [kind for kind in arguments if isinstance(kind, type) and type(document) is kind]
    for kind in (*exact, *arguments):
        try:
            return _decode(kind, document, where)
        except DecodeError as error:
            last = error
    raise last if arguments else DecodeError(f"{where}: unknown member {document!r}")
