"""Rows of a request, each checked by itself: what is wrong with it, and whether training saw its like.

A row is `invalid` (can't be computed: a wrong type, a missing field), `refer` (outside what training saw) or `ok`.
"""

import datetime as dt
from typing import Any, Dict, List, Optional, Sequence

from . import scalars
from .schema import Field, Guard, Schema, Table

Issue = Dict[str, str]

# Codes that leave a row `ok`; those of `_REFER` send it to a person; any other makes it `invalid`.
_NOTICE = frozenset({"unknown_field", "bad_id"})
_REFER = frozenset(
    [
        "below_training_domain",
        "above_training_domain",
        "unseen_category",
        "missing_not_seen",
        "outside_domain",
        "no_match",
        "no_answer",
        "check_failed",
    ]
)
MAX_ISSUES = 50
MAX_CHILD_ROWS = 10_000


class Checked:
    """One row after the check. `values` holds the main table's fields, `children` each child table's rows.

    `representable` is False where a value is valid JSON but its column can't hold it (a missing whole number).
    """

    def __init__(self) -> None:
        self.id: Any = None
        self.issues: List[Issue] = []
        self.values: Dict[str, Any] = {}
        self.children: Dict[str, List[Dict[str, Any]]] = {}
        self.representable = True

    @property
    def status(self) -> str:
        """`ok`, `refer` or `invalid`, by the worst issue."""
        codes = {issue["code"] for issue in self.issues} - _NOTICE
        return "ok" if not codes else "refer" if codes <= _REFER else "invalid"

    def add(self, field: str, code: str, message: str) -> None:
        """Note an issue; one a field and code, and of notices never so many that they hide the others."""
        if any(issue["field"] == field and issue["code"] == code for issue in self.issues):
            return
        if len(self.issues) < MAX_ISSUES or code not in _NOTICE:
            self.issues.append({"field": scalars.short(field, 120), "code": code, "message": message})


def check_rows(schema: Schema, rows: Sequence[Any]) -> List[Checked]:
    """Check each row by itself."""
    return [check_row(schema, row) for row in rows]


def check_row(schema: Schema, row: Any) -> Checked:
    """Check one row: types first, then what training saw, then the notebook's own filters."""
    checked = Checked()
    if schema.main.kind != "frame" and not isinstance(row, dict):
        row = {schema.main.fields[0].name: row}
    if not isinstance(row, dict):
        checked.add("", "wrong_type", "a row is an object with a value for each field, not {}".format(scalars.kind_of(row)))
        return checked
    _take_id(checked, schema, row)
    for guard in schema.guards:
        _check_guard(checked, guard, schema.main, row)
    checked.values = _check_fields(checked, schema.main, row, "", schema)
    known = {field.name for field in schema.main.fields} | set(schema.main.columns) | {"id"}
    _note_unknown(checked, row, known, "")
    return checked


def _take_id(checked: Checked, schema: Schema, row: Dict[str, Any]) -> None:
    """The caller's own name for the row, to be echoed: `id`, else the key column."""
    for name in ("id", *schema.main.keys):
        value = row.get(name)
        if value is None:
            continue
        if (isinstance(value, str) and len(value) <= 256 and scalars.is_text(value)) or (
            isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
        ):
            checked.id = value
        elif not any(field.name == name for field in schema.main.fields):
            checked.add(name, "bad_id", "an id is a text of at most 256 characters or a whole number; it is left out")
        return


def _note_unknown(checked: Checked, row: Dict[str, Any], known: Any, prefix: str) -> None:
    for name in row:
        if name not in known:
            checked.add(prefix + scalars.short(name, 80), "unknown_field", "the model has no such field; it was ignored")


def _check_fields(checked: Checked, table: Table, row: Dict[str, Any], prefix: str, schema: Schema) -> Dict[str, Any]:
    values: Dict[str, Any] = {}
    for field in table.fields:
        path = prefix + field.name
        if field.kind == "table":
            checked.children[field.name] = _check_children(checked, schema.children[field.name], row.get(field.name), schema)
        elif field.name not in row and not field.nullable:
            checked.add(path, "missing_field", "the field is required: training always had a value for it")
        else:
            dtype = table.columns.get(field.name) or next(iter(table.columns.values()), "")
            values[field.name] = _check_value(checked, field, row.get(field.name), path, dtype)
    return values


def _check_children(checked: Checked, table: Table, rows: Any, schema: Schema) -> List[Dict[str, Any]]:
    if rows is None:
        return []
    if not isinstance(rows, list):
        checked.add(table.name, "wrong_type", "a list of rows is expected, not {}".format(scalars.kind_of(rows)))
        return []
    if len(rows) > MAX_CHILD_ROWS:
        checked.add(table.name, "too_long", "{} rows; at most {} can belong to one row".format(len(rows), MAX_CHILD_ROWS))
        return []
    known = {field.name for field in table.fields} | set(table.columns)
    found = []
    for place, row in enumerate(rows):
        prefix = "{}[{}].".format(table.name, place)
        if not isinstance(row, dict):
            checked.add(prefix[:-1], "wrong_type", "a row is an object, not {}".format(scalars.kind_of(row)))
        else:
            found.append(_check_fields(checked, table, row, prefix, schema))
            _note_unknown(checked, row, known, prefix)
        if len(checked.issues) > MAX_ISSUES:
            break
    return found


