"""What the model tag means: the answer, the predictions that it is made of, and what training must leave for them."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from nb2svc.analysis import outline_refusals as say
from nb2svc.analysis.index import Index
from nb2svc.analysis.locals import keeps_rows, main_root
from nb2svc.analysis.outline_answer import Answer, answer_in_cell, output_statement
from nb2svc.analysis.outline_fits import Fit, find_fit, holders, last_fit_in, starts_after
from nb2svc.analysis.outline_functions import functions_by_hand, said_of
from nb2svc.analysis.outline_predictions import Prediction, is_measured, predictions_of
from nb2svc.analysis.outline_tags import Tags
from nb2svc.analysis.positions import node_span, within_cell
from nb2svc.analysis.slicing import backward
from nb2svc.ir.finding import Finding, refusals
from nb2svc.ir.outline import Feed, Fitted, ModelUse
from nb2svc.ir.span import Span


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fed:
    """A prediction on rows of the notebook, with the fit whose input a request gives it instead."""

    prediction: Prediction
    fit: Fit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelFound:
    """A model use with the expressions behind its spans.

    `based` are the predictions on rows that need them prepared as the notebook did for predicting: nothing shows what their
    estimator was fitted with. `served` are the statements that predict for the answer.
    """

    use: ModelUse
    fit: Fit
    fed: tuple[Fed, ...]
    based: tuple[Prediction, ...]
    served: frozenset[int]


def find_model(index: Index, tags: Tags) -> tuple[ModelFound | None, tuple[Finding, ...]]:
    """The estimator and the answer that the model cell means, or why there is none."""
    output = output_statement(index, tags)
    if tags.output and output is None:
        return None, (say.unknown_output(index, tags),)
    if tags.output and output is not None:
        return _from_output(index, tags, tags.output, output)
    answer = answer_in_cell(index, tags)
    if answer is None:
        return _from_fit(index, tags)
    return _with_prediction(index, tags, answer)


def _from_output(index: Index, tags: Tags, output: str, statement: int) -> tuple[ModelFound | None, tuple[Finding, ...]]:
    needed = backward(index.dataflow, [(statement, output)])
    found = [p for number in needed for p in predictions_of(index, number) if p.argument is not None]
    if tags.estimator:
        found = [p for p in found if tags.estimator in p.estimators]
    in_cell = [p for p in found if index.statement(p.statement).span.cell == tags.model.number]
    if not found:
        return None, (say.no_prediction(index, tags, output, statement),)
    chosen = max(in_cell or found, key=lambda p: p.place)
    return _with_prediction(index, tags, Answer(prediction=chosen, name=output, statement=statement))


def _with_prediction(index: Index, tags: Tags, answer: Answer) -> tuple[ModelFound | None, tuple[Finding, ...]]:
    needed = set(backward(index.dataflow, [(answer.statement, answer.name)]))
    possible = [p for number in sorted(needed) for p in predictions_of(index, number) if p.argument is not None]
    measured = {number for number in needed if _is_measured(index, number)}
    # A statement's predictions are found anew each time: from here on they are told apart by identity.
    chosen = next(
        (p for p in possible if p.call is answer.prediction.call and p.estimators == answer.prediction.estimators),
        answer.prediction,
    )
    served = _served(index, chosen, possible)
    for prediction in served:
        problem = _problem(index, prediction)
        if problem is not None:
            return None, (problem,)
    fits = {p: _fit_for(index, p) for p in served}
    fit = fits[chosen]
    if fit is None:
        return None, (say.no_estimator(index, tags),)
    shared = next((p for p in served if (own := fits[p]) is not None and p.data and own.statement == p.rows_at), None)
    if shared is not None and shared.rows_at != shared.statement:
        return None, (say.one_data_set(index, shared),)
    on_rows = [p for p in served if not _depends(index, p, served)]
    fed = _fed(index, [(p, found) for p in on_rows if (found := fits[p]) is not None])
    first = fed[0] if fed else None
    served_at = frozenset(p.statement for p in served)
    trained = measured | {f.statement for f in fits.values() if f is not None}
    trained |= {p.statement for p in possible if p.statement not in served_at}
    fitted = _fitted(index, served, needed=needed - measured, trained=trained)
    based = tuple(p for p in on_rows if all(p is not one.prediction for one in fed))
    at = first.prediction if first else (based[0] if based else chosen)
    told = first.fit if first else Fit(statement=fit.statement)
    use = ModelUse(
        estimator=chosen.estimators[-1],
        fitted=fitted,
        feeds=tuple(_feed(index, one) for one in fed),
        fit=told.statement,
        fit_input=expression_span(index, told.statement, told.input),
        fit_target=expression_span(index, told.statement, told.target),
        method=chosen.method,
        predict=at.rows_at,
        predict_call=expression_span(index, at.statement, at.call) if at.rows_at == at.statement else None,
        predict_input=expression_span(index, at.rows_at, at.argument),
        output=answer.name,
        output_statement=answer.statement,
    )
    return ModelFound(use=use, fit=told, fed=fed, based=based, served=served_at), ()


def _served(index: Index, chosen: Prediction, possible: Sequence[Prediction]) -> list[Prediction]:
    """The predictions that a request makes: the chosen one, those that it is made on, and those on the same rows.

    Others lead to the answer by what training learned from them: a threshold that was chosen on validation rows, the model of
    a loop that scored best.
    """
    served = [chosen]
    rows = _stacked(index, chosen, possible, served)
    for one in sorted(possible, key=lambda p: p.place):
        if one in served or one.bound is None or _fits_there(index, one):
            continue
        beside = one.statement == chosen.statement
        if beside or _row_sources(index, one) & rows or _depends(index, one, served):
            served.append(one)
    return sorted(served, key=lambda p: p.place)


def _stacked(index: Index, chosen: Prediction, possible: Sequence[Prediction], served: list[Prediction]) -> set[tuple[str, int]]:
    """The rows that everything is predicted on; predictions that make the chosen one's input are served, too.

    Not those that made the input of its fit as well: they belong to the features, which remember what they learned.
    """
    makes = index.closure(_argument_sources(index, chosen))
    fit = _fit_for(index, chosen)
    features: set[int] = set()
    if fit is not None and fit.input is not None:
        features = index.closure(_sources(index, fit.statement, fit.input))
    inside = {id(node) for node in ast.walk(chosen.argument)} if chosen.argument is not None else set()
    below = [p for p in possible if (p.statement in makes and p.statement not in features) or id(p.call) in inside]
    served += below
    based = [p for p in below if not _depends(index, p, below)] or [chosen]
    return {source for p in based for source in _row_sources(index, p)}


def _row_sources(index: Index, prediction: Prediction) -> set[tuple[str, int]]:
    """The variable whose rows are predicted on, by name and where it was made, and those that it has its rows from.

    `X_test_scaled = scaler.transform(X_test)` has the rows of `X_test`; a split or a selection has rows of its own.
    """
    found: set[tuple[str, int]] = set()
    todo: list[tuple[int, ast.AST | None]] = [(prediction.rows_at, prediction.argument)]
    while todo:
        number, expression = todo.pop()
        root = main_root(expression)
        fresh = {(edge.name, edge.source) for edge in index.into.get(number, ()) if edge.name == root} - found
        found |= fresh
        for _, source in fresh:
            parsed = index.parsed(source)
            node = parsed.node if parsed is not None else None
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and keeps_rows(node.value):
                todo.append((source, node.value))
    return found


def _sources(index: Index, number: int, expression: ast.expr | None) -> set[int]:
    names = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)} if expression else set()
    return {edge.source for edge in index.into.get(number, ()) if edge.name in names}


def _argument_sources(index: Index, prediction: Prediction) -> set[int]:
    return _sources(index, prediction.rows_at, prediction.argument)


def _depends(index: Index, prediction: Prediction, served: Sequence[Prediction]) -> bool:
    """Whether what is predicted on is made from other served predictions, before its statement or in it."""
    own = {p.statement for p in served if p.statement != prediction.statement}
    if prediction.argument is not None:
        inside = {id(node) for node in ast.walk(prediction.argument)}
        if any(id(p.call) in inside for p in served if p.statement == prediction.statement):
            return True
    return bool(own & index.closure(_argument_sources(index, prediction)))


def _fit_for(index: Index, prediction: Prediction) -> Fit | None:
    """The fit of what predicts; of several, the first that shows what it was fitted with."""
    found = [
        fit
        for name in prediction.estimators
        if (fit := find_fit(index, name, holders(index, name, prediction.statement))) is not None
    ]
    return next((fit for fit in found if fit.input is not None), found[0] if found else None)


def _problem(index: Index, prediction: Prediction) -> Finding | None:
    """Why a prediction can't be served: no variable holds what makes it."""
    held = bool(prediction.estimators) and not prediction.chained
    for name in prediction.estimators:
        held = held and bool(holders(index, name, prediction.statement)) and not _fits_itself(index, prediction, name)
    if held:
        return None
    looped = _is_block(index, prediction.statement) and not prediction.chained
    return say.forgotten(index, prediction) if looped else say.unnamed(index, prediction)


