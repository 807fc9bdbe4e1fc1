"""What a request carries: typed row classes, and the tables that rows are turned into.

    class Applicant(Row):
        age: int = seen(low=18, high=79)
        income: Optional[float] = seen(low=412.0, high=6100.0)
        region: str = seen("east", "north", "south")
        transactions: List[Transaction] = []

A class's fields are what a client sends; `Table.columns` are the raw table's columns as the notebook read them, in their
order, with those that a client does not send (`fixed` and key columns).
"""

import datetime as dt
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Type, Union, get_type_hints

Scalar = Union[None, bool, int, float, str]

_KINDS = {int: "integer", float: "number", bool: "boolean", str: "string", dt.datetime: "datetime"}


class Row:
    """One row of a table in a request; subclasses list its fields."""


class Seen:
    """What training saw in a field: its lowest and highest value, or its categories."""

    def __init__(
        self, values: Tuple[Scalar, ...], low: Scalar, high: Scalar, name: Optional[str], shape: Tuple[int, ...]
    ) -> None:
        self.values = values
        self.low = low
        self.high = high
        self.name = name
        self.shape = shape


def seen(*values: Scalar, low: Scalar = None, high: Scalar = None, name: Optional[str] = None, shape: Sequence[int] = ()) -> Any:
    """Say what training saw in a field.

    `values` are its categories (none where there are too many to list); `name` is the column's own name where that is no
    Python name; `shape` is the shape of the nested lists of an array.
    """
    return Seen(values, low, high, name, tuple(shape))


class Field:
    """A field as `fields_of` reads it: `kind` is integer, number, boolean, string, datetime, any, or table for child rows."""

    def __init__(self, name: str, kind: str, *, nullable: bool, seen_: Seen, child: Optional[Type[Row]] = None) -> None:
        self.name = name
        self.kind = kind
        self.nullable = nullable
        self.seen = seen_
        self.child = child


def fields_of(row: Type[Row]) -> Tuple[Field, ...]:
    """The fields of a row class, in order."""
    fields = []
    for attribute, hint in get_type_hints(row).items():
        said = vars(row).get(attribute)
        what = said if isinstance(said, Seen) else Seen((), None, None, None, ())
        fields.append(_field(attribute if what.name is None else what.name, hint, what))
    return tuple(fields)


def _field(name: str, hint: Any, what: Seen) -> Field:
    arguments = getattr(hint, "__args__", ())
    nullable = getattr(hint, "__origin__", None) is Union and type(None) in arguments
    inner = next(each for each in arguments if each is not type(None)) if nullable else hint
    while getattr(inner, "__origin__", None) is list:
        inner = inner.__args__[0]
        if isinstance(inner, type) and issubclass(inner, Row):
            return Field(name, "table", nullable=nullable, seen_=what, child=inner)
    return Field(name, _KINDS.get(inner, "any"), nullable=nullable or inner is Any, seen_=what)


class Table:
    """A raw table. The first of a schema is the main one: one request row is one row of it.

    `columns` maps each column to its dtype, in the notebook's order; `fixed` holds the values of columns that a request does
    not carry (the target, and columns that are never read). `key` is the column that names a main row, `main_key` the main
    table's column for it. `kind` is `frame`, or `array`, `series` or `list` where the raw value is one.
    """

    def __init__(
        self,
        name: str,
        row: Type[Row],
        *,
        columns: Mapping[str, str],
        fixed: Optional[Mapping[str, Scalar]] = None,
        categories: Optional[Mapping[str, Sequence[Scalar]]] = None,
        ordered: Sequence[str] = (),
        keys: Sequence[str] = (),
        key: str = "",
        main_key: str = "",
        kind: str = "frame",
    ) -> None:
        self.name = name
        self.row = row
        self.fields = fields_of(row)
        self.columns = dict(columns)
        self.fixed = dict(fixed or {})
        self.categories = {name: tuple(values) for name, values in (categories or {}).items()}
        self.ordered = tuple(ordered)
        self.keys = tuple(keys) or ((key,) if key else ())
        self.key = key
        self.main_key = main_key
        self.kind = kind


class Guard:
    """A row selection of the notebook: training never saw rows outside it. `text` are the author's words."""

    def __init__(
        self, column: str, operator: str, value: Union[Scalar, Tuple[Scalar, ...]] = None, *, text: str, where: str
    ) -> None:
        self.column = column
        self.operator = operator
        self.value = value
        self.text = text
        self.where = where


