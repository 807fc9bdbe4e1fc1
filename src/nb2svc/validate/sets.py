"""`-p`, `--grid`, `--matrix` and `--repeat` → the sets of parameters to run, each value checked before anything starts.

    -p months=12 --grid seed=1..2 --grid 'model=["lr","gb"]'
    → months=12 seed=1 model='lr' · months=12 seed=1 model='gb' · months=12 seed=2 model='lr' · months=12 seed=2 model='gb'

`env:NAME` in place of a value is a secret: the variable is read where the run is made, and only its name is written down.
"""

import ast
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nb2svc.capture.parameters import ParametersCell, accepted, as_source, check_name, parameters_cell, resolve_parameters
from nb2svc.errors import UsageError
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import Parameter
from nb2svc.validate.matrix import Case, read_matrix

_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)")
# A number with a point or an exponent on at least one side, which a range has not.
_DECIMALS = re.compile(r"(-?\d*\.?\d+(?:[eE][+-]?\d+)?)\.\.(-?\d*\.?\d+(?:[eE][+-]?\d+)?)")
_SECRET = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
# A typing mistake (1..100000) must not fill a disk.
MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line says of the runs: names and texts as given; `matrix` is a file's content, `matrix_file` its name.

    `only` are the places of the sets that are wanted, in the order in which they are; None for all of them.
    """

    parameters: tuple[tuple[str, str], ...] = ()
    grid: tuple[tuple[str, str], ...] = ()
    matrix: bytes | None = None
    matrix_file: str = ""
    repeat: int = 1
    only: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterSet:
    """The values of one run: `repeat` counts from 1, `case` is the matrix's name for it or ""."""

    parameters: tuple[Parameter, ...]
    case: str = ""
    repeat: int = 1


def parameter_sets(notebook: Notebook, asked: Asked) -> tuple[ParameterSet, ...]:
    """The sets in the order of their runs: cases, then the grid with its last name moving fastest, then repeats.

    Raises:
        UsageError: a name or a value is wrong, one is given by two options, or there are more than anybody meant.
    """
    cases = read_matrix(asked.matrix, name=asked.matrix_file) if asked.matrix is not None else (Case(name="", values=()),)
    _check_once(asked, cases)
    fixed = _fixed(notebook, asked.parameters)
    axes = [_axis(notebook, name, text) for name, text in asked.grid]
    count = len(cases) * asked.repeat
    for axis in axes:
        count *= len(axis)
    if count > MOST:
        raise _too_many(count)
    found = tuple(
        ParameterSet(parameters=(*fixed, *values, *chosen), case=case.name, repeat=repeat)
        for case, values in [(case, _of_case(notebook, case)) for case in cases]
        for chosen in itertools.product(*axes)
        for repeat in range(1, asked.repeat + 1)
    )
    return found if asked.only is None else tuple(found[place] for place in asked.only)


def default_parameters(notebook: Notebook) -> tuple[Parameter, ...]:
    """The values that the parameters cell sets, as they stand there; none where there is no such cell."""
    cell = next((cell for cell in notebook.cells if cell.parameters), None)
    found: dict[str, str] = {}
    for node in ast.parse(cell.code).body if cell else ():
        match node:
            case ast.Assign(targets=targets, value=value):
                names = [target.id for target in targets if isinstance(target, ast.Name)]
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                names = [name]
            case _:
                continue
        found |= dict.fromkeys(names, ast.unparse(value))
    return tuple(Parameter(name=name, value=text) for name, text in found.items())


def secrets_of(sets: Iterable[ParameterSet]) -> tuple[str, ...]:
    """The names of all variables that runs take a secret from."""
    return tuple(dict.fromkeys(each.secret for one in sets for each in one.parameters if each.secret))


def _fixed(notebook: Notebook, given: Sequence[tuple[str, str]]) -> tuple[Parameter, ...]:
    found: list[Parameter] = []
    for name, text in given:
        if secret := _SECRET.fullmatch(text):
            target = parameters_cell(notebook, asked=f"-p {name}=…")
            check_name(target, name)
            found.append(_secret(target, name, secret[1], option="-p"))
        else:
            value = resolve_parameters(notebook, [(name, text)])[name]
            found.append(Parameter(name=name, value=as_source(value)))
    return tuple(found)


def _axis(notebook: Notebook, name: str, text: str) -> tuple[Parameter, ...]:
    """All values of one name of the grid."""
    target = parameters_cell(notebook, asked=f"--grid {name}=…")
    check_name(target, name, option="--grid")
    values = grid_values(name, text)
    if len(values) > MOST:
        raise _too_many(len(values))
    found = tuple(_parameter(target, name, value, option="--grid", said=_said(value)) for value in values)
    twice = next((each for each in found if found.count(each) > 1), None)
    if twice is not None:
        fix = "leave one out; the same run several times is --repeat"
        raise UsageError(f"--grid {name}: {twice.shown} stands there twice", where=f"--grid {name}", why=text, fix=fix)
    return found


