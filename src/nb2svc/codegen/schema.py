"""Plan → schema.py: what a request carries, as typed row classes, with what training saw beside each field."""

import json
import keyword
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nb2svc.codegen.example import example_rows
from nb2svc.ir.observation import Column, ColumnKind, Scalar, Table
from nb2svc.ir.plan import Guard, Plan

__all__ = ["example_rows", "schema_module"]

WIDTH = 110
_TYPES: dict[ColumnKind, str] = {
    "integer": "int",
    "float": "float",
    "boolean": "bool",
    "string": "str",
    "datetime": "datetime",
    "other": "Any",
}
# Names that annotations and defaults in a class body use: a field of that name would hide them.
_BUSY = frozenset({"Any", "List", "Optional", "bool", "datetime", "float", "int", "seen", "str"})
_RUNTIME = ("Answer", "Guard", "Row", "Schema", "Table", "seen")


@dataclass(frozen=True, slots=True, kw_only=True)
class _RowClass:
    """One class of the module: its table, name and lines."""

    table: Table
    name: str
    lines: tuple[str, ...]


def schema_module(plan: Plan) -> str:
    """The text of schema.py.

    Column(name="age", kind="integer", low=18, high=79)     →  age: int = seen(low=18, high=79)
    Column(name="region", kind="string", values=("a", "b")) →  region: str = seen("a", "b")
    """
    classes = _row_classes(plan)
    body = "\n".join(line for each in classes for line in (*each.lines, "", ""))
    tables = _wrapped("SCHEMA = Schema(", _schema_arguments(plan, classes), ")", indent="")
    example = [f"EXAMPLE = {_rows_literal(example_rows(plan))}", ""]
    head = [f'"""What a request carries, as seen in the rows that {_in_docstring(plan.notebook_name)} trained on."""', ""]
    head += _imports(body + "\n".join(tables))
    return "\n".join([*head, "", "", body.rstrip("\n"), "", "", *example, *tables]) + "\n"


def _imports(body: str) -> list[str]:
    lines = ["from datetime import datetime"] if ": datetime" in body or "[datetime]" in body else []
    typing = [name for name in ("Any", "List", "Optional") if f"{name}[" in body or f": {name} =" in body]
    lines += [f"from typing import {', '.join(typing)}"] if typing else []
    used = [name for name in _RUNTIME if f"{name}(" in body or f"({name})" in body]
    return [*lines, *([""] if lines else []), f"from ._nb2svc.schema import {', '.join(used)}"]


def _row_classes(plan: Plan) -> tuple[_RowClass, ...]:
    """Child rows first, the main row last: a class is defined before it is named."""
    taken = {*_BUSY, *_RUNTIME, "EXAMPLE", "SCHEMA"}
    children, found = [table for table in plan.tables if table.role == "child"], []
    names: dict[str, str] = {}
    for table in (*children, *(table for table in plan.tables if table.role == "main")):
        name = row_name(table.name)
        while name in taken:
            name += "Row"
        taken.add(name)
        names[table.name] = name
        nested = children if table.role == "main" else []
        found.append(_RowClass(table=table, name=name, lines=tuple(_class_lines(plan, table, names, nested))))
    return tuple(found)


def row_name(table: str) -> str:
    """The class of a table's rows: applicants → Applicant, entries → Entry, df → DfRow."""
    words = [word for word in table.split("_") if word]
    name = "".join(word[:1].upper() + word[1:] for word in words) or "Row"
    lower = name.lower()
    if lower.endswith("ies") and len(name) > 4:
        return name[:-3] + "y"
    if lower.endswith("s") and not lower.endswith(("ss", "us", "is")) and len(name) > 3:
        return name[:-1]
    return f"{name}Row"


def _class_lines(plan: Plan, table: Table, names: dict[str, str], nested: Sequence[Table]) -> list[str]:
    what = "One row of" if table.kind == "frame" else "One item of"
    lines = [f"class {names[table.name]}(Row):", f'    """{what} `{table.name}`{_with(nested)}."""', ""]
    taken: set[str] = {each.name for each in nested}
    if table.kind != "frame":
        return [*lines, *_plain_field(table)]
    guards = plan.guards if table.role == "main" else ()
    for column in table.columns:
        if column.use == "read":
            mine = [guard for guard in guards if guard.condition.column == column.name]
            lines += _field_lines(plan, column, attribute_name(column.name, taken), mine)
    return [*lines, *(f"    {child.name}: List[{names[child.name]}] = []" for child in nested)]


