"""`-p NAME=VALUE`: texts of the command line become values for the notebook's parameters cell.

rate = 0.5      -p rate=1         → 1.0      a number stays the kind of number that the notebook has
month = "01"    -p month=02       → "02"     text is taken as it stands
shops = [1, 2]  -p 'shops=[3]'    → [3]
top = None      -p top=5          → 5        no kind to follow: a Python literal, else text
"""

import ast
import difflib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nb2svc.errors import UsageError
from nb2svc.ir.notebook import Cell, Notebook
from nb2svc.ir.parameters import OfferedParameter, ParameterKind

_WORDS = {"true": True, "false": False}
_FORMS: Mapping[type, ParameterKind] = {bool: "bool", int: "int", float: "float", str: "text"}
_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParametersCell:
    """The cell that sets the defaults: its names, each with its value where that is a literal, else None."""

    cell: Cell
    defaults: Mapping[str, object]


def resolve_parameters(notebook: Notebook, given: Iterable[tuple[str, str]]) -> dict[str, object]:
    """The values to inject, by name, in the order given.

    Raises:
        UsageError: no parameters cell, an unknown name, or a value that the notebook would not get as it was meant.
    """
    pairs = tuple(given)
    if not pairs:
        return {}
    target = parameters_cell(notebook, asked=f"-p {pairs[0][0]}=…")
    values: dict[str, object] = {}
    for name, text in pairs:
        check_name(target, name)
        default = target.defaults[name]
        values[name] = text if isinstance(default, str) else accepted(name, _read(text, default), default, said=text)
    return values


def parameters_cell(notebook: Notebook, *, asked: str) -> ParametersCell:
    """The parameters cell; `asked` is what a person gave that needs one: `-p rate=…`.

    Raises:
        UsageError: there is none.
    """
    cell = next((cell for cell in notebook.cells if cell.parameters), None)
    if cell is None:
        raise UsageError(
            f"{notebook.name} has no parameters cell, so {asked} has nowhere to go",
            where=notebook.path,
            why="parameters replace the values that a cell tagged `parameters` sets",
            fix="tag the cell that sets the defaults with `parameters` (in JupyterLab: property inspector, cell tags)",
        )
    return ParametersCell(cell=cell, defaults=_defaults(cell))


def offered_parameters(notebook: Notebook) -> tuple[OfferedParameter, ...]:
    """The names of the parameters cell in its order; none where there is no such cell, or where it is no Python."""
    cell = next((cell for cell in notebook.cells if cell.parameters), None)
    try:
        body = ast.parse(cell.code).body if cell else []
    except SyntaxError:
        return ()
    read = {part.id for node in body for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}
    found: dict[str, OfferedParameter] = {}
    for node in body:
        names, value = _assigned(node) or ((), None)
        for name in names:
            assert cell is not None
            assert value is not None
            found[name] = OfferedParameter(
                name=name,
                default=ast.unparse(value),
                kind=_FORMS.get(type(_literal(value)), "other"),
                cell=cell.number,
                line=node.lineno,
                computed=name in read,
            )
    return tuple(found.values())


def check_name(target: ParametersCell, name: str, *, option: str = "-p") -> None:
    """Refuse a name that the cell does not set, and one that it computes with.

    Raises:
        UsageError: it is such a name.
    """
    if name not in target.defaults:
        raise _unknown(name, target.cell, target.defaults, option=option)
    _check_alone(name, target.cell, option=option)


def accepted(name: str, value: object, default: object, *, said: str, option: str = "-p") -> object:
    """A value for a parameter, of the kind that its default has: 1 → 1.0 where that is a float.

    Raises:
        UsageError: it is of another kind, or would not reach the notebook as it is; `said` is the text that a person gave.
    """
    if isinstance(default, str | bool) and not isinstance(value, type(default)):
        raise _wrong_kind(name, said, default, option=option)
    if isinstance(default, int | float) and not isinstance(default, bool):
        wanted = int if isinstance(default, int) else int | float
        if isinstance(value, bool) or not isinstance(value, wanted):
            raise _wrong_kind(name, said, default, option=option)
        value = float(value) if isinstance(default, float) else value
    _check_travels(name, said, value, option=option)
    return value


def as_source(value: object) -> str:
    """A parameter's value as a Python expression: "02" → "'02'", inf → "float('inf')"."""
    match value:
        case float() if not math.isfinite(value):
            return f"float({str(value)!r})"
        case list():
            return f"[{', '.join(map(as_source, value))}]"
        case dict():
            return f"{{{', '.join(f'{key!r}: {as_source(item)}' for key, item in value.items())}}}"
        case _:
            return repr(value)


