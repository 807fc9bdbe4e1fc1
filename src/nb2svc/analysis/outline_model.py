"""What the model tag means: the estimator, the call that fits it, the prediction, and the answer."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from nb2svc.analysis.index import Index, root_name
from nb2svc.analysis.knowledge import PREDICT_METHODS, REDUCTIONS
from nb2svc.analysis.outline_tags import Tags, cell_span, did_you_mean
from nb2svc.analysis.positions import node_span, within_cell
from nb2svc.analysis.scopes import body_of, bound_names, parameters
from nb2svc.analysis.slicing import backward, definitions
from nb2svc.analysis.trees import children
from nb2svc.ir.finding import Finding
from nb2svc.ir.outline import ModelUse
from nb2svc.ir.span import Span

_METRIC = re.compile(
    r"(_score|_error|_loss|_report|_matrix|_curve|_auc|_deviance|^score|^auc|^accuracy|^evaluate|^rmse|^mae|^mse)$|^print$|^display$"
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prediction:
    """A call of a predict method: by which variable, where, and the name that its statement binds (None: none, or a metric)."""

    statement: int
    call: ast.Call
    method: str
    estimator: str | None
    bound: str | None
    chained: bool

    @property
    def argument(self) -> ast.expr | None:
        """What is predicted on."""
        return first_argument(self.call, ("X", "x", "data"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """Where an estimator was fitted or bound last; `call` is None where no `.fit(` is to be seen."""

    estimator: str
    statement: int
    input: ast.expr | None = None
    target: ast.expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelFound:
    """A model use, with the expressions behind its spans."""

    use: ModelUse
    fit: Fit
    prediction: Prediction | None


def find_model(index: Index, tags: Tags) -> tuple[ModelFound | None, tuple[Finding, ...]]:
    """The estimator and the answer that the model cell means, or why there is none."""
    output = _output_statement(index, tags)
    if tags.output and output is None:
        return None, (_unknown_output(index, tags),)
    predictions = [p for number in index.cells.get(tags.model.number, ()) for p in predictions_of(index, number)]
    if tags.estimator:
        predictions = [p for p in predictions if p.estimator == tags.estimator]
    if tags.output and output is not None:
        return _from_output(index, tags, tags.output, output)
    bound = [p for p in predictions if p.bound and p.argument is not None]
    if not bound:
        return _from_fit(index, tags, predictions)
    chosen = bound[-1]
    assert chosen.bound is not None
    last = _followed_up(index, chosen.statement, chosen.bound)
    return _with_prediction(index, tags, chosen, chosen.bound, last)


def predictions_of(index: Index, number: int) -> Iterator[Prediction]:
    """The predictions that a statement makes when it runs, in source order."""
    parsed = index.parsed(number)
    if parsed is None:
        return
    calls = [call for call in index.calls(number) if isinstance(call.func, ast.Attribute) and call.func.attr in PREDICT_METHODS]
    parents = {child: node for node in parsed.nodes for child in children(node)} if calls else {}
    for node in calls:
        if isinstance(node.func, ast.Attribute):
            receiver = node.func.value
            chained = isinstance(receiver, ast.Call)
            root = root_name(receiver)
            if root in index.imports:
                continue
            yield Prediction(
                statement=number,
                call=node,
                method=node.func.attr,
                estimator=root,
                bound=_bound_by(node, parents),
                chained=chained,
            )


def _bound_by(call: ast.Call, parents: dict[ast.AST, ast.AST]) -> str | None:
    """The variable that a prediction ends up in, following the expression outwards; None for a metric of it."""
    node: ast.AST = call
    compared = False
    while node in parents:
        child, node = node, parents[node]
        if isinstance(node, ast.Compare):
            compared = True
        if isinstance(node, ast.Call) and node.func is not child:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if _METRIC.search(name) or (compared and name in REDUCTIONS):
                return None
        if compared and isinstance(node, ast.Attribute) and node.attr in REDUCTIONS:
            return None
        if isinstance(node, ast.Assign):
            return _target_of(node.targets[0], node.value, child, call)
        if isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            return root_name(node.target)
        if isinstance(node, ast.stmt):
            return None
    return None


def _target_of(target: ast.expr, value: ast.expr, child: ast.AST, call: ast.Call) -> str | None:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and value is child:
        for one, part in zip(target.elts, value.elts, strict=False):
            if any(node is call for node in ast.walk(part)):
                return root_name(one)
    return root_name(target.elts[0] if isinstance(target, ast.Tuple) else target)


def _followed_up(index: Index, statement: int, name: str) -> int:
    """The last statement of the cell that carries a value on under its name: `pred = np.exp(pred)`, `pred[pred < 0] = 0`."""
    last = statement
    for number in index.cells[index.statement(statement).span.cell]:
        one = index.statement(number)
        if number > last and (name in one.defines or name in one.mutates):
            if not any(edge.source == last and edge.name == name for edge in index.into.get(number, ())):
                break
            last = number
    return last


def _output_statement(index: Index, tags: Tags) -> int | None:
    """The statement after which `output=NAME` is the answer: the last in the model cell that makes it, else the last of all."""
    if not tags.output:
        return None
    makers = index.definers.get(tags.output, [])
    in_cell = [number for number in makers if index.statement(number).span.cell == tags.model.number]
    found = in_cell or makers
    return found[-1] if found else None


def _from_output(index: Index, tags: Tags, output: str, statement: int) -> tuple[ModelFound | None, tuple[Finding, ...]]:
    needed = backward(index.dataflow, [(statement, output)])
    found = [p for number in needed for p in predictions_of(index, number) if p.argument is not None]
    if tags.estimator:
        found = [p for p in found if p.estimator == tags.estimator]
    in_cell = [p for p in found if index.statement(p.statement).span.cell == tags.model.number]
    if not found:
        return None, (_no_prediction(index, tags, output, statement),)
    return _with_prediction(index, tags, (in_cell or found)[-1], output, statement)


def _with_prediction(
    index: Index, tags: Tags, prediction: Prediction, output: str, statement: int
) -> tuple[ModelFound | None, tuple[Finding, ...]]:
    if prediction.estimator is None or prediction.chained:
        return None, (_unnamed(index, prediction),)
    if prediction.estimator not in index.definers:
        return None, (_one_of_many(index, prediction),)
    fit = find_fit(index, prediction.estimator, prediction.statement)
    if fit is None:
        return None, (_no_estimator(index, tags),)
    if fit.statement == prediction.statement:
        return None, (_unnamed(index, prediction),)
    use = ModelUse(
        estimator=fit.estimator,
        fit=fit.statement,
        fit_input=expression_span(index, fit.statement, fit.input),
        fit_target=expression_span(index, fit.statement, fit.target),
        method=prediction.method,
        predict=prediction.statement,
        predict_call=expression_span(index, prediction.statement, prediction.call),
        predict_input=expression_span(index, prediction.statement, prediction.argument),
        output=output,
        output_statement=statement,
    )
    return ModelFound(use=use, fit=fit, prediction=prediction), ()


def _from_fit(index: Index, tags: Tags, predictions: list[Prediction]) -> tuple[ModelFound | None, tuple[Finding, ...]]:
    """A cell that only fits, or whose predictions are only shown or measured: the answer is the estimator's prediction."""
    names = [p.estimator for p in predictions if p.estimator] or ([tags.estimator] if tags.estimator else [])
    numbers = index.cells.get(tags.model.number, [])
    if not names:
        for number in numbers:
            names += [name for name in (_fitted_name(index, number),) if name]
    fit = find_fit(index, names[-1], numbers[-1], inclusive=True) if names and numbers else None
    if fit is None or fit.input is None:
        return None, (_no_estimator(index, tags),)
    use = ModelUse(
        estimator=fit.estimator,
        fit=fit.statement,
        fit_input=expression_span(index, fit.statement, fit.input),
        fit_target=expression_span(index, fit.statement, fit.target),
        method=predictions[-1].method if predictions else "predict",
        predict=None,
        predict_call=None,
        predict_input=None,
        output=None,
        output_statement=fit.statement,
    )
    return ModelFound(use=use, fit=fit, prediction=None), ()