def grid_values(name: str, text: str) -> Sequence[object]:
    """The values that a grid's text says: "1..3" → [1, 2, 3]; '["lr", "gb"]' → ["lr", "gb"].

    Raises:
        UsageError: it is neither.
    """
    if found := _RANGE.fullmatch(text.strip()):
        first, last = int(found[1]), int(found[2])
        if last < first:
            fix = f"write --grid {name}={last}..{first}"
            raise UsageError(f"--grid {name}={text}: the range runs backwards", where=f"--grid {name}", fix=fix)
        # Counted, not made: the message says how many.
        return range(first, last + 1)
    values = _listed(text)
    if not isinstance(values, list):
        why = "a grid is a range of whole numbers or a list in brackets"
        raise UsageError(f"--grid {name}={text} is no grid", where=f"--grid {name}", why=why, fix=_wish(name, text))
    if not values:
        raise UsageError(f"--grid {name}=[] has no values", where=f"--grid {name}", fix="put at least one between the brackets")
    return values


def _too_many(count: int) -> UsageError:
    why, fix = f"more than {MOST:,} are surely a slip", "ask for fewer values, or for a list of cases (--matrix)"
    return UsageError(f"that would be {count:,} runs", where="--grid", why=why, fix=fix)


def _listed(text: str) -> object:
    for read in (json.loads, ast.literal_eval):
        try:
            return read(text.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
    return None


def _wish(name: str, text: str) -> str:
    """What was surely meant: "lr,gb" → write --grid 'model=["lr", "gb"]'; "0.1..0.3" → each of these numbers."""
    if found := _DECIMALS.fullmatch(text.strip()):
        steps = json.dumps(_steps(float(found[1]), float(found[2])))
        return f"write each value, in the steps that you mean: --grid '{name}={steps}'"
    words = [word.strip().strip("\"'") for word in text.strip().strip("[]()").split(",") if word.strip(" .")]
    if not words or ".." in text:
        return f"write two whole numbers, as in --grid {name}=1..10, or each value: --grid '{name}=[1, 2, 5]'"
    listed = json.dumps([_number(word) for word in words], ensure_ascii=False)
    return f"write --grid {name}=1..10, or --grid '{name}={listed}'"


def _steps(first: float, last: float) -> list[float]:
    """Five numbers from the one to the other: 0.1, 0.3 → 0.1, 0.15, 0.2, 0.25, 0.3."""
    return [float(f"{first + (last - first) * place / 4:.6g}") for place in range(5)]


def _number(word: str) -> object:
    try:
        return json.loads(word)
    except ValueError:
        return word


def _of_case(notebook: Notebook, case: Case) -> tuple[Parameter, ...]:
    found = []
    for name, value in case.values:
        option = f"--matrix, {case.place}:"
        target = parameters_cell(notebook, asked=f"{name} of {case.place}")
        check_name(target, name, option=option)
        found.append(_parameter(target, name, value, option=option, said=_said(value)))
    return tuple(found)


def _parameter(target: ParametersCell, name: str, value: object, *, option: str, said: str) -> Parameter:
    secret = _SECRET.fullmatch(value) if isinstance(value, str) else None
    if secret:
        return _secret(target, name, secret[1], option=option)
    value = accepted(name, value, target.defaults[name], said=said, option=option)
    return Parameter(name=name, value=as_source(value))


def _secret(target: ParametersCell, name: str, variable: str, *, option: str) -> Parameter:
    default = target.defaults[name]
    if default is not None and not isinstance(default, str):
        raise UsageError(
            f"{option} {name}=env:{variable}: a secret is text, and {name} is none in the notebook",
            where=f"{option} {name}",
            why=f"its default is {as_source(default)}",
            fix=f"give {name} a text as its default and read the number from it further down, or give the value itself",
        )
    return Parameter(name=name, value="", secret=variable)


def _said(value: object) -> str:
    return value if isinstance(value, str) else as_source(value)


def _check_once(asked: Asked, cases: Iterable[Case]) -> None:
    """Refuse a name that two options set: which was meant can't be known."""
    found: dict[str, str] = {}
    for name, option in _given(asked, {name: case.place for case in cases for name, _ in case.values}):
        if name in found:
            raise UsageError(
                f"{name} is given by {found[name]} and by {option}", where=option, why="which of the two counts can't be known",
                fix="leave one of them out",
            )  # fmt: skip
        found[name] = option


def _given(asked: Asked, of_cases: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield from ((name, "-p") for name, _ in asked.parameters)
    yield from ((name, "--grid") for name, _ in asked.grid)
    yield from ((name, f"--matrix ({place})") for name, place in of_cases.items())