def _with(nested: Sequence[Table]) -> str:
    return f", with its rows of {' and '.join(f'`{table.name}`' for table in nested)}" if nested else ""


def attribute_name(column: str, taken: set[str]) -> str:
    """A Python name for a column, added to `taken`: age → age, "home town" → home_town, class → class_."""
    name = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in column)
    if not name.isidentifier() or name.startswith("__"):
        name = f"field_{name.strip('_')}".rstrip("_")
    if keyword.iskeyword(name) or name in _BUSY:
        name += "_"
    base, count = name, 1
    while name in taken:
        count += 1
        name = f"{base}_{count}"
    taken.add(name)
    return name


def _field_lines(plan: Plan, column: Column, attribute: str, guards: Iterable[Guard]) -> list[str]:
    kind = _TYPES[column.kind]
    hint = f"Optional[{kind}]" if column.nullable and kind != "Any" else kind
    arguments = [literal(value) for value in column.values] + _extremes(column)
    if attribute != column.name:
        arguments.append(f"name={literal(column.name)}")
    where = "; ".join(f"{plan.notebook_name}, cell {guard.cell}: {_words(guard)}" for guard in guards)
    comment = f"  # {where}" if where else ""
    return _wrapped(f"    {attribute}: {hint} = seen(", arguments, ")", indent="    ", comment=comment)


def _extremes(column: Column) -> list[str]:
    if column.kind not in ("integer", "float", "datetime"):
        return []
    pairs = (("low", column.low), ("high", column.high))
    return [
        f"{name}={literal(_moment(value) if column.kind == 'datetime' else value)}" for name, value in pairs if _is_known(value)
    ]


def _is_known(value: Scalar) -> bool:
    return value is not None and not (isinstance(value, float) and not math.isfinite(value))


def _moment(value: Scalar) -> Scalar:
    return value.removesuffix("T00:00:00").removesuffix(" 00:00:00") if isinstance(value, str) else value


def _words(guard: Guard) -> str:
    condition = guard.condition
    if condition.operator == "not null":
        said = f"{condition.column} is not missing"
    else:
        said = f"{condition.column} {condition.operator} {literal(condition.value)}"
    return said if guard.text in (said, "") or "\n" in guard.text else f"{said} ({guard.text})"


def _plain_field(table: Table) -> list[str]:
    """An array, series or list has one field, named after the variable, that holds the item."""
    column = table.columns[0]
    depth = len(table.shape)
    inner = _TYPES[column.kind]
    hint = "List[" * depth + inner + "]" * depth
    hint = f"Optional[{hint}]" if column.nullable and inner != "Any" else hint
    arguments = [literal(value) for value in column.values] + _extremes(column)
    attribute = attribute_name(table.name, set())
    if attribute != table.name:
        arguments.append(f"name={literal(table.name)}")
    if table.shape:
        arguments.append(f"shape={table.shape!r}")
    return _wrapped(f"    {attribute}: {hint} = seen(", arguments, ")", indent="    ")


def _schema_arguments(plan: Plan, classes: Sequence[_RowClass]) -> list[str]:
    ordered = sorted(classes, key=lambda each: each.table.role != "main")
    tables = [_nested("Table", _table_arguments(plan, each)) for each in ordered]
    answer = plan.answer_shape
    said = [literal(answer.kind)]
    said += [f"names={literal(answer.names)}"] if answer.names else []
    said += [f"classes={literal(answer.classes)}"] if answer.classes else []
    arguments = [
        _nested("tables=", tables, brackets="[]"),
        f"name={literal(plan.package)}",
        f"notebook={literal(plan.notebook_name)}",
    ]
    arguments.append(f"answer=Answer({', '.join(said)})")
    if plan.guards:
        arguments.append(_nested("guards=", [_guard(guard) for guard in plan.guards], brackets="[]"))
    outside = ["answer_outside_domain=True"] if plan.answer_outside_domain else []
    called = [] if plan.function == "answer" else [f"function={literal(plan.function)}"]
    return [*arguments, "example=EXAMPLE", *outside, *called]


def _guard(guard: Guard) -> str:
    condition = guard.condition
    parts = [literal(condition.column), literal(condition.operator)]
    parts += [] if condition.operator == "not null" else [literal(condition.value)]
    return f"Guard({', '.join(parts)}, text={literal(guard.text)}, where={literal(f'cell {guard.cell}')})"