def _fitted_name(index: Index, number: int) -> str | None:
    for call in _fit_calls(index, number):
        assert isinstance(call.func, ast.Attribute)
        name = root_name(call.func.value)
        if name is None or isinstance(call.func.value, ast.Call):
            name = next(iter(index.statement(number).defines), None)
        if name:
            return name
    return None


def _fit_calls(index: Index, number: int) -> list[ast.Call]:
    return [call for call in index.calls(number) if isinstance(call.func, ast.Attribute) and call.func.attr == "fit"]


def find_fit(index: Index, estimator: str, statement: int, *, inclusive: bool = False) -> Fit | None:
    """The last statement before `statement` that fits or binds an estimator; aliases are followed to what was fitted."""
    if inclusive:
        todo = list(definitions(index.dataflow, statement, estimator))
    else:
        todo = [edge.source for edge in index.into.get(statement, ()) if edge.name == estimator]
    seen: set[int] = set()
    while todo:
        number = max(todo)
        if number in seen:
            return None
        seen.add(number)
        call = _fit_of(index, number, estimator)
        if call is not None:
            return Fit(
                estimator=estimator, statement=number, input=first_argument(call, ("X", "x")), target=_second_argument(call)
            )
        if estimator in index.statement(number).defines:
            value = _value_of(index, number, estimator)
            alias = root_name(value)
            if alias is None or alias in index.imports or alias == estimator:
                return _fit_by_function(index, number, estimator, value)
            estimator = alias
        todo = [edge.source for edge in index.into.get(number, ()) if edge.name == estimator]
    return None


