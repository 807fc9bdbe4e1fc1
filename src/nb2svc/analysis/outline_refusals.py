"""Why a model cell can't be understood: one finding each."""

import ast

from nb2svc.analysis.index import Index, names_in, root_name
from nb2svc.analysis.knowledge import PREDICT_METHODS
from nb2svc.analysis.outline_fixes import data_set_of_its_own, fit_by_itself
from nb2svc.analysis.outline_predictions import Prediction
from nb2svc.analysis.outline_tags import Tags, cell_span, did_you_mean
from nb2svc.analysis.positions import node_span, within_cell
from nb2svc.ir.finding import Finding
from nb2svc.ir.span import Span


def unknown_output(index: Index, tags: Tags) -> Finding:
    """`output=` names nothing."""
    return Finding(
        code="NB205",
        severity="refusal",
        message=f"`output={tags.output}` names a variable that no cell makes."
        + did_you_mean(tags.output or "", list(index.definers)),
        remedy=f"Name the variable that holds the answer at the end of {tags.model.title}.",
        span=tags.span_of("output"),
        fixes=tags.renaming("output", list(index.definers)) or tags.leaving_out("output"),
    )


def no_prediction(index: Index, tags: Tags, output: str, statement: int) -> Finding:
    """`output=` names something that no prediction makes."""
    return Finding(
        code="NB206",
        severity="refusal",
        message=f"`{output}` does not come from a prediction: nothing that it is made of calls {' or '.join(PREDICT_METHODS[:3])}"
        + (f" of `{tags.estimator}`." if tags.estimator else "."),
        remedy=f"Let `{output}` be computed from `model.predict(…)`, or give another name to `output=`.",
        span=index.statement(statement).span,
        fixes=tags.leaving_out("output"),
    )


def no_estimator(index: Index, tags: Tags) -> Finding:
    """The cell fits and uses nothing."""
    known = sorted({name for name in index.definers if index.definers[name]})
    wrong = tags.estimator and tags.estimator not in known
    at_once = next((found for number in index.cells.get(tags.model.number, ()) if (found := _at_once(index, number))), None)
    if at_once is not None and not wrong:
        return at_once
    return Finding(
        code="NB204",
        severity="refusal",
        message=f"`estimator={tags.estimator}` names a variable that no cell makes.{did_you_mean(tags.estimator or '', known)}"
        if wrong
        else f"{tags.model.title} is tagged as the model, but no estimator is fitted or used there.",
        remedy="Put the tag on the cell with `model.fit(X, y)` or `model.predict(X)`, with the estimator in a variable.",
        span=(tags.model.directive.span if tags.model.directive else cell_span(tags.model)),
        fixes=(tags.renaming("estimator", known) or tags.leaving_out("estimator")) if wrong else (),
    )


def _at_once(index: Index, number: int) -> Finding | None:
    """`fit_predict` answers the rows that it fits, and says nothing of others."""
    for call in index.calls(number):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "fit_predict":
            name = call.func.value.id if isinstance(call.func.value, ast.Name) else "model"
            return Finding(
                code="NB204",
                severity="refusal",
                message=f"`{name}.fit_predict(…)` answers the very rows that it is fitted on; a request's rows are others.",
                remedy=f"Write two statements: `{name}.fit(X)`, then `answer = {name}.predict(X)`. What can't predict rows "
                "that it was not fitted on (DBSCAN, AgglomerativeClustering) can't be served: take KMeans, for example.",
                span=_span_of(index, number, call),
            )
    return None


def unnamed(index: Index, prediction: Prediction) -> Finding:
    """No variable holds the fitted estimator."""
    return Finding(
        code="NB207",
        severity="refusal",
        message="The estimator is fitted and used in one statement, so there is no variable that holds it once it is fitted.",
        remedy="Write two statements: `model = ….fit(X, y)`, then `answer = model.predict(X_new)`.",
        span=_call_span(index, prediction),
        fixes=fit_by_itself(index, prediction),
    )


def forgotten(index: Index, prediction: Prediction) -> Finding:
    """A loop fits one model after another, lets each predict, and keeps none."""
    return Finding(
        code="NB218",
        severity="refusal",
        message="The models of this loop are fitted, predict and are then forgotten: nothing holds them when a request comes.",
        remedy="Keep them in the loop (`models.append(model)`), and predict after it: "
        "`np.mean([m.predict(X_test) for m in models], axis=0)`.",
        span=_call_span(index, prediction),
    )


def one_of_many(index: Index, number: int, name: str) -> Finding:
    """A cell that tries several models and chooses none."""
    message = f"`{name}` stands for one model after another here, and no answer says which of them is meant."
    do = f"End the cell with the answer, `answer = {name}.predict(X_test)` of the one you chose"
    if _only_goes_over(index, number, name):
        message = "This loop fits one model after another, and no variable holds one of them."
        do = "Keep the models (`models.append(model)`), and end the cell with the answer of the one you chose"
    return Finding(
        code="NB217",
        severity="refusal",
        message=message,
        remedy=f"{do}, or of several: `(a.predict(X_test) + b.predict(X_test)) / 2`.",
        span=index.statement(number).span,
    )


def _only_goes_over(index: Index, number: int, name: str) -> bool:
    """Whether a name is what a loop goes over (`for train, test in …`), and nothing that it fits."""
    loops = (node for node in index.nodes(number) if isinstance(node, ast.For))
    fitted = {
        root_name(call.func) for call in index.calls(number) if isinstance(call.func, ast.Attribute) and call.func.attr == "fit"
    }
    return name not in fitted and any(name in names_in(loop.target) for loop in loops)


def _call_span(index: Index, prediction: Prediction) -> Span | None:
    return _span_of(index, prediction.statement, prediction.call)


def _span_of(index: Index, number: int, call: ast.Call) -> Span | None:
    parsed = index.parsed(number)
    if parsed is None:
        return None
    statement = index.statement(number)
    return within_cell(statement.span, node_span(parsed.lines, call, cell=statement.span.cell))


def one_data_set(index: Index, prediction: Prediction) -> Finding:
    """A booster predicts on what it was trained on."""
    return Finding(
        code="NB238",
        severity="refusal",
        message="The booster predicts on the very data set that it was trained on, labels included; a request has rows only.",
        remedy="Make a data set of its own for the rows to predict on: `xgb.DMatrix(X)`.",
        span=index.statement(prediction.statement).span,
        fixes=data_set_of_its_own(index, prediction),
    )


def never_asked(index: Index, estimator: str, statement: int) -> Finding:
    """A booster whose cell does not predict."""
    return Finding(
        code="NB238",
        severity="refusal",
        message=f"`{estimator}` answers data sets of its own library only, and no line shows how one is made for it.",
        remedy=f"Add the prediction to the cell: `answer = {estimator}.predict(xgb.DMatrix(X_test))`.",
        span=index.statement(statement).span,
    )
