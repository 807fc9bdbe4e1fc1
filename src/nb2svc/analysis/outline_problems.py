"""What a slice must not need: undefined names, masked IPython syntax, the keyboard, the network, code made at run time."""

import ast
import re
from collections.abc import Iterator

from nb2svc.analysis.index import Index
from nb2svc.analysis.knowledge import BUILTINS, INTERACTIVE_NAMES
from nb2svc.analysis.outline_tags import did_you_mean
from nb2svc.analysis.overruled import dropped_maker, made_by_dropped
from nb2svc.ir.dataflow import Statement
from nb2svc.ir.finding import Finding
from nb2svc.ir.notebook import Masked
from nb2svc.ir.outline import Outline

_RUN = re.compile(r"""%run\s+(?:-\w+\s+)*(?:["'](?P<quoted>[^"']+)["']|(?P<plain>\S+))""")
_AWAITS = (ast.Await, ast.AsyncFor, ast.AsyncWith)


def slice_problems(index: Index, outline: Outline) -> tuple[Finding, ...]:
    """The refusals that the statements of an outline give, in the notebook's order."""
    parts = dict(outline.parts)
    found: list[Finding] = []
    for number, part in sorted(parts.items()):
        statement = index.statement(number)
        served = part not in ("load", "training")
        found += _undefined(index, statement)
        found += _masked(index, statement)
        found += _effects(statement, served=served)
        found += _awaits(index, statement)
    return tuple(dict.fromkeys(found))


def _undefined(index: Index, statement: Statement) -> Iterator[Finding]:
    linked = {edge.name for edge in index.into.get(statement.number, ())}
    for name in statement.reads:
        if name not in linked and (name not in BUILTINS or name in INTERACTIVE_NAMES):
            yield _undefined_name(index, statement, name)
    if statement.kind in ("function", "class"):
        for name in statement.defers:
            if name not in index.definers and name not in BUILTINS and not _has_star(index):
                yield _undefined_name(index, statement, name)


def _has_star(index: Index) -> bool:
    return any(parsed is not None and parsed.names.star for parsed in map(index.parsed, range(len(index.dataflow.statements))))


def _undefined_name(index: Index, statement: Statement, name: str) -> Finding:
    found = _undefined_here(index, statement, name)
    maker = dropped_maker(index.notebook, name)
    return made_by_dropped(name, maker, found) if maker else found


def _undefined_here(index: Index, statement: Statement, name: str) -> Finding:
    if name in INTERACTIVE_NAMES or (name[:1] == "_" and name[1:].isdigit()):
        return Finding(
            code="NB211",
            severity="refusal",
            message=f"`{name}` is what IPython showed or read last; it exists while somebody types, "
            "not when the notebook is run.",
            remedy=f"Give the value that `{name}` stands for a name in the cell that makes it, and use that name here.",
            span=statement.span,
        )
    masked = next(((cell, one) for cell in index.notebook.cells for one in cell.masked if name in one.defines), None)
    if masked is not None:
        return Finding(
            code="NB212",
            severity="refusal",
            message=f"`{name}` comes from `{_first_line(masked[1])}` ({masked[1].span}), which only IPython can run.",
            remedy=f"Write that line in plain Python, so that `{name}` can be computed in a service.",
            span=statement.span,
        )
    run = _run_before(index, statement)
    if run is not None:
        return _made_by_run(name, run, statement)
    later = next((one for one in index.definers.get(name, ()) if one > statement.number), None)
    if later is not None:
        place = index.statement(later).span
        return Finding(
            code="NB210",
            severity="refusal",
            message=f"`{name}` is not defined yet when this line runs from top to bottom; {place} makes it later.",
            remedy=f"Move cell {place.cell} above this one." if place.cell != statement.span.cell else "Move that line up.",
            span=statement.span,
        )
    return Finding(
        code="NB210",
        severity="refusal",
        message=f"`{name}` is not defined: no cell above makes it.{did_you_mean(name, list(index.definers))}",
        remedy=f"Add the cell that makes `{name}` (it may have been deleted after it ran).",
        span=statement.span,
    )


def _first_line(masked: Masked) -> str:
    return masked.text.strip().split("\n", 1)[0]


def _run_before(index: Index, statement: Statement) -> Masked | None:
    """The last `%run` above a statement; it may define anything."""
    above = [one for cell in index.notebook.cells for one in cell.masked if one.span < statement.span]
    return next((one for one in reversed(above) if _RUN.match(one.text)), None)


def _made_by_run(name: str, run: Masked, statement: Statement) -> Finding:
    match = _RUN.match(run.text)
    assert match is not None
    file = match["quoted"] or match["plain"]
    remedy = f"Copy the cells of {file} that make `{name}` into this notebook."
    if not file.endswith(".ipynb"):
        module = file.removesuffix(".py").replace("/", ".").lstrip(".")
        remedy = f"Write `from {module} import {name}` instead of `%run`."
    return Finding(
        code="NB212",
        severity="refusal",
        message=f"`{name}` is not defined in the notebook; `{run.text}` ({run.span}) may make it, which nb2svc does not follow.",
        remedy=remedy,
        span=statement.span,
    )


def _masked(index: Index, statement: Statement) -> Iterator[Finding]:
    for masked in index.notebook.cell(statement.span.cell).masked:
        if masked.treatment == "refused" and statement.span.contains(masked.span):
            yield _refused(masked)


def _refused(masked: Masked) -> Finding:
    return Finding(
        code="NB212",
        severity="refusal",
        message=f"The answer needs `{_first_line(masked)}`, which only IPython can run.",
        remedy="Write it in plain Python, or move it to a line of its own that the answer does not need.",
        span=masked.span,
    )


_REFUSED_EFFECTS = {
    "input": (
        "NB213",
        "asks the keyboard (`{detail}`): a service has nobody to ask",
        "Assign the value to a variable instead, in a cell tagged `parameters` if it should vary.",
    ),
    "dynamic": (
        "NB214",
        "runs code that is made while it runs (`{detail}`), so nobody can say what it reads or changes",
        "Write the code out, or use a dictionary instead of names made at run time.",
    ),
    "network": (
        "NB215",
        "reads from the network (`{detail}`) on the way to the answer: every request would wait for it",
        "Load it in a cell before the features, or save it to a file and read that.",
    ),
}


def _effects(statement: Statement, *, served: bool) -> Iterator[Finding]:
    for effect in statement.effects:
        rule = _REFUSED_EFFECTS.get(effect.kind)
        if rule is not None and (served or effect.kind != "network"):
            code, message, remedy = rule
            yield Finding(
                code=code,
                severity="refusal",
                message=f"This line {message.format(detail=effect.detail)}.",
                remedy=remedy,
                span=effect.span,
            )


def _awaits(index: Index, statement: Statement) -> Iterator[Finding]:
    if any(isinstance(node, _AWAITS) for node in index.nodes(statement.number)):
        yield Finding(
            code="NB216",
            severity="refusal",
            message="The answer needs `await` at the top level of a cell, which only IPython can run.",
            remedy="Use the library's synchronous call, or `asyncio.run(…)` in the cell that loads the data.",
            span=statement.span,
        )
