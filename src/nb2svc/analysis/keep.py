"""What the run has to keep: raw values, what fit and predict received, the answer, and what checks read."""

import ast

from nb2svc.analysis.positions import text_at
from nb2svc.analysis.prelude import is_definition
from nb2svc.analysis.statements import parse_statement
from nb2svc.ir.capture import KeepPoint
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.outline import CheckUse, Outline
from nb2svc.ir.span import Span

# What an unseeded `train_test_split` draws from: Python's own generator, and numpy's where it is loaded.
_GENERATORS = (
    '[__import__("random").getstate(), '
    '*(found.get_state() for found in [__import__("sys").modules.get("numpy.random")] if found)]'
)


def keep_points(dataflow: Dataflow, outline: Outline) -> tuple[KeepPoint, ...]:
    """The values to keep, in the order in which a run meets them; nothing is kept inside a statement."""
    points = [*_raws(outline), *_givens(dataflow, outline), *_model(dataflow, outline), *_draws(dataflow, outline)]
    taken: set[str] = set()
    for check in outline.checks:
        points += _checked(dataflow, check, taken)
    return tuple(sorted(points, key=lambda point: (point.statement, point.when != "before")))


def _raws(outline: Outline) -> list[KeepPoint]:
    return [
        KeepPoint(kind="raw", label=raw.name, expression=raw.name, statement=raw.statement, when="after") for raw in outline.raws
    ]


def _givens(dataflow: Dataflow, outline: Outline) -> list[KeepPoint]:
    """Values that cross from the loading into the served statements and are no raw values."""
    parts = dict(outline.parts)
    raws = {(raw.name, raw.statement) for raw in outline.raws}
    names = {raw.name for raw in outline.raws}
    found: dict[str, int] = {}
    for edge in dataflow.edges:
        crosses = parts.get(edge.source) == "load" and parts.get(edge.target) in ("fit_path", "twin", "answer")
        if crosses and (edge.name, edge.source) not in raws and edge.name not in names and edge.name.isidentifier():
            found[edge.name] = max(edge.source, found.get(edge.name, 0))
    return [
        KeepPoint(kind="given", label=name, expression=name, statement=statement, when="after")
        for name, statement in found.items()
        if not is_definition_statement(dataflow, statement)
    ]


def is_definition_statement(dataflow: Dataflow, number: int) -> bool:
    """Whether a statement only imports, or defines functions or classes."""
    parsed = parse_statement(dataflow.statements[number].source)
    return parsed is not None and is_definition(parsed.node)


def _model(dataflow: Dataflow, outline: Outline) -> list[KeepPoint]:
    model = outline.model
    found = [
        KeepPoint(kind="estimator", label=each.name, expression=each.name, statement=each.statement, when="after")
        for each in model.fitted
    ]
    found += _expression(dataflow, "fit_input", model.fit, model.fit_input)
    found += _expression(dataflow, "fit_target", model.fit, model.fit_target)
    if model.predict is not None:
        found += _expression(dataflow, "predict_input", model.predict, model.predict_input)
    if model.output is not None:
        found.append(
            KeepPoint(kind="output", label=model.output, expression=model.output, statement=model.output_statement, when="after")
        )
    return found


def _expression(dataflow: Dataflow, kind: str, number: int, span: Span | None) -> list[KeepPoint]:
    if span is None:
        return []
    text = text_at(dataflow.statements[number], span)
    assert kind in ("fit_input", "fit_target", "predict_input")
    return [KeepPoint(kind=kind, label=kind, expression=text, statement=number, when="before")]  # type: ignore[arg-type]


def _draws(dataflow: Dataflow, outline: Outline) -> list[KeepPoint]:
    """The generators before each served statement that calls something, so that a replay draws the same rows."""
    parts = dict(outline.parts)
    served = {number for number, part in parts.items() if part in ("fit_path", "twin", "answer")} | {outline.model.fit}
    return [
        KeepPoint(kind="random", label=str(number), expression=_GENERATORS, statement=number, when="before")
        for number in sorted(served)
        if _calls(dataflow.statements[number].source) and not is_definition_statement(dataflow, number)
    ]


def _calls(source: str) -> bool:
    return any(isinstance(node, ast.Call) for node in ast.walk(ast.parse(source)))


def _checked(dataflow: Dataflow, check: CheckUse, taken: set[str]) -> list[KeepPoint]:
    """The values that a check cell reads, before its first statement; modules, functions and classes need not be kept."""
    if not check.statements:
        return []
    inside, first = set(check.statements), min(check.statements)
    found = []
    outside = sorted({(edge.name, edge.source) for edge in dataflow.edges if edge.target in inside and edge.source not in inside})
    for name, source in dict(outside).items():
        if not name.isidentifier() or is_definition_statement(dataflow, source):
            continue
        label = name if name not in taken else f"{name}@{check.cell}"
        taken.add(name)
        found.append(KeepPoint(kind="check_value", label=label, expression=name, statement=first, when="before"))
    return found