class Answer:
    """What the service answers: `label`, `number`, `labels` or `numbers`; `names` of several outputs; known `classes`."""

    def __init__(self, kind: str, *, names: Sequence[str] = (), classes: Sequence[Scalar] = ()) -> None:
        self.kind = kind
        self.names = tuple(names)
        self.classes = tuple(classes)


class SchemaError(ValueError):
    """Training data without the columns that the notebook read, or with others in their place."""


class Schema:
    """Everything that a service knows of its requests and answers; `example` are request rows made up for the API page.

    With `answer_outside_domain` a row that training never saw the like of is answered too, beside its `refer` issues.
    `function` is the name in `model.py` of what answers.
    """

    def __init__(
        self,
        tables: Sequence[Table],
        *,
        name: str,
        notebook: str,
        answer: Answer,
        guards: Sequence[Guard] = (),
        example: Sequence[Dict[str, Any]] = (),
        answer_outside_domain: bool = False,
        function: str = "answer",
    ) -> None:
        self.main = tables[0]
        self.children = {table.name: table for table in tables[1:]}
        self.name = name
        self.notebook = notebook
        self.answer = answer
        self.guards = tuple(guards)
        self.example: List[Dict[str, Any]] = list(example)
        self.answer_outside_domain = answer_outside_domain
        self.function = function

    def require(self, **tables: Any) -> None:
        """Stop a training whose raw tables are not what the notebook trained on; every fault is told at once.

        Columns that the model reads must be there and hold numbers, texts, moments or truth values as they did. Ranges and
        categories are not asked for: training is what learns them, and a new build writes them down.

        Raises:
            SchemaError: a column is missing, or holds something else.
        """
        known = {self.main.name: self.main, **self.children}
        faults = [fault for name, value in tables.items() for fault in table_faults(known[name], value)]
        if faults:
            raise SchemaError(
                "the data is not what {} trained on: {}. Mend the data; or, where it is right, change the notebook and build "
                "again".format(self.notebook, "; ".join(faults))
            )


_FAMILIES = {
    "integer": "numbers", "number": "numbers", "boolean": "truth values", "string": "texts", "datetime": "moments",
}  # fmt: skip


def table_faults(table: Table, value: Any) -> List[str]:
    """What a raw table of training lacks, or holds in another form."""
    if table.kind == "frame":
        if not (hasattr(value, "columns") and hasattr(value, "iloc")):
            return ["{} is a {}, not a table".format(table.name, type(value).__name__)]
        return [fault for field in table.fields if field.kind != "table" for fault in _column_faults(table, field, value)]
    dtype = next(iter(table.columns.values()))
    shape = table.fields[0].seen.shape
    if table.kind == "array" and tuple(getattr(value, "shape", ()))[1:] != shape:
        return [
            "{} has the shape {}, not (rows, {})".format(table.name, getattr(value, "shape", None), ", ".join(map(str, shape)))
        ]
    if table.kind in ("array", "series") and _family(value) not in (_family_of(dtype), ""):
        return ["{} holds {}, not {}".format(table.name, _family(value), _family_of(dtype))]
    return []


def _column_faults(table: Table, field: Field, value: Any) -> List[str]:
    if field.name not in value.columns:
        return ["{} has no column {}".format(table.name, field.name)]
    column = value[field.name]
    if getattr(column, "ndim", 1) != 1:
        return ["{} has several columns {}".format(table.name, field.name)]
    wanted, found = _FAMILIES.get(field.kind, ""), _family(column)
    return [] if not wanted or found in (wanted, "") else ["{}.{} holds {}, not {}".format(table.name, field.name, found, wanted)]


def _family(column: Any) -> str:
    """What a column or array holds, in words; "" where it holds nothing or what can't be told."""
    found = _family_of(str(column.dtype))
    if found == "texts" and hasattr(column, "dropna"):
        present = column.dropna()
        kinds = {_family_of(type(each).__name__) for each in present.tolist()[:1000]}
        return kinds.pop() if len(kinds) == 1 else ""
    return "" if hasattr(column, "isna") and bool(column.isna().all()) else found


def _family_of(dtype: str) -> str:
    lower = dtype.lower()
    if lower.startswith(("int", "uint", "float", "decimal")):
        return "numbers"
    if lower.startswith("bool"):
        return "truth values"
    return "moments" if lower.startswith(("date", "timestamp")) else "texts"
