"""Request rows made wrong in one field, in eight ways, and what the service has to say of each.

What is expected comes from the captured rows, never from the generated schema: a rule that the schema lost is then missed.
"""

import copy
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nb2svc.ir.observation import Column, Scalar, Table

RowKind = Literal["type", "range", "category", "null", "extra", "missing", "unit", "not a number"]
Rule = Literal["type", "range", "category", "null"]
_OUTSIDE = ("below_training_domain", "above_training_domain", "outside_domain")
_NUMBERS = ("integer", "float")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowMutant:
    """A request row with one field made wrong. `codes` are the issues of which one has to be told (none: it is no issue)."""

    kind: RowKind
    table: str
    column: str
    row: dict[str, Any]
    status: Literal["ok", "refer", "invalid"]
    codes: tuple[str, ...] = ()


def row_mutants(base: dict[str, Any], tables: Sequence[Table], *, guarded: Collection[str]) -> tuple[RowMutant, ...]:
    """Every mutation of every field of a row that is answered; `guarded` are columns that a filter of the notebook reads."""
    found: list[RowMutant] = []
    for table in tables:
        if table.role == "lookup" or (table.role == "child" and not base.get(table.name)):
            continue
        for column in table.columns:
            if column.use == "read" or table.kind != "frame":
                found += _of_column(base, table, column, guarded=column.name in guarded and table.role == "main")
        if table.kind == "frame":
            found.append(_with(base, table, "nb2svc_extra", 1, kind="extra", status="ok", codes=("unknown_field",)))
    return tuple(found)


def removable_rules(tables: Sequence[Table], mutants: Sequence[RowMutant]) -> tuple[tuple[str, str, Rule], ...]:
    """For each kind of rule the first (table, column) that has one and is tried: what a control takes out of the schema."""
    rules: tuple[Rule, ...] = ("type", "range", "category", "null")
    found = []
    for rule in rules:
        tried = [mutant for mutant in mutants if mutant.kind == rule and mutant.status != "ok"]
        if tried:
            found.append((tried[0].table, _field(tables, tried[0]), rule))
    return tuple(found)


def _field(tables: Sequence[Table], mutant: RowMutant) -> str:
    table = next(table for table in tables if table.name == mutant.table)
    return mutant.column if table.kind == "frame" else table.name


def _of_column(base: dict[str, Any], table: Table, column: Column, *, guarded: bool) -> Iterator[RowMutant]:
    name = column.name if table.kind == "frame" else table.name
    if column.kind != "other":
        wrong: object = "a text" if column.kind != "string" else 12
        codes = ("wrong_type", "wrong_shape", "bad_datetime")
        yield _with(base, table, name, wrong, kind="type", status="invalid", codes=codes, whole=True)
    yield from _ranges(base, table, column, name)
    if column.values:
        unseen = "nb2svc never saw this" if column.kind == "string" else _beyond(column, up=True)
        if unseen is not None:
            yield _with(base, table, name, unseen, kind="category", status="refer", codes=("unseen_category", *_OUTSIDE))
    yield from _absent(base, table, column, name, guarded=guarded)
    if column.kind in _NUMBERS:
        for text in ("nan", "inf"):
            codes = ("not_finite", "wrong_type", "out_of_bounds")
            yield _with(base, table, name, {"$float": text}, kind="not a number", status="invalid", codes=codes)


def _ranges(base: dict[str, Any], table: Table, column: Column, name: str) -> Iterator[RowMutant]:
    """Beyond what training saw, on both sides; and a value in a unit that is a thousand times smaller."""
    if column.values or column.low is None or column.high is None:
        return
    for up in (False, True):
        value = _beyond(column, up=up)
        if value is not None:
            yield _with(base, table, name, value, kind="range", status="refer", codes=_OUTSIDE)
    value = _value(base, table, name)
    low, high = column.low, column.high
    if (
        column.kind in _NUMBERS
        and isinstance(value, int | float)
        and isinstance(low, int | float)
        and isinstance(high, int | float)
    ):
        other = value * 1000
        outside = not low <= other <= high
        yield _with(base, table, name, other, kind="unit", status="refer" if outside else "ok", codes=_OUTSIDE if outside else ())


def _absent(base: dict[str, Any], table: Table, column: Column, name: str, *, guarded: bool) -> Iterator[RowMutant]:
    if guarded and column.nullable:
        return  # the notebook's own filter decides
    known = column.nullable or column.kind == "other"
    yield _with(
        base, table, name, None, kind="null", status="ok" if known else "refer", codes=() if known else ("missing_not_seen",)
    )
    status: Literal["ok", "invalid"] = "ok" if known else "invalid"
    if not table.shape or not known:
        codes = () if known else ("missing_field",)
        yield _with(base, table, name, _LEFT_OUT, kind="missing", status=status, codes=codes, whole=True)


_LEFT_OUT = object()


def _beyond(column: Column, *, up: bool) -> Scalar:
    """A value of the column's type on the other side of what training saw; None where there is none."""
    end = column.high if up else column.low
    if _is_number(end):
        assert isinstance(end, int | float)
        step = abs(end) + 1
        beyond = end + step if up else end - step
        unsigned = column.dtype.lower().startswith("uint") and beyond < 0
        narrow = column.dtype.lower() in ("int8", "uint8", "int16", "uint16", "float16")
        return None if unsigned or narrow else beyond
    if column.kind == "datetime" and isinstance(end, str) and end[:4].isdigit():
        year = int(end[:4]) + (10 if up else -10)
        day = end[4:].replace("-02-29", "-02-28", 1)
        return f"{year:04d}{day}" if 1678 < year < 2261 else None
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _value(base: dict[str, Any], table: Table, name: str) -> Any:
    value = base[table.name][0].get(name) if table.role == "child" else base.get(name)
    while isinstance(value, list) and value:
        value = value[0]
    return value


def _with(
    base: dict[str, Any],
    table: Table,
    name: str,
    value: object,
    *,
    kind: RowKind,
    status: Literal["ok", "refer", "invalid"],
    codes: tuple[str, ...],
    whole: bool = False,
) -> RowMutant:
    """The row with one field set, or left out; in an array one element of it, unless the `whole` is meant."""
    row = copy.deepcopy(base)
    owner = row[table.name][0] if table.role == "child" else row
    if value is _LEFT_OUT:
        owner.pop(name, None)
    elif table.shape and not whole:
        inner = owner[name]
        while isinstance(inner[0], list):
            inner = inner[0]
        inner[0] = value
    else:
        owner[name] = value
    return RowMutant(kind=kind, table=table.name, column=name, row=row, status=status, codes=codes)