def _check_value(checked: Checked, field: Field, value: Any, path: str, dtype: str) -> Any:
    if value is None:
        if not field.nullable:
            checked.add(path, "missing_not_seen", "the value is missing; in training it never was")
            checked.representable = checked.representable and scalars.holds_missing(dtype)
        return None
    if field.seen.shape or (field.kind != "any" and isinstance(value, list) and field.seen.shape):
        return _check_array(checked, field, value, path, dtype)
    fault = scalars.fault(field.kind, value, dtype)
    if fault is not None:
        checked.add(path, *fault)
        return None
    _check_seen(checked, field, value, path)
    return value


def _check_array(checked: Checked, field: Field, value: Any, path: str, dtype: str) -> Any:
    """A nested list of the array's shape; the extremes of all its numbers are compared with training's."""
    numbers = scalars.flat(value, field.seen.shape)
    if numbers is None:
        shape = " x ".join(str(width) for width in field.seen.shape)
        checked.add(path, "wrong_shape", "a nested list of {} values is expected".format(shape))
        return None
    for number in numbers:
        fault = (
            ("missing_not_seen", "a value is missing; in training none was")
            if number is None
            else scalars.fault(field.kind, number, dtype)
        )
        if fault is not None and not (number is None and field.nullable):
            checked.add(path, *fault)
            return None
    present = [number for number in numbers if number is not None]
    if present and field.kind in ("integer", "number"):
        _check_seen(checked, field, min(present), path)
        _check_seen(checked, field, max(present), path)
    return value


def _check_seen(checked: Checked, field: Field, value: Any, path: str) -> None:
    """Whether training saw the like of a valid value."""
    if field.seen.values and not scalars.among(value, field.seen.values):
        known = ", ".join(str(each) for each in field.seen.values[:12]) + (", …" if len(field.seen.values) > 12 else "")
        checked.add(path, "unseen_category", "{} was not in training; known: {}".format(scalars.quoted(value), known))
        return
    low, high = scalars.order(field.kind, field.seen.low), scalars.order(field.kind, field.seen.high)
    place = scalars.order(field.kind, value)
    if place is None:
        return
    if low is not None and place < low:
        checked.add(
            path, "below_training_domain", "{} is below {}, the lowest in training".format(scalars.quoted(value), field.seen.low)
        )
    elif high is not None and place > high:
        checked.add(
            path,
            "above_training_domain",
            "{} is above {}, the highest in training".format(scalars.quoted(value), field.seen.high),
        )


def _check_guard(checked: Checked, guard: Guard, table: Table, row: Dict[str, Any]) -> None:
    """A row that the notebook's filter would drop was never in training."""
    field = next((each for each in table.fields if each.name == guard.column), None)
    value = row.get(guard.column)
    if field is None or (guard.column not in row and not field.nullable):
        return
    dtype = table.columns.get(guard.column, "")
    if value is not None and scalars.fault(field.kind, value, dtype) is not None:
        return
    if passes(guard, field.kind, value):
        return
    why = "{} ({})".format(guard.text, guard.where)
    if value is None:
        checked.add(guard.column, "missing_not_seen", "the value is missing; training has only rows with it: {}".format(why))
        checked.representable = checked.representable and scalars.holds_missing(dtype)
    elif guard.operator in (">", ">="):
        how = "not above" if value == guard.value else "below"
        checked.add(guard.column, "below_training_domain", "{} is {} {}: {}".format(scalars.quoted(value), how, guard.value, why))
    elif guard.operator in ("<", "<="):
        how = "not below" if value == guard.value else "above"
        checked.add(guard.column, "above_training_domain", "{} is {} {}: {}".format(scalars.quoted(value), how, guard.value, why))
    else:
        checked.add(guard.column, "outside_domain", "{} is outside what training saw: {}".format(scalars.quoted(value), why))


def passes(guard: Guard, kind: str, value: Any) -> bool:
    """Whether the notebook's filter keeps a value, as pandas compares (a missing value is only kept by `!=` and `not in`)."""
    if guard.operator == "not null":
        return value is not None
    if guard.operator in ("in", "not in"):
        members = guard.value if isinstance(guard.value, tuple) else (guard.value,)
        return scalars.among(value, members) == (guard.operator == "in")
    if value is None:
        return guard.operator == "!="
    left: Optional[Any] = scalars.order(kind, value)
    right: Optional[Any] = scalars.order(kind, guard.value)
    if (
        guard.operator in ("==", "!=")
        or left is None
        or right is None
        or isinstance(left, dt.datetime) != isinstance(right, dt.datetime)
    ):
        same = left == right if left is not None and right is not None else value == guard.value
        return same if guard.operator == "==" else not same if guard.operator == "!=" else True
    return bool({"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[guard.operator])
