"""Row-aligned calls that look at the other rows: a run tells how each is served."""

import ast
from collections.abc import Iterator, Mapping

from nb2svc.analysis.knowledge import CALLBACK_METHODS
from nb2svc.plan.draft.kinds import Kinds
from nb2svc.plan.draft.values import AGGREGATED, ALIGNED, OF_EACH_ROW, PLAIN, Function, Site, argument, called

_MANY = AGGREGATED | ALIGNED
Functions = Mapping[str, tuple[int, Function]]


def aligned_at(node: ast.expr, kinds: Kinds, site: Site, functions: Functions) -> Iterator[Site]:
    """The call itself, where it makes rows and looks at other rows for it, and the author's functions that it hands them to."""
    if not isinstance(node, ast.Call) or kinds.of(node, site).kind != "rows":
        return
    given = [*node.args, *(each.value for each in node.keywords)]
    if _is_aligned(node, kinds, site, given, functions):
        yield Site(site.statement, node, site.keys, site.within)
    for each in given:
        if isinstance(each, ast.Name) and each.id in functions and _aggregates(each, kinds, functions):
            yield Site(*functions[each.id])


def _is_aligned(node: ast.Call, kinds: Kinds, site: Site, given: list[ast.expr], functions: Functions) -> bool:
    name = called(node)
    receiver = kinds.of(node.func.value, site) if isinstance(node.func, ast.Attribute) else PLAIN
    if receiver.kind == "groups":
        return True
    match name:
        case "dropna":
            axis = argument(node, 99, "axis")
            return isinstance(axis, ast.Constant) and axis.value in OF_EACH_ROW
        case "cut":
            return not isinstance(argument(node, 1, "bins"), ast.List | ast.Tuple)
        case "astype":
            return any(isinstance(each, ast.Constant) and each.value == "category" for each in ast.walk(node))
        case _ if name in CALLBACK_METHODS and name != "pipe":
            return any(_aggregates(each, kinds, functions) for each in given)
        case _:
            return name in ALIGNED


def _aggregates(node: ast.expr, kinds: Kinds, functions: Functions) -> bool:
    """Whether a function that is handed over makes few values out of what it is given."""
    if isinstance(node, ast.Name) and node.id in functions:
        return any(called(each) in _MANY for each in ast.walk(functions[node.id][1]))
    if isinstance(node, ast.Name | ast.Attribute):
        return kinds.index.path(node).rpartition(".")[2] in _MANY or getattr(node, "attr", "") in _MANY
    return isinstance(node, ast.Lambda) and any(called(each) in _MANY for each in ast.walk(node))
