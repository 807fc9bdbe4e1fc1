"""NB246 (refusal): a tag says how a metric is judged that no run tells, or two tags say different things of it.

What it finds: `margin=`, `lower=` or `higher=` with a name that no tag's `metrics=` and no `nb2svc.metric` has; two margins for
one metric; one that is to be both lower and higher; `metrics=` with a variable that only a cell further down sets, since a metric
is read where its cell ends.

Why it matters: a margin for a metric that is never told would never stop anything, and nobody would notice.

Example:

    # nb2svc: check error metrics=mae margin=mea:0.5
    from sklearn.metrics import mean_absolute_error
    mae = mean_absolute_error(y, rate)
    assert mae < 9

Fix: name the metric as it is told, once.

    # nb2svc: check error metrics=mae margin=mae:0.5
    from sklearn.metrics import mean_absolute_error
    mae = mean_absolute_error(y, rate)
    assert mae < 9

Related: NB105
"""

import ast
from collections.abc import Iterator
from difflib import get_close_matches

from nb2svc.analysis.index import Index
from nb2svc.analysis.told_metrics import ToldMetrics, measured, told_metrics
from nb2svc.ir.finding import Finding
from nb2svc.ir.margins import margins_of
from nb2svc.ir.notebook import Cell
from nb2svc.rules.context import Context

CODE = "NB246"


def check(context: Context) -> Iterator[Finding]:
    """One finding for each metric of a tag that can't be judged so."""
    yield from criteria_findings(context.index)


def criteria_findings(index: Index) -> Iterator[Finding]:
    """The same without an outline: a validation has none."""
    yield from _set_below(index)
    told = told_metrics(index)
    said: dict[tuple[str, str], tuple[str, Cell]] = {}
    for cell in index.notebook.cells:
        for name, kind, value in _criteria(cell):
            if told.all_known and name not in told.names:
                yield _unknown(name, kind, told, cell)
                continue
            first, above = said.setdefault((name, "margin" if kind == "margin" else "better"), (value, cell))
            if first != value:
                yield _contradiction(name, kind, value, cell=cell, first=first, above=above)


def _set_below(index: Index) -> Iterator[Finding]:
    """Names that a tag asks for above the first cell that sets them."""
    known = measured(index)
    stars = [one.span.cell for one in index.dataflow.statements if _binds_unseen(index, one.number)]
    for cell in index.notebook.cells:
        option = cell.directive.option("metrics") if cell.directive else None
        for name in option.split(",") if option else ():
            setting = [one.span.cell for one in index.dataflow.statements if name in one.defines]
            if name in known or not setting or min(setting) <= cell.number or any(star <= cell.number for star in stars):
                continue
            below = index.notebook.cell(min(setting))
            yield Finding(
                code=CODE,
                severity="refusal",
                message=f"`metrics={name}` is read where {cell.title} ends, and only {below.title} sets `{name}`.",
                remedy=f"Compute `{name}` here, or ask for it in the tag of a check or model cell from {below.title} on.",
                span=cell.directive.span if cell.directive else None,
            )


def _binds_unseen(index: Index, number: int) -> bool:
    parsed = index.parsed(number)
    node = parsed.node if parsed else None
    return isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)


def _criteria(cell: Cell) -> Iterator[tuple[str, str, str]]:
    """What a tag says: the metric, the option, and the number or the direction."""
    if cell.directive is None:
        return
    for name, number in margins_of(cell.directive.option("margin") or "") if cell.directive.option("margin") else ():
        yield name, "margin", f"{number:g}"
    for kind in ("lower", "higher"):
        option = cell.directive.option(kind)
        for name in option.split(",") if option else ():
            yield name, kind, kind


def _unknown(name: str, kind: str, told: ToldMetrics, cell: Cell) -> Finding:
    close = get_close_matches(name, sorted(told.names), n=1)
    known = ", ".join(f"`{each}`" for each in sorted(told.names))
    remedy = f"Did you mean `{close[0]}`?" if close else f"Name one of {known}." if known else ""
    return Finding(
        code=CODE,
        severity="refusal",
        message=f"`{kind}=` names the metric `{name}`, which no run tells.",
        remedy=remedy or f"Let a run tell it: `metrics={name}` in the tag, or `nb2svc.metric({name!r}, …)`.",
        span=cell.directive.span if cell.directive else None,
    )


def _contradiction(name: str, kind: str, value: str, *, cell: Cell, first: str, above: Cell) -> Finding:
    what = f"a margin of {value}" if kind == "margin" else f"{value} is better"
    was = f"a margin of {first}" if kind == "margin" else f"{first} is better"
    where = "the same tag" if above is cell else above.title
    return Finding(
        code=CODE,
        severity="refusal",
        message=f"The tag says of the metric `{name}`: {what}; {where} says: {was}.",
        remedy="Keep one of the two.",
        span=cell.directive.span if cell.directive else None,
    )
