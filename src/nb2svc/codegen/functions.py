"""Functions of the generated modules: signature, origin, the author's lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nb2svc.codegen.context import Context
from nb2svc.codegen.splice import INDENT, Piece
from nb2svc.ir.observation import Table
from nb2svc.ir.plan import Call, PlannedStatement, Step

# Where an annotation can be written with the notebook's own import.
_ANNOTATIONS = {
    "pandas.DataFrame": ("pandas", "DataFrame"),
    "pandas.Series": ("pandas", "Series"),
    "numpy.ndarray": ("numpy", "ndarray"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A generated function: the lines above its body, and the body as pieces and plain lines in order."""

    head: tuple[str, ...]
    body: tuple[Piece | str, ...]


def step_function(context: Context, step: Step) -> Function:
    """One step as a function: parameters are what it reads, the result what is read later."""
    parameters = [_parameter(context, name, kind) for name, kind in step.parameters]
    result = _result(context, step)
    head = (context.origin(step.cell), f"def {step.name}({', '.join([*parameters, f'{context.state}: State'])}){result}:")
    body: list[Piece | str] = list(_lines(context, step.statements))
    names = [name for name, _ in step.results]
    if names:
        body.append(f"{INDENT}return {', '.join(names)}")
    return Function(head=head, body=tuple(body))


def answer_function(context: Context) -> Function:
    """`model.answer`: raw tables in, the answer out."""
    plan = context.plan
    tables = [_parameter(context, table.name, _table_type(table.kind)) for table in ordered_tables(context)]
    returned = [*plan.results, *([plan.returned] if plan.returned else [])]
    several = len(returned) > 1
    cell = context.statement(_answer_statement(context)).span.cell
    head = (
        context.origin(cell),
        f"def {plan.function}({', '.join([*tables, *plan.estimators, f'{context.state}: State'])})"
        + (" -> tuple:" if several else ":"),
    )
    body: list[Piece | str] = [f"{INDENT}{name} = {name}.copy()" for name in plan.copied]
    body += _lines(context, plan.answer)
    body.append(f"{INDENT}return {', '.join(returned)}")
    return Function(head=head, body=tuple(body))


def train_function(context: Context) -> Function:
    """`training.train`: the author's training, from files to the fitted estimator."""
    head = (f"def {context.train}({context.state}: State):",)
    body: list[Piece | str] = []
    cell, ours = 0, False
    for entry in _training_lines(context):
        if isinstance(entry, Piece):
            where = context.statement(entry.statement).span.cell
            body += [""] if body and body[-1] and (where != cell or ours) else []
            body += [INDENT + context.origin(where)] if where != cell else []
            cell, ours = where, False
        elif entry:
            body += [""] if body and not ours else []
            ours = True
        body.append(entry)
    loaded = {name: _as_loaded(name) for name in _changed_lookups(context)}
    names = [table.name for table in context.plan.tables if table.role == "lookup"]
    lookups = ", ".join(f'"{name}": {loaded.get(name, name)}' for name in names)
    estimators = context.plan.estimators
    fitted = estimators[0] if len(estimators) == 1 else "{" + ", ".join(f'"{name}": {name}' for name in estimators) + "}"
    body.append(f"{INDENT}return {fitted}" + (f", {{{lookups}}}" if lookups else ""))
    return Function(head=head, body=tuple(body))


def _changed_lookups(context: Context) -> dict[str, int]:
    """The lookup tables that a step changes in place, with the place of the first entry of training that is given it."""
    lookups = {table.name for table in context.plan.tables if table.role == "lookup"} & set(context.plan.copied)
    calls = [(place, entry) for place, entry in enumerate(context.plan.training) if isinstance(entry, Call)]
    return {name: place for name in sorted(lookups) for place, call in reversed(calls) if name in call.arguments}


def _training_lines(context: Context) -> list[Piece | str]:
    """The body of training: raw tables are checked as they are loaded; a lookup table that a step changes is put aside before."""
    lines: list[Piece | str] = []
    changed, loaded = _changed_lookups(context), loaded_tables(context)
    done = 0
    for place in sorted({*changed.values(), *loaded, len(context.plan.training)}):
        lines += _lines(context, context.plan.training[done:place])
        if place in loaded:
            lines.append(f"{INDENT}{context.schema}.require({', '.join(f'{name}={name}' for name in loaded[place])})")
        lines += [f"{INDENT}{_as_loaded(name)} = {name}.copy()" for name in changed if changed[name] == place]
        done = place
    return lines


