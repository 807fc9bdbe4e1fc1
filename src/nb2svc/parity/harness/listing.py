"""Some of the captured rows as a list: those that a search finds, notable ones first, a page of them.

region=north income>3000 lake    all must hold: a comparison of a field, or a text in any field; `income=missing`
"""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List, Mapping, Sequence

from .compare import missing, text
from .nearest import number
from .notable import Reason, rank
from .steps import json_of
from .tables import Tables

_TERM = re.compile(r"(?P<field>[^<>=!]+)(?P<operator><=|>=|!=|<|>|=)(?P<value>.*)")
_MISSING = ("missing", "null", "none")
Row = Callable[[str], List[Any]]


def listed(
    tables: Tables, question: Mapping[str, Any], reasons: Mapping[int, Sequence[Reason]], standing: Callable[[int], str]
) -> Dict[str, Any]:
    """`{"total", "matching", "offset", "rows"}` for `{"search", "notable", "offset", "limit"}`."""
    columns = _Columns(tables)
    found = _matching(columns, str(question.get("search") or ""))
    if question.get("notable"):
        found = [row for row in found if row in reasons]
    if question.get("order") != "row":
        found.sort(key=lambda row: (rank(reasons.get(row, ())), row))
    offset, limit = int(question.get("offset") or 0), int(question.get("limit") or 50)
    rows = [
        {
            "row": row,
            "values": columns.row(row),
            "standing": standing(row),
            "notable": [reason.text for reason in reasons.get(row, ())],
        }
        for row in found[offset : offset + limit]
    ]
    return {"total": tables.size, "matching": len(found), "offset": offset, "rows": rows}


class _Columns:
    """The request's fields of all rows: a child table as its number of rows."""

    def __init__(self, tables: Tables) -> None:
        self.size = tables.size
        main = tables.values[tables.main["name"]]
        self.items: Dict[str, List[Any]] = {}
        if hasattr(main, "columns"):
            sent = [spec["name"] for spec in tables.main["columns"] if spec["use"] in ("read", "unused")]
            self.items = {name: main[name].tolist() for name in sent}
        else:
            self.items[tables.main["name"]] = list(main)
        for spec in tables.children:
            self.items[spec["name"]] = tables.child_counts(spec).tolist()

    def row(self, row: int) -> Dict[str, Any]:
        found = {}
        for name, items in self.items.items():
            value = json_of(items[row])
            found[name] = text(str(value)) if isinstance(value, (list, str)) else value
        return found


def _matching(columns: _Columns, search: str) -> List[int]:
    rows = list(range(columns.size))
    for term in search.split():
        rows = _of_term(columns, term, rows)
    return rows


def _of_term(columns: _Columns, term: str, rows: List[int]) -> List[int]:
    match = _TERM.fullmatch(term)
    name = _field(columns, match["field"]) if match else ""
    if match and name:
        items = columns.items[name]
        return [row for row in rows if _holds(items[row], match["operator"], match["value"])]
    wanted = term.lower()
    return [
        row for row in rows if wanted == str(row) or any(wanted in _said(items[row]).lower() for items in columns.items.values())
    ]


def _field(columns: _Columns, said: str) -> str:
    exact = [name for name in columns.items if name.lower() == said.lower()]
    return (exact or [""])[0]


def _holds(item: Any, operator: str, value: str) -> bool:
    if value.lower() in _MISSING and operator in ("=", "!="):
        return missing(item) == (operator == "=")
    if missing(item):
        return operator == "!="
    one, two = number(json_of(item)), number(_literal(value))
    if operator in ("=", "!="):
        equal = one == two if one == one and two == two else _said(item).lower() == value.lower()
        return equal == (operator == "=")
    return bool({"<": one < two, "<=": one <= two, ">": one > two, ">=": one >= two}[operator])


def _literal(value: str) -> Any:
    try:
        return float(value)
    except ValueError:
        return value


def _said(item: Any) -> str:
    value = json_of(item)
    return "missing" if value is None else str(value)
