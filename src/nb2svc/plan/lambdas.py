"""Lambdas that an estimator holds get a name at module level: a file of data can only name functions.

    model = make_pipeline(FunctionTransformer(lambda x: np.log1p(x)), Ridge())
    → training.py    model = make_pipeline(FunctionTransformer(function), Ridge())
      features.py    def function(x):
                         return np.log1p(x)

One that the notebook named itself (`logged = lambda x: …`) stays as it is and is told its name.
"""

import ast
import builtins
from collections.abc import Iterator
from dataclasses import replace

from nb2svc.analysis.index import Index, make_index
from nb2svc.analysis.knowledge import SKLEARN_LIKE
from nb2svc.analysis.outline_model import expression_span
from nb2svc.errors import InternalError
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.outline import Outline
from nb2svc.ir.plan import Call, NamedLambda, Plan, PlannedStatement, Substitution
from nb2svc.ir.source import CellText


def with_named_lambdas(plan: Plan, notebook: Notebook, dataflow: Dataflow, outline: Outline) -> Plan:
    """The plan with every lambda that is given to an estimator named, where it reads nothing that a step computes."""
    index = make_index(notebook, dataflow)
    top = {name for number in plan.prelude for name in dataflow.statements[number].defines}
    taken = {
        *top,
        *index.definers,
        *dir(builtins),
        "features",
        "feature_steps",
        "state",
        "learned",
        "answer",
        "train",
        "main",
        *(s.name for s in plan.steps),
    }
    found: list[NamedLambda] = []
    for number in sorted({number for number, part in outline.parts if part in ("training", "fit_path")} | {outline.model.fit}):
        for given, wish in _given_to_estimators(index, number):
            if isinstance(given, ast.Lambda) and _free_names(given) <= top | set(dir(builtins)):
                name = _unique(wish, taken)
                found.append(_inline(index, number, given, name))
                taken.add(name)
            elif isinstance(given, ast.Name):
                found += _assigned(index, given.id, plan)
    named = tuple(dict.fromkeys(found))
    spans: dict[int, tuple[NamedLambda, ...]] = {}
    for each in named:
        spans[each.statement] = (*spans.get(each.statement, ()), each)
    return replace(
        plan,
        lambdas=named,
        steps=tuple(replace(step, statements=tuple(_renamed(one, spans) for one in step.statements)) for step in plan.steps),
        training=tuple(one if isinstance(one, Call) else _renamed(one, spans) for one in plan.training),
        answer=tuple(one if isinstance(one, Call) else _renamed(one, spans) for one in plan.answer),
    )


def _given_to_estimators(index: Index, number: int) -> Iterator[tuple[ast.expr, str]]:
    """What calls of estimator classes are given, each with a name to wish for: the argument's, or that of a pipeline's step."""
    labels = {
        id(part.elts[1]): part.elts[0].value
        for part in index.nodes(number)
        if isinstance(part, ast.Tuple) and len(part.elts) > 1 and isinstance(part.elts[0], ast.Constant)
    }
    for call in index.calls(number):
        if not _makes_estimator(index, call):
            continue
        label = labels.get(id(call), "")
        wish = f"{label}_function" if isinstance(label, str) and label.isidentifier() else "function"
        yield from ((argument, wish) for argument in call.args)
        yield from ((each.value, wish if each.arg in (None, "func") else str(each.arg)) for each in call.keywords)


def _makes_estimator(index: Index, call: ast.Call) -> bool:
    path = index.path(call.func)
    if path:
        return path.partition(".")[0] in SKLEARN_LIKE
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    return any(index.statement(number).kind == "class" for number in index.definers.get(name, ()))


def _free_names(node: ast.Lambda) -> set[str]:
    bound = {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)}
    names = [one for one in ast.walk(node) if isinstance(one, ast.Name)]
    bound |= {one.id for one in names if not isinstance(one.ctx, ast.Load)}
    return {one.id for one in names} - bound


def _unique(wish: str, taken: set[str]) -> str:
    number = 1
    name = wish
    while name in taken:
        number += 1
        name = f"{wish}_{number}"
    return name


def _inline(index: Index, number: int, node: ast.Lambda, name: str) -> NamedLambda:
    span = expression_span(index, number, node)
    body = expression_span(index, number, node.body)
    assert span is not None
    assert body is not None
    text = CellText(index.notebook.cell(body.cell).code).at(body)
    made = f"def {name}({ast.unparse(node.args)}):\n    return {f'({text})' if chr(10) in text else text}"
    [function] = ast.parse(made).body
    [returned] = function.body if isinstance(function, ast.FunctionDef) else [None]
    same = isinstance(function, ast.FunctionDef) and ast.dump(function.args) == ast.dump(node.args)
    if not (same and isinstance(returned, ast.Return) and returned.value and ast.dump(returned.value) == ast.dump(node.body)):
        raise InternalError("naming a lambda changed its meaning", where=str(span))
    return NamedLambda(statement=number, name=name, span=span, text=made)


def _assigned(index: Index, name: str, plan: Plan) -> Iterator[NamedLambda]:
    """`logged = lambda x: …` at module level, whose function calls itself `<lambda>`."""
    for number in index.definers.get(name, ()):
        parsed = index.parsed(number)
        if (
            number in plan.prelude
            and parsed
            and isinstance(parsed.node, ast.Assign)
            and isinstance(parsed.node.value, ast.Lambda)
        ):
            yield NamedLambda(statement=number, name=name, span=None, text=f'{name}.__name__ = {name}.__qualname__ = "{name}"')


def _renamed(entry: PlannedStatement, spans: dict[int, tuple[NamedLambda, ...]]) -> PlannedStatement:
    changed = [rewrite.span for rewrite in entry.rewrites] + [each.span for each in entry.substitutions]
    changed += [each.selection.span for each in entry.selections]
    named = [each for each in spans.get(entry.number, ()) if each.span and not any(span.contains(each.span) for span in changed)]
    more = tuple(Substitution(span=each.span, text=each.name) for each in named if each.span)
    return replace(entry, substitutions=(*entry.substitutions, *more))