def loaded_tables(context: Context) -> dict[int, tuple[str, ...]]:
    """The tables of a request that training has loaded before an entry of its body, by that entry's place.

    Those that are loaded one after the other are told together. One that is no line of training's is not there.
    """
    asked = {table.name for table in context.plan.tables if table.role != "lookup"}
    found: dict[int, tuple[str, ...]] = {}
    pending: list[str] = []
    for place, entry in enumerate(context.plan.training, start=1):
        made = [name for name, number in context.plan.loaded if isinstance(entry, PlannedStatement) and number == entry.number]
        if pending and not made:
            found[place - 1], pending = tuple(pending), []
        pending += [name for name in made if name in asked]
    return {**found, **({len(context.plan.training): tuple(pending)} if pending else {})}


def _as_loaded(name: str) -> str:
    return f"{name}_as_loaded"


def ordered_tables(context: Context) -> list[Table]:
    """The raw tables as parameters: the main one, its children, lookups."""
    rank = {"main": 0, "child": 1, "lookup": 2}
    return sorted(context.plan.tables, key=lambda table: rank[table.role])


def _answer_statement(context: Context) -> int:
    lines = [entry.number for entry in context.plan.answer if isinstance(entry, PlannedStatement)]
    if lines:
        return lines[-1]
    return max(entry.number for entry in context.plan.training if isinstance(entry, PlannedStatement))


def _lines(context: Context, entries: Iterable[Call | PlannedStatement]) -> list[Piece | str]:
    """Body entries; consecutive statements that only training runs share one `if state.learning:`."""
    lines: list[Piece | str] = []
    learning = False
    previous: PlannedStatement | None = None
    for entry in entries:
        if isinstance(entry, Call):
            lines.append(INDENT + _call(context, entry))
            learning, previous = False, None
            continue
        if previous is not None and _blank_between(context, previous, entry):
            lines.append("")
        if entry.learning and not learning:
            lines.append(f"{INDENT}if {context.state}.learning:")
        learning, previous = entry.learning, entry
        depth = 2 if learning else 1
        lines.append(context.splicer.render(context.cell_of(entry.number), context.statement(entry.number), entry, depth=depth))
    return lines


def _blank_between(context: Context, first: PlannedStatement, second: PlannedStatement) -> bool:
    """Whether a paragraph ends: with a cell, a function, or where the author left a blank line before the second statement."""
    one, two = context.statement(first.number), context.statement(second.number)
    if one.kind in ("function", "class") or one.span.cell != two.span.cell:
        return True
    lines = context.cell_of(second.number).code.split("\n")[one.span.end_line : two.span.line - 1]
    return any(not line.strip() for line in lines)


def _call(context: Context, call: Call) -> str:
    arguments = ", ".join([*call.arguments, context.state])
    targets = _shown(call.targets)
    prefix = f"{', '.join(targets)} = " if targets else ""
    return f"{prefix}{context.features}.{call.step}({arguments})"


def _shown(targets: Sequence[str]) -> Sequence[str]:
    return () if all(target == "_" for target in targets) else targets


def _parameter(context: Context, name: str, kind: str) -> str:
    annotation = _annotation(context, kind)
    return f"{name}: {annotation}" if annotation else name


def _result(context: Context, step: Step) -> str:
    if len(step.results) > 1:
        return " -> tuple"
    annotation = _annotation(context, step.results[0][1]) if step.results else "None"
    return f" -> {annotation}" if annotation else ""


def _annotation(context: Context, kind: str) -> str:
    """`pandas.DataFrame` as the notebook would write it: `pd.DataFrame`; "" where it did not import pandas by a name."""
    module, name = _ANNOTATIONS.get(kind, ("", ""))
    for number in context.plan.prelude:
        source = context.statement(number).source
        if module and source in (f"import {module} as {alias}" for alias in context.statement(number).defines):
            return f"{context.statement(number).defines[0]}.{name}"
        if module and source == f"import {module}":
            return f"{module}.{name}"
    return ""


def _table_type(kind: str) -> str:
    return {"frame": "pandas.DataFrame", "series": "pandas.Series", "array": "numpy.ndarray"}.get(kind, "")
