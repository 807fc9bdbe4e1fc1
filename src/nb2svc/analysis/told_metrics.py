"""Which metrics a run of the notebook tells, as far as the source says it."""

import ast
from dataclasses import dataclass

from nb2svc.analysis.index import Index
from nb2svc.analysis.outline_checks import METRIC


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldMetrics:
    """The names that stand in the source; not `all_known` are they where one is computed: `metric(f"auc {part}", …)`."""

    names: frozenset[str]
    all_known: bool


def told_metrics(index: Index) -> ToldMetrics:
    """The metrics of a notebook: those that tags ask for, and those that `nb2svc.metric` tells."""
    asked = {
        name
        for cell in index.notebook.cells
        if cell.directive
        for name in (cell.directive.option("metrics") or "").split(",")
        if name
    }
    told = measured(index)
    return ToldMetrics(names=frozenset(asked | {name for name in told if name is not None}), all_known=None not in told)


def measured(index: Index) -> frozenset[str | None]:
    """The names that `nb2svc.metric` tells; None among them where one is computed."""
    calls = (call for each in index.dataflow.statements for call in index.calls(each.number))
    return frozenset(_name(call) for call in calls if _tells(index, call))


def _tells(index: Index, call: ast.Call) -> bool:
    return index.path(call.func) == METRIC


def _name(call: ast.Call) -> str | None:
    given = [*call.args[:1], *(word.value for word in call.keywords if word.arg == "name")]
    match given:
        case [ast.Constant(value=str() as name)]:
            return name
    return None