def _fits_there(index: Index, prediction: Prediction) -> bool:
    return any(_fits_itself(index, prediction, name) for name in prediction.estimators)


def _is_measured(index: Index, number: int) -> bool:
    parsed = index.parsed(number)
    return parsed is not None and index.statement(number).kind == "assign" and is_measured(parsed.node)


def _is_block(index: Index, number: int) -> bool:
    return index.statement(number).kind == "compound"


def _fits_itself(index: Index, prediction: Prediction, name: str) -> bool:
    found = find_fit(index, name, [prediction.statement])
    return found is not None and found.input is not None and found.statement == prediction.statement


def _fed(index: Index, pairs: Sequence[tuple[Prediction, Fit]]) -> tuple[Fed, ...]:
    """What is predicted on the same rows is fed the same: what the fit received whose input says it most simply."""
    best: dict[tuple[str, frozenset[tuple[str, int]]], Fit] = {}
    for prediction, fit in pairs:
        key = _rows_key(index, prediction)
        if (
            fit.input is not None
            and fit.inside == prediction.inside
            and (key not in best or _simplicity(fit.input) > _simplicity(best[key].input))
        ):
            best[key] = fit
    return tuple(
        Fed(prediction=prediction, fit=best[key]) for prediction, _ in pairs if (key := _rows_key(index, prediction)) in best
    )


