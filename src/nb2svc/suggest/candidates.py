"""The models that a notebook fits, each with what its author does with it: predict, measure, save, submit."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from nb2svc.analysis.index import Index, names_in, root_name
from nb2svc.analysis.knowledge import DATASET_PREFIXES, FITTED_METHODS, PREDICT_METHODS, STORED_OBJECTS
from nb2svc.analysis.locals import called, main_root
from nb2svc.analysis.outline_fits import Fit, find_fit, holders, last_fit_in
from nb2svc.analysis.outline_predictions import Prediction, is_metric, predictions_of

_SAVES = frozenset({"dump", "dumps", "save_model", "log_model", "save", "to_pickle"})
_WRITES = frozenset({"to_csv", "to_excel", "to_parquet", "to_json", "to_feather", "savetxt"})
_SEARCHES = ("GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV", "BayesSearchCV")
_FITS = frozenset({"fit", "partial_fit"})
_MEASURES = frozenset({"score", "predict", "predict_proba"})
_SELECTING = frozenset({"get_support", "support_", "ranking_", "transform", "fit_transform"})


@dataclass(slots=True, kw_only=True, eq=False)
class Candidate:
    """A fitted model: `at` is the statement after which `estimator` holds it, `fit` what it was fitted with.

    `predictions` are of rows of data. The others are statements: those that predict rows that were typed by hand, that measure it
    (with the measure's name), save it, and write one of its predictions to a file.
    """

    estimator: str
    at: int
    fit: Fit
    predictions: list[Prediction] = field(default_factory=list)
    by_hand: list[int] = field(default_factory=list)
    measured: dict[int, str] = field(default_factory=dict)
    saved: list[int] = field(default_factory=list)
    submitted: list[tuple[Prediction, int]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    looped: bool = False
    searched: bool = False


def find_candidates(index: Index) -> tuple[Candidate, ...]:
    """Every model that is fitted with a target, or predicts; in the order in which they are ready."""
    gathered = _Gathered(index)
    for statement in index.dataflow.statements:
        if statement.kind not in ("import", "function", "class"):
            gathered.look_at(statement.number)
    found = [one for one in gathered.found.values() if one.predictions or one.by_hand or _may_answer(index, one)]
    for one in found:
        _follow(index, one)
    return tuple(sorted(found, key=lambda one: one.at))


def held_out(index: Index, one: Candidate, prediction: Prediction) -> bool:
    """Whether a model predicts other rows than it was fitted with, as far as names tell."""
    fitted, asked = main_root(one.fit.input), main_root(prediction.argument)
    if fitted != asked:
        return True
    return _makers(index, one.fit.statement, fitted) != _makers(index, prediction.rows_at, asked)


class _Gathered:
    def __init__(self, index: Index) -> None:
        self.index = index
        self.found: dict[tuple[int, str], Candidate] = {}

    def look_at(self, number: int) -> None:
        """Note what a statement does with a model."""
        calls = self.index.calls(number)
        self._fits(number, calls)
        for prediction in predictions_of(self.index, number):
            self._predicts(number, prediction)
        for call in calls:
            name = called(call)
            if name == "score" and isinstance(call.func, ast.Attribute):
                self._note(number, root_name(call.func.value), "score")
            elif name in _SAVES:
                self._saves(number, call)
            elif isinstance(call.func, ast.Name) and self._function_calls(call.func.id, _MEASURES):
                for given in (*call.args, *(keyword.value for keyword in call.keywords)):
                    self._note(number, given.id if isinstance(given, ast.Name) else None, call.func.id)

    def _fits(self, number: int, calls: list[ast.Call]) -> None:
        supervised = any(
            called(call) in _FITS and (len(call.args) > 1 or any(one.arg == "y" for one in call.keywords)) for call in calls
        )
        name = last_fit_in(self.index, number)
        if name is None or not (supervised or not any(called(call) in _FITS for call in calls)):
            return
        fit = find_fit(self.index, name, [number])
        if fit is not None and fit.input is not None:
            self._candidate(name, number, fit)
        elif supervised and self.index.statement(number).kind == "compound":
            self._candidate(name, number, Fit(statement=number))

    def _predicts(self, number: int, prediction: Prediction) -> None:
        for name in reversed(prediction.estimators):
            found = self._of(name, number, loaded=True)
            if found is None:
                continue
            if prediction.argument is None or _is_typed(self.index, prediction.rows_at, prediction.argument):
                found.by_hand.append(number)
            else:
                found.predictions.append(prediction)
            return

    def _saves(self, number: int, call: ast.Call) -> None:
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        names = [name for one in given[:2] for name in sorted(names_in(one))]
        if isinstance(call.func, ast.Attribute) and called(call) == "save_model":
            names.append(root_name(call.func.value) or "")
        for name in names:
            found = self._of(name, number) if name not in self.index.imports else None
            if found is not None and number not in found.saved:
                found.saved.append(number)

    def _note(self, number: int, name: str | None, what: str) -> None:
        found = self._of(name, number) if name and name not in self.index.imports else None
        if found is not None:
            found.measured.setdefault(number, what)

    def _of(self, name: str, reader: int, *, loaded: bool = False) -> Candidate | None:
        """The model that a name holds where a statement reads it; of what was loaded only where it is `loaded` to predict."""
        made = holders(self.index, name, reader)
        if not made:
            return None
        fit = find_fit(self.index, name, made) or Fit(statement=made[0])
        shown = fit.input is not None or self._is_trained(fit.statement)
        shown = shown or (loaded and is_stored_object(self.index, fit.statement))
        if not shown or fit.statement == reader:
            return None
        by_call = any(called(call) in _FITS for call in self.index.calls(fit.statement))
        return self._candidate(name, fit.statement if by_call else made[0], fit)

    def _candidate(self, name: str, at: int, fit: Fit) -> Candidate:
        key = (at, "" if any(called(call) == "fit" for call in self.index.calls(at)) else name)
        found = self.found.get(key)
        if found is None:
            found = self.found[key] = Candidate(estimator=name, at=at, fit=fit)
            found.looped = any(isinstance(node, ast.For | ast.While) for node in self.index.nodes(at))
        found.names.add(name)
        return found

    def _is_trained(self, number: int) -> bool:
        """Whether a function of the notebook fits what the statement makes: `dv, model = train(rows, y)`."""
        calls = (call for call in self.index.calls(number) if isinstance(call.func, ast.Name))
        return any(self._function_calls(call.func.id, _FITS) for call in calls if isinstance(call.func, ast.Name))

    def _function_calls(self, name: str, what: frozenset[str]) -> bool:
        """Whether `name` is a function of the notebook that calls one of these methods, or a metric where that is meant."""
        makers = [one for one in self.index.definers.get(name, ()) if self.index.statement(one).kind == "function"]
        parsed = self.index.parsed(makers[-1]) if makers else None
        calls = [called(node) for node in ast.walk(parsed.node) if isinstance(node, ast.Call)] if parsed else []
        return any(one in what or (what is _MEASURES and is_metric(one)) for one in calls)


def _follow(index: Index, one: Candidate) -> None:
    """Note what becomes of a model's predictions: measured, or written to a file."""
    everything = range(len(index.dataflow.statements))
    for prediction in one.predictions:
        inside = {id(node) for node in ast.walk(prediction.call)}
        for call in index.calls(prediction.statement):
            if is_metric(called(call)) and any(id(node) in inside for node in ast.walk(call)):
                one.measured.setdefault(prediction.statement, called(call))
        if prediction.bound is None:
            continue
        for edge in index.out_of.get(prediction.statement, ()):
            if edge.name == prediction.bound and (what := measure_of(index, edge.target, {prediction.bound})):
                one.measured.setdefault(edge.target, what)
        for number in sorted(index.forward([prediction.statement], inside=everything)):
            if any(called(call) in _WRITES for call in index.calls(number)):
                one.submitted.append((prediction, number))
    one.searched = any(
        called(node).endswith(_SEARCHES) for number in index.closure([one.at]) for node in _own_calls(index, number, one.names)
    )


def _own_calls(index: Index, number: int, names: set[str]) -> Iterator[ast.Call]:
    if names & set(index.statement(number).defines):
        yield from index.calls(number)


def measure_of(index: Index, number: int, names: set[str]) -> str:
    """The metric that a statement takes of one of these values, or "": `roc_auc_score(y, risk)`, `(risk == y).mean()`."""
    for call in index.calls(number):
        name = called(call)
        if is_metric(name) and name != "score" and names & {one for given in call.args for one in names_in(given)}:
            return name
        if is_metric(name) and names & {one for given in call.keywords for one in names_in(given.value)}:
            return name
        if name in ("mean", "sum", "all") and any(_compares_with_truth(node, names) for node in ast.walk(call)):
            return "accuracy"
    return ""


def _compares_with_truth(node: ast.AST, names: set[str]) -> bool:
    """`risk == y`, as against `risk > 0` or `risk == 1`, which say what answers look like and not whether they are right."""
    if not isinstance(node, ast.Compare) or not names & names_in(node):
        return False
    equal = all(isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops)
    return equal and all(names_in(side) for side in (node.left, *node.comparators))


def _may_answer(index: Index, one: Candidate) -> bool:
    """Whether what was fitted and asked nothing could answer; not a scaler, `SelectFromModel`, a target encoder."""
    if one.fit.input is not None and one.fit.target is None:
        return False
    asked = {
        node.attr
        for edge in index.out_of.get(one.at, ())
        if edge.name in one.names
        for node in index.nodes(edge.target)
        if isinstance(node, ast.Attribute) and root_name(node.value) == edge.name
    }
    return not asked & _SELECTING or bool(asked & {"score", *PREDICT_METHODS})


def _makers(index: Index, reader: int, name: str | None) -> frozenset[int]:
    return frozenset(edge.source for edge in index.into.get(reader, ()) if edge.name == name)


def _is_typed(index: Index, number: int, expression: ast.expr) -> bool:
    """Whether the rows that are predicted on were typed by hand: `[[2, 1, 0]]`, `dv.transform([customer])`."""
    typed = False
    seen: set[int] = set()
    todo: list[tuple[int, ast.AST]] = [(number, expression)]
    while todo:
        reader, node = todo.pop()
        names = _rows_named(node) - set(index.imports)
        typed = typed or (not names and _is_literal(node))
        for maker in {edge.source for edge in index.into.get(reader, ()) if edge.name in names} - seen:
            if reads_data(index, maker):
                return False
            seen.add(maker)
            todo += [(maker, value) for value in _values(index, maker)]
    return typed


def _rows_named(node: ast.AST) -> set[str]:
    """The names whose rows an expression may have; not what transforms them: `customer` of `dv.transform([customer])`."""
    aside = {
        id(root)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in FITTED_METHODS
        for root in ast.walk(call.func)
    }
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and id(one) not in aside}


def _is_literal(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return any(_is_literal(given) for given in (*node.args, *(keyword.value for keyword in node.keywords)))
    return isinstance(node, ast.List | ast.Tuple | ast.Dict)


def _values(index: Index, number: int) -> list[ast.AST]:
    """What a statement makes its value from; all that it reads where it is more than an assignment."""
    parsed = index.parsed(number)
    node = parsed.node if parsed else None
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        return [node.value]
    return [ast.Name(name, ast.Load()) for name in index.statement(number).reads]


def reads_data(index: Index, number: int) -> bool:
    """Whether a statement takes data in: from a file, the network or a library's data set."""
    if any(effect.kind in ("file_read", "network") for effect in index.statement(number).effects):
        return True
    return any(index.path(call.func).startswith(DATASET_PREFIXES) for call in index.calls(number))


def is_stored_object(index: Index, number: int) -> bool:
    """Whether a statement loads what was saved as an object, not as a table."""
    return any(index.path(call.func) in STORED_OBJECTS for call in index.calls(number))