def with_values(source: str, values: Mapping[str, str]) -> str:
    """A statement of the parameters cell as if it set these values (expressions): "rate: float = 0.5" → "rate = 0.1"."""
    found = _assigned(ast.parse(source).body[0])
    if found is None or not values.keys() & set(found[0]):
        return source
    names, default = found
    kept = ast.get_source_segment(source, default)
    return f"{', '.join(names)} = {', '.join(values.get(name, f'({kept})') for name in names)}"


def _check_alone(name: str, cell: Cell, *, option: str) -> None:
    """Refuse a parameter that the parameters cell computes with: a given value comes below that cell: both would disagree."""
    for node in ast.parse(cell.code).body:
        if any(isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Load) for part in ast.walk(node)):
            line = cell.source.splitlines()[node.lineno - 1].strip()
            raise UsageError(
                f"{name} can't be given with {option}: the parameters cell computes with it",
                where=f"{cell.title}, line {node.lineno}",
                why=f"`{line}` runs with the cell's own {name}, before {option} sets another",
                fix="move that line to the next cell",
            )


def _defaults(cell: Cell) -> dict[str, object]:
    """The names that a cell sets, each with its value where that is a literal, else None."""
    found: dict[str, object] = {}
    for node in ast.parse(cell.code).body:
        if (assigned := _assigned(node)) is not None:
            names, value = assigned
            found.update(dict.fromkeys(names, _literal(value)))
    return found


def _assigned(node: ast.stmt) -> tuple[list[str], ast.expr] | None:
    """The plain names that a statement sets to one value, and that value."""
    match node:
        case ast.Assign(targets=targets, value=value) if all(isinstance(target, ast.Name) for target in targets):
            return [target.id for target in targets if isinstance(target, ast.Name)], value
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            return [name], value
    return None


def _literal(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _read(text: str, default: object) -> object:
    if isinstance(default, bool) and text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if text in ("nan", "inf", "-inf"):
        return float(text)
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text


def _check_travels(name: str, text: str, value: object, *, option: str) -> None:
    """Refuse what would reach the notebook as another value: a tuple would come as text, a key 1 as "1"."""
    try:
        same = _same(json.loads(json.dumps(value)), value)
    except (TypeError, ValueError):
        same = False
    if not same:
        raise UsageError(
            f"the value of {option} {name}={text} can't be given to a notebook as it is",
            where=f"{option} {name}",
            why=f"a {type(value).__name__} like this one would arrive changed",
            fix="use None, true/false, numbers, text, lists, and dicts with text keys",
        )


def _same(first: object, second: object) -> bool:
    if type(first) is not type(second):
        return False
    if isinstance(first, dict) and isinstance(second, dict):
        return list(first) == list(second) and all(_same(first[key], second[key]) for key in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(_same, first, second))
    return first == second or (first != first and second != second)  # nan differs from itself


def _wrong_kind(name: str, text: str, default: object, *, option: str) -> UsageError:
    kind = _KINDS[type(default)]
    return UsageError(
        f"{option} {name}={text}: {name} is {kind} in the notebook",
        where=f"{option} {name}",
        why=f"its default is {default!r}",
        fix=f"give {kind}, e.g. {_as_typed(name, default, option=option)}",
    )


def _as_typed(name: str, value: object, *, option: str) -> str:
    """How a person gives a value: `-p rate=3`, `--grid 'rate=[3]'`, `rate: 3 in --matrix, case large`."""
    text = json.dumps(value, ensure_ascii=False)
    if option.startswith("--matrix"):
        return f"{name}: {text} in {option.rstrip(':')}"
    if option.endswith("grid"):
        return f"{option} '{name}=[{text}]'"
    return f"{option} {name}={value if isinstance(value, str) else text}"


def _unknown(name: str, cell: Cell, defaults: Iterable[str], *, option: str) -> UsageError:
    known = list(defaults)
    close = difflib.get_close_matches(name, known, n=1)

    def meant(other: str) -> str:
        return f"{other} in {option.rstrip(':')}" if option.startswith("--matrix") else f"{option} {other}=…"

    return UsageError(
        f"the notebook has no parameter {name}",
        where=cell.title,
        why=f"its parameters are {', '.join(known) or 'none'}",
        fix=f"did you mean {meant(close[0])}?" if close else "use one of these names, or add it to the parameters cell",
    )