def _rows_key(index: Index, prediction: Prediction) -> tuple[str, frozenset[tuple[str, int]]]:
    assert prediction.argument is not None
    names = {node.id for node in ast.walk(prediction.argument) if isinstance(node, ast.Name)}
    edges = index.into.get(prediction.rows_at, ())
    return ast.dump(prediction.argument), frozenset((edge.name, edge.source) for edge in edges if edge.name in names)


def _simplicity(node: ast.expr | None) -> int:
    return 0 if node is None else -sum(1 for _ in ast.walk(node))


def _fitted(index: Index, served: Sequence[Prediction], *, needed: set[int], trained: set[int]) -> tuple[Fitted, ...]:
    """Estimators of the served predictions, and what else the answer reads that only training can make."""
    found: dict[str, int] = {}
    for prediction in served:
        for name in prediction.estimators:
            found[name] = max(holders(index, name, prediction.statement)[0], found.get(name, -1))
    todo = sorted(index.forward({p.statement for p in served}, inside=needed))
    seen = set(todo)
    arguments = {p.statement: p for p in served}
    while todo:
        number = todo.pop()
        for edge in index.into.get(number, ()):
            if edge.source in seen or edge.name in found or not edge.name.isidentifier():
                continue
            if number in arguments and edge.name == main_root(arguments[number].argument):
                continue
            if index.statement(edge.source).kind in ("function", "class"):
                seen.add(edge.source)
                todo.append(edge.source)
            elif index.closure([edge.source]) & trained:
                found[edge.name] = edge.source
    return tuple(Fitted(name=name, statement=number) for name, number in sorted(found.items(), key=lambda item: item[1]))


def _feed(index: Index, fed: Fed) -> Feed:
    prediction, fit = fed.prediction, fed.fit
    given = expression_span(index, prediction.rows_at, prediction.argument)
    spare = [expression_span(index, prediction.rows_at, node) for node in prediction.data.spare] if prediction.data else []
    received = expression_span(index, fit.statement, fit.input)
    assert given is not None, "a served prediction has an argument"
    assert received is not None, "what feeds it has an input"
    return Feed(
        predict=prediction.rows_at,
        predict_input=given,
        fit=fit.statement,
        fit_input=received,
        spare=tuple(span for span in spare if span is not None),
    )


def _from_fit(index: Index, tags: Tags) -> tuple[ModelFound | None, tuple[Finding, ...]]:
    """A cell that only fits, or whose predictions are only shown or measured: the answer is the estimator's prediction."""
    numbers = index.cells.get(tags.model.number, [])
    predictions = [p for number in numbers for p in predictions_of(index, number)]
    if tags.estimator:
        predictions = [p for p in predictions if tags.estimator in p.estimators]
    by_hand = [each for each in functions_by_hand(index, tags.model.number) if tags.estimator in (None, each.estimator)]
    names = [name for p in predictions for name in p.estimators[-1:]] or ([tags.estimator] if tags.estimator else [])
    if not names:
        names = [each.estimator for each in by_hand]
    if not names:
        names = [name for number in numbers if (name := last_fit_in(index, number))]
    starts = starts_after(index, names[-1], numbers[-1]) if names and numbers else []
    fit = find_fit(index, names[-1], starts) if starts else None
    if fit is None or fit.input is None:
        return None, (say.no_estimator(index, tags),)
    if fit.asked:
        return None, (say.never_asked(index, names[-1], starts[0]),)
    if _is_block(index, fit.statement) and names[-1] in index.statement(fit.statement).defines:
        return None, (say.one_of_many(index, fit.statement, names[-1]),)
    use = ModelUse(
        estimator=names[-1],
        fitted=(Fitted(name=names[-1], statement=starts[0]),),
        feeds=(),
        fit=fit.statement,
        fit_input=expression_span(index, fit.statement, fit.input),
        fit_target=expression_span(index, fit.statement, fit.target),
        method=predictions[-1].method if predictions else by_hand[-1].method if by_hand else "predict",
        predict=None,
        predict_call=None,
        predict_input=None,
        output=None,
        output_statement=fit.statement,
    )
    said = tuple(said_of(index, each) for each in by_hand if each.estimator == names[-1])
    if refusals(said):
        return None, said
    return ModelFound(use=use, fit=fit, fed=(), based=(), served=frozenset()), said


def expression_span(index: Index, number: int, node: ast.expr | None) -> Span | None:
    """Where an expression of a statement stands in its cell."""
    parsed = index.parsed(number)
    if node is None or parsed is None:
        return None
    statement = index.statement(number)
    return within_cell(statement.span, node_span(parsed.lines, node, cell=statement.span.cell))