def _table_arguments(plan: Plan, row: _RowClass) -> list[str]:
    table = row.table
    arguments = [literal(table.name), row.name]
    columns = table.columns if table.kind == "frame" else (table.columns[0],)
    dtypes = [f"{literal(column.name)}: {literal(_dtype(table, column))}" for column in columns]
    arguments.append(_nested("columns=", dtypes, brackets="{}"))
    fixed = [f"{literal(column.name)}: {literal(_fixed(column))}" for column in columns if column.use in ("target", "unused")]
    if fixed and table.kind == "frame":
        arguments.append(_nested("fixed=", fixed, brackets="{}"))
    named = [column for column in columns if column.dtype == "category"]
    if named:
        categories = [f"{literal(column.name)}: {literal(column.categories or column.values)}" for column in named]
        arguments.append(_nested("categories=", categories, brackets="{}"))
    if any(column.ordered for column in named):
        arguments.append(f"ordered={literal(tuple(column.name for column in named if column.ordered))}")
    if table.role == "child":
        return [*arguments, f"key={literal(table.key)}", f"main_key={literal(table.main_key)}"]
    owned = {child.main_key for child in plan.tables if child.role == "child"}
    keys = tuple(column.name for column in columns if column.use == "key" or (column.name in owned and column.use != "read"))
    arguments += [f"keys={literal(keys)}"] if keys else []
    return [*arguments, *([f"kind={literal(table.kind)}"] if table.kind != "frame" else [])]


def _dtype(table: Table, column: Column) -> str:
    return column.dtype or table.dtype or "object"


def _fixed(column: Column) -> Scalar:
    if column.fixed is None and column.dtype.startswith(("int", "uint", "bool")):
        return column.dtype == "bool" if column.kind == "boolean" else 0
    return column.fixed


# Python text


def literal(value: Scalar | tuple[Scalar, ...]) -> str:
    """A value as Python source, texts in double quotes: ("a", 1.5) → ("a", 1.5)."""
    if isinstance(value, tuple):
        return f"({', '.join(literal(item) for item in value)}{',' if len(value) == 1 else ''})"
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
        return text if text.isprintable() else json.dumps(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value!r}")'
    return repr(value)


def _rows_literal(rows: Sequence[dict[str, object]]) -> str:
    lines = [f"    {line}" for row in rows for line in f"{_python(row, width=WIDTH - 4)},".split("\n")]
    return "\n".join(["[", *lines, "]"])


def _python(value: object, *, width: int = 10**9) -> str:
    """A JSON value as Python source; objects and lists wider than `width` get a line an item."""
    if isinstance(value, dict):
        items = [f"{literal(str(key))}: {_python(item, width=width - 8 - len(str(key)))}" for key, item in value.items()]
        return _display("{", items, "}", width=width)
    if isinstance(value, list):
        return _display("[", [_python(item, width=width - 4) for item in value], "]", width=width)
    return literal(value) if value is None or isinstance(value, bool | int | float | str) else repr(value)


def _display(start: str, items: Sequence[str], end: str, *, width: int) -> str:
    flat = f"{start}{', '.join(items)}{end}"
    if len(flat) <= width and "\n" not in flat:
        return flat
    inner = "\n".join(f"    {line}" for item in items for line in f"{item},".split("\n"))
    return f"{start}\n{inner}\n{end}"


def _nested(name: str, items: Sequence[str], *, brackets: str = "()") -> str:
    """A call or display: on one line where it is short, else one item a line."""
    flat = f"{name}{brackets[0]}{', '.join(items)}{brackets[1]}"
    if len(flat) <= WIDTH - 12 and "\n" not in flat:
        return flat
    inner = "\n".join(f"    {line}" for item in items for line in f"{item},".split("\n"))
    return f"{name}{brackets[0]}\n{inner}\n{brackets[1]}"


def _wrapped(head: str, items: Sequence[str], tail: str, *, indent: str, comment: str = "") -> list[str]:
    flat = f"{head}{', '.join(items)}{tail}"
    if len(flat) <= WIDTH and "\n" not in flat:
        return [flat + comment]
    inner = [f"{indent}    {line}" for item in items for line in f"{item},".split("\n")]
    return [head + comment, *inner, f"{indent}{tail}"]


def _in_docstring(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"""', "'''")
