"""JSON Schema of nouns: what `codec.to_json` makes of them, from the same type hints.

Span → {"$ref": "#/$defs/Span"}, and in `$defs`:
    {"Span": {"type": "object", "properties": {"cell": {"type": "integer"}, …}, "required": ["cell", …], …}}
"""

import dataclasses
import inspect
import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from nb2svc.ir.codec import TAGGED


class Definitions:
    """The definitions that schemas refer to, each made once; `all` has them by the names of their classes."""

    def __init__(self) -> None:
        self.all: dict[str, dict[str, Any]] = {}
        self._kinds: dict[str, type] = {}

    def schema(self, kind: Any) -> dict[str, Any]:
        """The schema of a type: a noun, a document (a TypedDict), or what their fields are of.

        Raises:
            ValueError: two nouns have one name, or the type has no JSON form.
        """
        origin, arguments = get_origin(kind), get_args(kind)
        if dataclasses.is_dataclass(kind) or is_typeddict(kind):
            return self._reference(kind)
        if origin is tuple:
            return self._tuple(arguments)
        if origin is list:
            return {"type": "array", "items": self.schema(arguments[0])}
        if origin is Literal:
            return {"const": arguments[0]} if len(arguments) == 1 else {"enum": list(arguments)}
        if origin in (Union, types.UnionType):
            return self._union(arguments)
        if origin in (dict, Mapping):
            return {"type": "object", "additionalProperties": self.schema(arguments[1])}
        if kind in (Any, object):
            return {}
        if kind in _SCALARS:
            return {"type": _SCALARS[kind]}
        raise ValueError(f"{kind!r} has no JSON form")

    def _reference(self, kind: Any) -> dict[str, Any]:
        name = kind.__name__
        if self._kinds.setdefault(name, kind) is not kind:
            raise ValueError(f"two nouns are called {name}: {self._kinds[name].__module__} and {kind.__module__}")
        if name not in self.all:
            self.all[name] = {}  # a noun may hold itself
            self.all[name] = self._object(kind)
        return {"$ref": f"#/$defs/{name}"}

    def _object(self, kind: Any) -> dict[str, Any]:
        hints = get_type_hints(kind)
        properties = {name: self.schema(hint) for name, hint in hints.items()}
        required = [name for name in hints if not is_typeddict(kind) or name in kind.__required_keys__]
        if kind.__name__ in TAGGED:
            properties, required = {"is": {"const": kind.__name__}, **properties}, ["is", *required]
        said = {"description": inspect.cleandoc(kind.__doc__)} if kind.__doc__ else {}
        return {"type": "object", **said, "properties": properties, "required": required, "additionalProperties": False}

    def _tuple(self, arguments: tuple[Any, ...]) -> dict[str, Any]:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return {"type": "array", "items": self.schema(arguments[0])}
        items = [self.schema(each) for each in arguments]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}

    def _union(self, arguments: tuple[Any, ...]) -> dict[str, Any]:
        members = [self.schema(each) for each in arguments]
        if all(set(member) == {"type"} for member in members):
            return {"type": [member["type"] for member in members]}
        return {"anyOf": members}


_SCALARS: dict[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
