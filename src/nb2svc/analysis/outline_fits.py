"""Where an estimator was fitted, and on what: by name, through aliases and containers, in loops and in functions."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from nb2svc.analysis.index import Index, root_name
from nb2svc.analysis.locals import Locals
from nb2svc.analysis.outline_boosters import training_set
from nb2svc.analysis.outline_predictions import first_argument, inner_names
from nb2svc.analysis.scopes import body_of, parameters
from nb2svc.analysis.slicing import definitions
from nb2svc.analysis.trees import all_nodes

_FITS = frozenset({"fit", "partial_fit"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """A statement that fits an estimator; `input` and `target` are expressions in it, None where it shows none.

    `inside` is the method of an inner object that the input went through before it was fitted with (see `Prediction`).
    For a booster it is the statement that makes its training data; `asked` says that it is asked with such a set, too.
    """

    statement: int
    input: ast.expr | None = None
    target: ast.expr | None = None
    asked: bool = False
    inside: str = ""


def holders(index: Index, name: str, reader: int) -> list[int]:
    """The statements that a name's object may come from where `reader` reads it, the last first."""
    return sorted({edge.source for edge in index.into.get(reader, ()) if edge.name == name}, reverse=True)


def find_fit(index: Index, name: str, starts: list[int]) -> Fit | None:
    """The last fit of what a name holds after one of `starts`; where none is to be seen, the statement that makes it."""
    todo = [(number, name) for number in starts]
    seen: set[tuple[int, str]] = set()
    made: Fit | None = None
    while todo:
        todo.sort()
        number, held = todo.pop()
        if (number, held) in seen:
            continue
        seen.add((number, held))
        found = [fit for fit in _fits(index, number, held) if fit is not None]
        if found:
            return next((fit for fit in reversed(found) if fit.input is not None), found[-1])
        value = _value_of(index, number, held)
        names = [one for one in _held_by(index, number, held, value) if one not in index.imports]
        todo += [(source, one) for one in names for source in holders(index, one, number)]
        if made is None and held in index.statement(number).defines and not names:
            made = Fit(statement=number)
    return made


def last_fit_in(index: Index, number: int) -> str | None:
    """The variable that a statement fits, or binds a fitted estimator to."""
    for trained in index.statement(number).defines:
        if training_set(index, number, _value_of(index, number, trained)) is not None:
            return trained
    for call in _fit_calls(index, number):
        assert isinstance(call.func, ast.Attribute)
        name = root_name(call.func.value)
        if name is None or isinstance(call.func.value, ast.Call):
            name = next(iter(index.statement(number).defines), None)
        if name:
            return name
    return None


def starts_after(index: Index, name: str, statement: int) -> list[int]:
    """The statements that a name's object may come from once `statement` has run."""
    return list(definitions(index.dataflow, statement, name))


def _fit_calls(index: Index, number: int) -> list[ast.Call]:
    return [call for call in index.calls(number) if isinstance(call.func, ast.Attribute) and call.func.attr in _FITS]


def _fits(index: Index, number: int, name: str) -> Iterator[Fit | None]:
    """The fits of what `name` holds that a statement makes: by name, in the value it is bound to, or in a loop that fills it."""
    calls = _fit_calls(index, number)
    inner = inner_names(index, number)
    value = _value_of(index, number, name)
    inside = {id(node) for node in ast.walk(value)} if value is not None else set()
    block = index.statement(number).kind == "compound"
    for call in calls:
        assert isinstance(call.func, ast.Attribute)
        named = root_name(call.func.value) == name or name in inner.origins(call.func.value)
        if named or (id(call) in inside and value is not None and _makes(value, call)) or (block and _second(call) is not None):
            given, through = inner.through(first_argument(call))
            yield Fit(statement=number, input=_outer(index, number, given), target=inner.rows_from(_second(call)), inside=through)
    data = training_set(index, number, value)
    if data is not None:
        yield Fit(statement=data.statement, input=data.rows, target=data.label, asked=data.asked)
    yield _fit_by_function(index, number, value)


def _makes(value: ast.expr, call: ast.Call) -> bool:
    """Whether a fit call gives the value itself (or an element of it), and not an argument of another call."""
    match value:
        case ast.Call() if value is call:
            return True
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Dict(values=parts):
            return any(_makes(part, call) for part in parts)
        case ast.ListComp(elt=part) | ast.DictComp(value=part):
            return _makes(part, call)
    return False


def _outer(index: Index, number: int, found: ast.expr | None) -> ast.expr | None:
    """The fit's input, if it has the same value before the statement runs."""
    changed = {*index.statement(number).defines, *index.statement(number).mutates}
    if found is None or index.statement(number).kind != "compound":
        return found
    return None if any(isinstance(one, ast.Name) and one.id in changed for one in ast.walk(found)) else found


def _second(call: ast.Call) -> ast.expr | None:
    if len(call.args) > 1:
        return None if any(isinstance(argument, ast.Starred) for argument in call.args[:2]) else call.args[1]
    return next((keyword.value for keyword in call.keywords if keyword.arg == "y"), None)


def _held_by(index: Index, number: int, name: str, value: ast.expr | None) -> list[str]:
    """The other names whose object a name holds (or holds a part of) after a statement: aliases, elements, what is appended."""
    parsed = index.parsed(number)
    if parsed is None:
        return []
    inner = inner_names(index, number)
    if name in index.statement(number).defines and value is not None:
        return list(inner.origins(value))
    found = [one for one in inner.origins(ast.Name(name, ast.Load())) if one != name]
    for call in index.calls(number):
        if isinstance(call.func, ast.Attribute) and root_name(call.func.value) == name:
            found += [one for argument in call.args for one in inner.origins(argument)]
    # It may be the same object as before, changed in a way that is not followed.
    return [*found, name]


def _value_of(index: Index, number: int, name: str) -> ast.expr | None:
    for node in index.nodes(number):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id == name:
                    return node.value
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    for one, value in zip(target.elts, node.value.elts, strict=False):
                        if isinstance(one, ast.Name) and one.id == name:
                            return value
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and isinstance(node.target, ast.Name) and node.target.id == name:
            return node.value
    return None


def _fit_by_function(index: Index, number: int, value: ast.expr | None) -> Fit | None:
    """An estimator that a function of the notebook fits: `model = train(X, y)`; its parameters lead to the arguments."""
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Name):
        return None
    made = [one for one in index.definers.get(value.func.id, ()) if one < number]
    parsed = index.parsed(made[-1]) if made else None
    if parsed is None or not isinstance(parsed.node, ast.FunctionDef):
        return None
    names = [argument.arg for argument in parameters(parsed.node)]
    given = dict(zip(names, value.args, strict=False)) | {k.arg: k.value for k in value.keywords if k.arg}
    own = Locals(all_nodes(body_of(parsed.node)), inside=True)
    for node in all_nodes(body_of(parsed.node)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _FITS:
            first, second = own.rows_from(first_argument(node)), own.rows_from(_second(node))
            if isinstance(first, ast.Name) and first.id in given:
                target = given.get(second.id) if isinstance(second, ast.Name) else None
                return Fit(statement=number, input=given[first.id], target=target)
    return None
