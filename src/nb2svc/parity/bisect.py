"""Where a failure begins, in the author's words: statement, column, cell and line."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nb2svc.ir.dataflow import Statement
from nb2svc.ir.observation import Observation
from nb2svc.ir.span import Span
from nb2svc.ir.verdict import Divergence


def locate(
    parting: Mapping[str, Any] | None, observation: Observation, *, package_dir: Path, statements: Sequence[Statement] = ()
) -> Divergence | None:
    """The divergence that a replay found, or None where it names no statement.

    With the notebook's `statements` the span and text are the author's; else they come from the project's line map.
    A row that only the schema refused is blamed on the filter that guards the field, else on the first statement that names it.
    """
    if parting is None:
        return None
    number, column = int(parting["statement"]), _field(str(parting["column"]))
    number = _maker(parting, statements, number=number, name=column)
    if number < 0:
        blamed = _guard(observation, column) if _guard(observation, column) is not None else _naming(column, statements)
        number = -1 if blamed is None else blamed
    known = {statement.number: statement for statement in statements}
    if number in known:
        statement = known[number]
        return Divergence(span=statement.span, statement=number, column=column, text=statement.source.split("\n")[0])
    origin = parting.get("origin") or _origin(package_dir, number)
    if not origin:
        return None
    line, text = int(origin["cell_line"]), _text(package_dir, origin)
    span = Span(cell=int(origin["cell"]), line=line, column=0, end_line=line, end_column=len(text))
    return Divergence(span=span, statement=number, column=column, text=text)


def _field(path: str) -> str:
    """The column of a request's field: `transactions[3].kind` → `kind`."""
    return path.rpartition("].")[2]


def _maker(parting: Mapping[str, Any], statements: Sequence[Statement], *, number: int, name: str) -> int:
    """Where a name is missing at run time, the statement that should have made it; else the one that was found."""
    if not str(parting["cell"]["actual"]).startswith(("NameError", "UnboundLocalError")):
        return number
    makers = [each.number for each in statements if name in each.defines and each.number < number]
    return makers[-1] if makers else number


def _guard(observation: Observation, column: str) -> int | None:
    for selection in observation.selections:
        if any(condition.column == column for condition in selection.conditions):
            return selection.statement
    return None


def _naming(column: str, statements: Sequence[Statement]) -> int | None:
    quoted = (f'"{column}"', f"'{column}'", f".{column}")
    return next((each.number for each in statements if column and any(text in each.source for text in quoted)), None)


def _origin(package_dir: Path, statement: int) -> dict[str, Any] | None:
    path = package_dir / "_nb2svc" / "line_map.json"
    if statement < 0 or not path.exists():
        return None
    found = [record for record in json.loads(path.read_text(encoding="utf-8")) if record["statement"] == statement]
    return min(found, key=lambda record: (record["cell_line"], record["line"])) if found else None


def _text(package_dir: Path, origin: Mapping[str, Any]) -> str:
    for root in (package_dir.parent, package_dir):
        path = root / origin["file"]
        if path.exists():
            lines = path.read_text(encoding="utf-8").split("\n")
            return lines[int(origin["line"]) - 1].strip() if int(origin["line"]) <= len(lines) else ""
    return ""
