"""schema.py → RequestForm, from its text alone: what a build writes are calls with literal values, so nothing is run.

class Applicant(Row):
    age: int = seen(low=18, high=79)          →  Field(path="age", kind="integer", low=18, high=79)
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nb2svc.ir.snapshot import Field, GuardRule, RequestForm

_KINDS = {"int": "integer", "float": "number", "bool": "boolean", "str": "string", "datetime": "datetime", "Any": "any"}


class Unreadable(Exception):
    """The schema is not as a build writes it; the message says where and what."""


def read_schema(text: str, *, limits: tuple[tuple[str, int], ...] = ()) -> RequestForm:
    """The request form that a schema's text says.

    Raises:
        Unreadable: somebody wrote what can only be known by running it.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise Unreadable(f"it is no Python: {error}") from error
    rows = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    call = next((_assigned(node, "SCHEMA") for node in tree.body if _assigned(node, "SCHEMA")), None)
    if call is None:
        raise Unreadable("it has no SCHEMA = Schema(…)")
    schema = _Call.of(call)
    tables = [_Call.of(table) for table in _items(schema.named.get("tables") or schema.at(0))]
    if not tables:
        raise Unreadable("its SCHEMA has no table")
    main, children = tables[0], {str(_value(table.at(0))): table for table in tables[1:]}
    answer = _Call.of(schema.required("answer"))
    keys = _value(main.named["keys"]) if "keys" in main.named else ()
    return RequestForm(
        fields=tuple(_fields(main, rows, children, "")),
        guards=tuple(_guard(_Call.of(guard)) for guard in _items(schema.named.get("guards"))),
        keys=tuple(map(str, keys)),
        answer=str(_value(answer.at(0))),
        outputs=tuple(_optional(answer, "names", ())),
        classes=tuple(_optional(answer, "classes", ())),
        answer_outside_domain=bool(_optional(schema, "answer_outside_domain", default=False)),
        limits=limits,
    )


def read_limits(text: str, names: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    """Constants of a runtime module: `MAX_ROWS = 1_000` and {"MAX_ROWS": "rows"} → (("rows", 1000),)."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return ()
    found = [(names[name], _assigned(node, name)) for node in tree.body for name in names if _assigned(node, name) is not None]
    return tuple((words, node.value) for words, node in found if isinstance(node, ast.Constant) and isinstance(node.value, int))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """A call in the text: its arguments by place and by name."""

    line: int
    places: tuple[ast.expr, ...]
    named: Mapping[str, ast.expr]

    @staticmethod
    def of(node: ast.expr | None) -> "_Call":
        if not isinstance(node, ast.Call):
            raise Unreadable(f"line {getattr(node, 'lineno', 1)}: a call was expected there")
        if any(isinstance(each, ast.Starred) for each in node.args) or any(each.arg is None for each in node.keywords):
            raise Unreadable(f"line {node.lineno}: the call's arguments do not stand there")
        named = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        return _Call(line=node.lineno, places=tuple(node.args), named=named)

    def at(self, place: int) -> ast.expr:
        if len(self.places) <= place:
            raise Unreadable(f"line {self.line}: the call has too few arguments")
        return self.places[place]

    def required(self, name: str) -> ast.expr:
        if name not in self.named:
            raise Unreadable(f"line {self.line}: the call has no {name}")
        return self.named[name]


def _fields(table: _Call, rows: Mapping[str, ast.ClassDef], children: Mapping[str, _Call], prefix: str) -> Iterator[Field]:
    row = rows.get(getattr(table.at(1), "id", ""))
    if row is None:
        raise Unreadable(f"line {table.line}: the table's row class is not in the module")
    columns = _value(table.required("columns"))
    for node in row.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            field, child = _field(node, columns, prefix)
            yield field
            if child and child in rows:
                if node.target.id not in children:
                    raise Unreadable(f"line {node.lineno}: there is no table {node.target.id}")
                yield from _fields(children[node.target.id], rows, children, f"{prefix}{node.target.id}[].")


def _field(node: ast.AnnAssign, columns: Mapping[str, str], prefix: str) -> tuple[Field, str]:
    """A field, and the row class of its child rows ("" where it is no table)."""
    assert isinstance(node.target, ast.Name)
    nullable, inner = _hint(node.annotation)
    said = _Call.of(node.value) if isinstance(node.value, ast.Call) else _Call(line=node.lineno, places=(), named={})
    name = str(_optional(said, "name", node.target.id))
    if inner not in _KINDS:
        return Field(path=f"{prefix}{name}", kind="table", nullable=True), inner
    found = Field(
        path=f"{prefix}{name}",
        kind=_KINDS[inner],
        nullable=nullable or inner == "Any",
        dtype=str(columns.get(name) or next(iter(columns.values()), "")),
        shape=tuple(_optional(said, "shape", ())),
        values=tuple(_value(value) for value in said.places),
        low=_optional(said, "low", None),
        high=_optional(said, "high", None),
    )
    return found, ""


def _hint(node: ast.expr) -> tuple[bool, str]:
    """`Optional[List[float]]` → (True, "float")."""
    nullable = False
    while isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in ("Optional", "List"):
        nullable = nullable or node.value.id == "Optional"
        node = node.slice
    if not isinstance(node, ast.Name):
        raise Unreadable(f"line {node.lineno}: the type is not one that a build writes")
    return nullable, node.id


def _guard(call: _Call) -> GuardRule:
    value = _value(call.places[2]) if len(call.places) > 2 else None
    return GuardRule(
        column=str(_value(call.at(0))),
        operator=str(_value(call.at(1))),
        value=value,
        text=str(_optional(call, "text", "")),
        where=str(_optional(call, "where", "")),
    )


def _assigned(node: ast.stmt, name: str) -> ast.expr | None:
    named = isinstance(node, ast.Assign) and any(isinstance(each, ast.Name) and each.id == name for each in node.targets)
    return node.value if isinstance(node, ast.Assign) and named else None


def _items(node: ast.expr | None) -> list[ast.expr]:
    if node is None:
        return []
    if not isinstance(node, ast.List | ast.Tuple):
        raise Unreadable(f"line {node.lineno}: a list was expected there")
    return node.elts


def _optional(call: _Call, name: str, default: Any) -> Any:
    return _value(call.named[name]) if name in call.named else default


def _value(node: ast.expr) -> Any:
    """A literal, or `float("nan")`; lists become tuples."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float" and len(node.args) == 1:
        return float(_value(node.args[0]))
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_value(item) for item in node.elts)
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError) as error:
        raise Unreadable(f"line {node.lineno}: {ast.unparse(node)} is no value that stands there") from error
