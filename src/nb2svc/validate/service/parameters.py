"""Which parameters a run's `training.py` is given, and which it can't be given. Pure: read from the generated text.

a run with alpha=1.0, a project built with alpha=3.0   →  python -m loans.training -p alpha=1.0
"""

import ast
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nb2svc.errors import UsageError
from nb2svc.ir.validation import Parameter, RunSpec

# The modules that a notebook's names may stand in.
MODULES = ("features", "model", "training")


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """What can be set in a project: `takes` are the names that its training.py takes, `mentioned` all that its modules use.

    `built` are the values that its build was given with -p.
    """

    takes: tuple[str, ...]
    mentioned: frozenset[str]
    built: Mapping[str, str]


def read_knobs(texts: Mapping[str, str], built: Mapping[str, str]) -> Knobs:
    """What can be set in the modules with these texts, by name; one that a person broke mentions nothing and takes nothing."""
    trees = {name: tree for name, text in texts.items() if (tree := _parsed(text)) is not None}
    mentioned = {node.id for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.Name)}
    takes = _taken(trees["training"]) if "training" in trees else ()
    return Knobs(takes=takes, mentioned=frozenset(mentioned), built=dict(built))


def training_parameters(
    spec: RunSpec, defaults: Iterable[Parameter], knobs: Knobs, *, project: str
) -> tuple[tuple[str, str], ...]:
    """Names and Python literals for the run's `training.py`: the parameters that have another value than the project's.

    A parameter that no generated module uses matters outside the service only.

    Raises:
        UsageError: one that the service uses was frozen when it was built, is a secret, or can't be written down.
    """
    found = []
    for default in defaults:
        given = next((each for each in spec.parameters if each.name == default.name), default)
        own = knobs.built.get(default.name, default.value)
        used = default.name in knobs.takes or default.name in knobs.mentioned
        if not used or (not given.secret and _equal(given.value, own)):
            continue
        if given.secret:
            raise _secret(given, project)
        if default.name not in knobs.takes:
            raise _frozen(given, own, knobs, project=project)
        found.append((given.name, _literal(given)))
    return tuple(found)


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


def _taken(training: ast.Module) -> tuple[str, ...]:
    """The names in `main(train, parameters=("alpha", "seed"))`."""
    for node in ast.walk(training):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "parameters" and isinstance(keyword.value, ast.Tuple):
                    return tuple(str(each.value) for each in keyword.value.elts if isinstance(each, ast.Constant))
    return ()


def _equal(one: str, two: str) -> bool:
    """Whether two expressions are the same value: `1e3` and `1000.0`, and not `1` and `True`."""
    try:
        return repr(_value(one)) == repr(_value(two))
    except ValueError:
        return one == two


def _value(text: str) -> object:
    """The value of a literal in which `float('inf')` may stand."""
    tree = _Floats().visit(ast.parse(text, mode="eval"))
    try:
        return ast.literal_eval(tree)
    except (ValueError, TypeError, SyntaxError) as error:
        raise ValueError(text) from error


class _Floats(ast.NodeTransformer):
    """Puts the number in place of `float('inf')`."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(func=ast.Name(id="float"), args=[ast.Constant(value=str(text))]):
                return ast.copy_location(ast.Constant(float(text)), node)
        return node


def _literal(parameter: Parameter) -> str:
    """The value as `ast.literal_eval` reads it; infinity is a number that is too large."""
    value = _value(parameter.value)
    if _has_nan(value):
        raise UsageError(
            f"{parameter.name}=nan can't be given to the project's training.py",
            where=f"--service, {parameter.name}",
            why="it reads Python literals, and none is NaN",
            fix=f"use None for {parameter.name} where there is no number, or validate that set without --service",
        )
    return _written(value)


def _has_nan(value: object) -> bool:
    if isinstance(value, float):
        return math.isnan(value)
    if isinstance(value, dict):
        return any(map(_has_nan, value.values()))
    return isinstance(value, list) and any(map(_has_nan, value))


def _written(value: object) -> str:
    match value:
        case float() if math.isinf(value):
            return "1e999" if value > 0 else "-1e999"
        case list():
            return f"[{', '.join(map(_written, value))}]"
        case dict():
            return f"{{{', '.join(f'{key!r}: {_written(item)}' for key, item in value.items())}}}"
        case _:
            return repr(value)


def _frozen(given: Parameter, own: str, knobs: Knobs, *, project: str) -> UsageError:
    takes = f"its training.py takes {', '.join(knobs.takes)} only" if knobs.takes else "its training.py takes no parameter"
    return UsageError(
        f"the service in {project} can't be trained with {given.name}={given.shown}",
        where=f"--service, {given.name}",
        why=f"{takes}: its modules hold what was computed from {given.name} = {own} when it was built",
        fix=f"compute what depends on {given.name} in a feature or model cell and build again, "
        f"or build with -p {given.name}=… and validate that value alone",
    )


def _secret(given: Parameter, project: str) -> UsageError:
    return UsageError(
        f"the service in {project} can't be trained with the secret {given.name}",
        where=f"--service, {given.name}",
        why="its training.py would take it on its command line, where others can read it",
        fix=f'read it where it is used, as os.environ["{given.secret}"], and build again; or validate without --service',
    )