def _fit_of(index: Index, number: int, estimator: str) -> ast.Call | None:
    """The `.fit(…)` of a statement that fits this estimator: by name, or in the value that it is bound to."""
    calls = _fit_calls(index, number)
    named = [c for c in calls if isinstance(c.func, ast.Attribute) and root_name(c.func.value) == estimator]
    if named:
        return named[-1]
    value = _value_of(index, number, estimator)
    inside = [call for call in calls if call is value]
    return inside[0] if inside else None


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


def _fit_by_function(index: Index, number: int, estimator: str, value: ast.expr | None) -> Fit:
    """An estimator that a function of the notebook fits: `model = train(X, y)`; its parameters lead to the arguments."""
    plain = Fit(estimator=estimator, statement=number)
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Name):
        return plain
    made = [one for one in index.definers.get(value.func.id, ()) if one < number]
    parsed = index.parsed(made[-1]) if made else None
    if parsed is None or not isinstance(parsed.node, ast.FunctionDef):
        return plain
    names = [argument.arg for argument in parameters(parsed.node)]
    given = dict(zip(names, value.args, strict=False)) | {k.arg: k.value for k in value.keywords if k.arg}
    rebound = set(bound_names(body_of(parsed.node)))
    for node in ast.walk(parsed.node):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fit":
            first, second = first_argument(node, ("X", "x")), _second_argument(node)
            if isinstance(first, ast.Name) and first.id in given and first.id not in rebound:
                target = given.get(second.id) if isinstance(second, ast.Name) and second.id not in rebound else None
                return Fit(estimator=estimator, statement=number, input=given[first.id], target=target)
    return plain


def first_argument(call: ast.Call, keywords: tuple[str, ...]) -> ast.expr | None:
    """The first argument of a call, positional or by one of these keywords."""
    if call.args:
        return None if isinstance(call.args[0], ast.Starred) else call.args[0]
    return next((keyword.value for keyword in call.keywords if keyword.arg in keywords), None)


def _second_argument(call: ast.Call) -> ast.expr | None:
    if len(call.args) > 1:
        return None if any(isinstance(argument, ast.Starred) for argument in call.args[:2]) else call.args[1]
    return next((keyword.value for keyword in call.keywords if keyword.arg == "y"), None)


def expression_span(index: Index, number: int, node: ast.expr | None) -> Span | None:
    """Where an expression of a statement stands in its cell."""
    parsed = index.parsed(number)
    if node is None or parsed is None:
        return None
    statement = index.statement(number)
    return within_cell(statement.span, node_span(parsed.lines, node, cell=statement.span.cell))


def _unknown_output(index: Index, tags: Tags) -> Finding:
    return Finding(
        code="NB205",
        severity="refusal",
        message=f"`output={tags.output}` names a variable that no cell makes."
        + did_you_mean(tags.output or "", list(index.definers)),
        remedy=f"Name the variable that holds the answer at the end of {tags.model.title}.",
        span=tags.span_of("output"),
    )


def _no_prediction(index: Index, tags: Tags, output: str, statement: int) -> Finding:
    return Finding(
        code="NB206",
        severity="refusal",
        message=f"`{output}` does not come from a prediction: nothing that it is made of calls {' or '.join(PREDICT_METHODS[:3])}"
        + (f" of `{tags.estimator}`." if tags.estimator else "."),
        remedy=f"Let `{output}` be computed from `model.predict(…)`, or give another name to `output=`.",
        span=index.statement(statement).span,
    )


def _no_estimator(index: Index, tags: Tags) -> Finding:
    known = sorted({name for name in index.definers if index.definers[name]})
    wrong = tags.estimator and tags.estimator not in known
    return Finding(
        code="NB204",
        severity="refusal",
        message=f"`estimator={tags.estimator}` names a variable that no cell makes.{did_you_mean(tags.estimator or '', known)}"
        if wrong
        else f"{tags.model.title} is tagged as the model, but no estimator is fitted or used there.",
        remedy="Put the tag on the cell with `model.fit(X, y)` or `model.predict(X)`, with the estimator in a variable.",
        span=(tags.model.directive.span if tags.model.directive else cell_span(tags.model)),
    )


def _unnamed(index: Index, prediction: Prediction) -> Finding:
    return Finding(
        code="NB207",
        severity="refusal",
        message="The estimator is fitted and used in one statement, so there is no variable that holds it once it is fitted.",
        remedy="Write two statements: `model = ….fit(X, y)`, then `answer = model.predict(X_new)`.",
        span=expression_span(index, prediction.statement, prediction.call),
    )


def _one_of_many(index: Index, prediction: Prediction) -> Finding:
    return Finding(
        code="NB217",
        severity="refusal",
        message=f"`{prediction.estimator}` stands for one model after another here, so the answer is made by several.",
        remedy="Fit one estimator that holds them (`VotingClassifier`, `VotingRegressor`, a search) and let it predict.",
        span=expression_span(index, prediction.statement, prediction.call),
    )
