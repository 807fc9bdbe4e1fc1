"""A request row with some values changed: `income=missing`, `region=north`, `transactions[0].amount=900`.

A value is read by its field's kind: a text field takes what stands there, any other takes JSON.
"""

import copy
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from nb2svc.errors import UsageError

MISSING = ("missing", "null")
_CHILD = re.compile(r"(?P<table>.+)\[(?P<place>\d+)\]\.(?P<field>.+)")


def edited(request: Mapping[str, Any], fields: Sequence[Mapping[str, Any]], settings: Sequence[str]) -> dict[str, Any]:
    """A copy of the request with each `FIELD=VALUE`.

    Raises:
        UsageError: there is no such field or child row, or no `=`.
    """
    found = copy.deepcopy(dict(request))
    for setting in settings:
        path, equals, text = setting.partition("=")
        if not equals:
            raise UsageError(f"{setting!r} has no '='", where="--set", fix="write --set FIELD=VALUE")
        if path in {field["name"] for field in fields}:
            found[path] = _value(_field(fields, path), text)
        elif match := _CHILD.fullmatch(path):
            field = _field(_field(fields, match["table"])["fields"], match["field"])
            _child(found, match["table"], int(match["place"]))[match["field"]] = _value(field, text)
        else:
            _field(fields, path)
    return found


def _field(fields: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    for field in fields:
        if field["name"] == name:
            return field
    raise UsageError(
        f"a request has no field {name!r}",
        where="--set",
        fix=f"there are: {', '.join(str(field['name']) for field in fields)}" if fields else "name a field of a child table",
    )


def _child(request: Mapping[str, Any], table: str, place: int) -> dict[str, Any]:
    rows = request.get(table) or []
    if place >= len(rows):
        has = f"it has {len(rows)}, counted from 0"
        raise UsageError(f"the row has no {table}[{place}]", where="--set", why=has, fix=f"set all of them: --set '{table}=[…]'")
    child: dict[str, Any] = rows[place]
    return child


def _value(field: Mapping[str, Any], text: str) -> Any:
    if text in MISSING:
        return None
    if field["kind"] in ("string", "datetime"):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
