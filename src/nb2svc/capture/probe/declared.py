"""What the tags say of a request's data that only the data can confirm: the target, child tables, columns that may be missing."""

from __future__ import annotations

import difflib
from typing import Any, Collection, Dict, Iterable, List, Optional

import pandas as pd

from . import findings as say
from .request import Request
from .sample import Tables

# Dtypes without a value for "missing".
_WHOLE = ("int", "uint", "bool")


def undeclared(request: Request, tables: Tables) -> List[say.Finding]:
    """Refusals of `target=`, `request=` and `optional=` where the tables are not as they say."""
    found = [_not_child(tables, name) for name in request.request_hint if name != tables.main and name not in tables.children]
    main = tables.values[tables.main]
    if request.target_hint is not None and request.target_hint not in _columns(main):
        found.append(_no_target(tables.main, request.target_hint, _columns(main)))
    known = {name: dtype for table in tables.domains() for name, dtype in _dtypes(tables.values[table])}
    for name in request.optional_hint:
        if name not in known:
            found.append(_no_column(name, known))
        elif str(known[name]).startswith(_WHOLE):
            found.append(_never_missing(name, str(known[name])))
    return found


def with_optional(tables: Iterable[Dict[str, Any]], names: Collection[str]) -> List[Dict[str, Any]]:
    """The tables, with the columns that may be missing in a request though none was missing in training."""
    return [
        dict(table, columns=[dict(each, nullable=each["nullable"] or each["name"] in names) for each in table["columns"]])
        if table["role"] != "lookup"
        else table
        for table in tables
    ]


def _columns(table: Any) -> List[str]:
    return [name for name, _ in _dtypes(table)]


def _dtypes(table: Any) -> List[Any]:
    return [(str(name), dtype) for name, dtype in table.dtypes.items()] if isinstance(table, pd.DataFrame) else []


def _close(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return " Did you mean `{}`?".format(close[0]) if close else ""


def _not_child(tables: Tables, name: str) -> say.Finding:
    message = "`request={}` can't be sent with a row of `{}`: no column of it names one row there".format(name, tables.main)
    remedy = "Join it on a column whose values are all different in `{}`, or leave `{}` out of `request=`: ".format(
        tables.main, name
    )
    return say.finding("NB317", message, remedy + "it is then shipped with the service as it is.")


def _no_target(table: str, name: str, known: Collection[str]) -> say.Finding:
    if known:
        message = "`target={}` names no column of `{}`.".format(name, table) + _close(name, known)
    else:
        message = "`target={}` names a column, and `{}` has none: it is no table".format(name, table)
    return say.finding("NB318", message, "Name the column that the model learned to predict, or leave `target=` out.")


def _no_column(name: str, known: Collection[str]) -> say.Finding:
    message = "`optional={}` names no column that a request has.".format(name) + _close(name, known)
    return say.finding("NB319", message, "Name a column of a table that a request carries, or leave it out of `optional=`.")


def _never_missing(name: str, dtype: str) -> say.Finding:
    message = "`optional={}`: the column is {}, which has no value for what is missing".format(name, dtype)
    remedy = 'Load it as a type that has one, before the raw value: `df["{}"] = df["{}"].astype(float)`.'.format(name, name)
    return say.finding("NB319", message, remedy)


def leaks(target: Optional[str], request: Request) -> bool:
    """Whether a target that is read is surely one: it is named in the tag, or on the way to `fit`'s target."""
    return target is not None and (target == request.target_hint or target in request.target_names)
