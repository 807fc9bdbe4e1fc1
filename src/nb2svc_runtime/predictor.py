"""Rows in, results out: the check, the notebook's own functions, and the answer of each row. No HTTP here."""

import contextlib
import importlib
import inspect
import io
import logging
import sys
import threading
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from . import answers, artifacts, joins, scalars
from .constants import set_constants
from .frames import build_tables
from .origins import ORIGINS, Faults
from .request_checks import RequestChecks, Unheld, load_checks
from .schema import Schema
from .selecting import Outside
from .state import State, unseen
from .validate import Checked, check_rows
from .version import content_version


def load_predictor(package: str) -> "Predictor":
    """The predictor of an importable project.

    Raises:
        ArtifactError: an artifact is missing or was changed after the build.
    """
    joins.install()
    home = Path(str(importlib.import_module(package).__file__)).resolve().parent
    loaded = artifacts.load(home / "artifacts")
    set_constants(package, loaded.parameters)
    schema = importlib.import_module(package + ".schema").SCHEMA
    return Predictor(
        package=package,
        schema=schema,
        function=getattr(importlib.import_module(package + ".model"), schema.function),
        model=loaded.model,
        state=loaded.state,
        lookups=loaded.lookups,
        version=content_version(home),
        checks=load_checks(package),
    )


class Predictor:
    """The notebook's model as a function of request rows.

    `model` (or `Models`), `state`, `lookups` and `schema` are what the project was built with; `version` is the content's
    digest; `checks` are what the author asserts of every request.
    """

    def __init__(
        self,
        *,
        package: str,
        schema: Schema,
        function: Any,
        model: Any,
        state: State,
        lookups: Dict[str, Any],
        version: str = "",
        checks: Optional[RequestChecks] = None,
    ) -> None:
        self.package = package
        self.schema = schema
        self.function = function
        self.model = model
        self.state = state
        self.lookups = lookups
        self.version = version
        self.checks = checks or RequestChecks()
        self._watch = _Watch()
        # The author's functions may print or log what they work on; a caller's values must not reach a log.
        logging.getLogger(package).setLevel(logging.CRITICAL + 1)

    def frames(self, rows: Sequence[Any]) -> Dict[str, Any]:
        """Request rows as the notebook's raw tables, before `model.answer`; rows that can't be computed are left out."""
        return build_tables(
            self.schema, [row for row in check_rows(self.schema, rows) if row.status != "invalid" and row.representable]
        )

    def predict(self, rows: Sequence[Any], *, request_id: str = "") -> List[Dict[str, Any]]:
        """One result a row, in order: `{"id", "status", "prediction", "probability"?, "issues"}`.

        A row that can't be computed or answered never changes another row's result. What the author's code raised is logged
        under the `request_id`.
        """
        checked = check_rows(self.schema, rows)
        answered = [self._is_answered(row) for row in checked]
        faults = Faults(ORIGINS)
        outcomes = iter(self._compute([row for row, computable in zip(checked, answered) if computable], faults))
        faults.tell(request_id, len(checked))
        results = []
        for place, (row, computable) in enumerate(zip(checked, answered)):
            computed = next(outcomes) if computable else _Computed(answers.NOTHING)
            results.append(self._result(row, place, computed))
        return results

    def _is_answered(self, row: Checked) -> bool:
        computable = row.status == "ok" or (row.status == "refer" and self.schema.answer_outside_domain)
        return computable and row.representable

    def _result(self, row: Checked, place: int, computed: "_Computed") -> Dict[str, Any]:
        prediction, probability = computed.prediction, computed.probability
        for text in computed.outside:
            row.add("", "outside_domain", "outside what training saw: {}".format(text))
        if isinstance(prediction, Unheld):
            row.add("", "check_failed", str(prediction))
            prediction = answers.NOTHING
        elif prediction is _NO_MATCH:
            row.add("", "no_match", "the notebook drops the row: what it joins the row with or keeps has none like it")
        elif isinstance(prediction, _Failure):
            row.add("", "not_computable", prediction.message)
        elif prediction is answers.NOTHING and self._is_answered(row):
            row.add("", "no_answer", "the model gave no value for the row")
        said = row.status == "ok" or (row.status == "refer" and self.schema.answer_outside_domain)
        given = said and prediction is not answers.NOTHING and prediction is not _NO_MATCH
        result: Dict[str, Any] = {"id": str(place) if row.id is None else row.id, "status": row.status}
        result["prediction"] = prediction if given else None
        if given and probability is not None:
            result["probability"] = probability
        result["issues"] = row.issues
        return result

    def _compute(self, rows: List[Checked], faults: Faults) -> "List[_Computed]":
        """What became of each row: all at once, or in parts where that fails, loses rows or may have moved them."""
        if not rows:
            return []
        together = self._attempt(rows, faults)
        if isinstance(together, list) and len(together) == len(rows):
            return together
        if isinstance(together, (_Unseen, _Moved)) and len(rows) > 1:
            half = len(rows) // 2  # to find the row that it was
            return [*self._compute(rows[:half], faults), *self._compute(rows[half:], faults)]
        return [self._alone(row, faults) for row in rows]

    def _alone(self, row: Checked, faults: Faults) -> "_Computed":
        outcome = self._attempt([row], faults)
        if isinstance(outcome, _Unseen):
            for column in outcome.columns:
                row.add(column, "unseen_category", "what the notebook makes of the row for {} was not in training".format(column))
            outcome = outcome.computed
        if isinstance(outcome, _Failure):
            return _Computed(outcome)
        if len(outcome) == 1:
            computed: _Computed = outcome[0]
            return computed
        return _Computed(_Failure(_SEVERAL) if outcome else _NO_MATCH)

    def _attempt(self, rows: List[Checked], faults: Faults) -> Any:
        """What became of some rows together, in `_Unseen` where one is new to training; or the failure."""
        state = self.state.remember()
        joined = joins.Joins(len(rows))
        try:
            with _quiet(), self._watch.watching(self.model) as (model, calls), joins.watching(joined):
                output = self._answer(build_tables(self.schema, rows), model, state)
                found = answers.per_row(output, self.schema.answer)
                if found is None:
                    if len(rows) > 1:
                        return _Failure("the answer is no list of rows")
                    computed = [_Computed(answers.scalar(output))]
                else:
                    chances = self._probabilities(output, calls, len(found))
                    computed = [_Computed(one, chance) for one, chance in zip(found, chances)]
        except Unheld as unheld:  # of several rows each is then asked alone
            return [_Computed(unheld)] if len(rows) == 1 else _Failure(str(unheld))
        except Exception as error:  # noqa: BLE001 - the author's code can raise anything, and a bad row must not stop its batch
            if joined.lost and len(rows) == 1:  # few models predict a table without rows
                return []
            if len(rows) == 1:  # several are asked one by one: then it is known how many it was
                faults.add(error)
            place = ORIGINS.place(error)
            where = " (cell {}, line {})".format(place.cell, place.line) if place else ""
            return _Failure("the row could not be computed{}".format(where))
        if joined.unsure:
            return _Moved()
        if not _mark(computed, state.outside):
            return _Failure("the notebook's selections can't tell the rows apart")
        columns = unseen(state)
        return _Unseen(columns, computed) if columns else computed

    def _answer(self, tables: Dict[str, Any], model: Any, state: State) -> Any:
        fitted = artifacts.given(model)
        signature = inspect.signature(self.function).parameters
        names = list(signature)[: -len(fitted) - 1]
        arguments = [tables[name] if name in tables else self.lookups[name] for name in names]
        value = self.function(*arguments, *fitted, state)
        self.checks.hold({**tables, **dict(zip(list(signature)[len(names) :], fitted))}, value)
        return value[-1] if isinstance(value, tuple) else value

    def _probabilities(self, output: Any, calls: List[Tuple[Any, Any]], count: int) -> List[Any]:
        """Each row's class probabilities, where the answer is the label that the estimator itself predicted."""
        if self.schema.answer.kind != "label" or len(calls) != 1 or not hasattr(self.model, "predict_proba"):
            return [None] * count
        given, predicted = calls[0]
        if not answers.same(output, predicted):
            return [None] * count
        rows = self.model.predict_proba(given)
        classes = [str(answers.scalar(label)) for label in getattr(self.model, "classes_", ())]
        if getattr(rows, "shape", None) != (count, len(classes)):
            return [None] * count
        return [dict(zip(classes, map(float, row))) for row in rows]


class _Computed:
    """What became of a row: its prediction (or why there is none), class probabilities, and the selections it is outside of."""

    def __init__(self, prediction: Any, probability: Any = None) -> None:
        self.prediction = prediction
        self.probability = probability
        self.outside: List[str] = []


def _mark(computed: List[_Computed], outside: Sequence[Outside]) -> bool:
    """Give each row the selections that would have dropped it; False where these do not speak of the same rows one by one."""
    for said in outside if computed else ():
        if said.places is None or said.count != len(computed):
            return False
        for place in said.places:
            computed[place].outside.append(said.text)
    return True


class _Failure:
    def __init__(self, message: str) -> None:
        self.message = scalars.short(message, 200)


class _Unseen:
    """Answers of rows of which one has, in these columns, a category that training never saw."""

    def __init__(self, columns: Sequence[str], computed: List[_Computed]) -> None:
        self.columns = columns
        self.computed = computed


class _Moved:
    """Rows of which one may have taken another one's place in a join."""


_NO_MATCH = object()
_SEVERAL = "the row gave several answers: what the notebook joins it with has it several times"


class _Watch:
    """Gives the author's code the estimator with its `predict` noted: (input, result) of each call."""

    def __init__(self) -> None:
        self._kinds: Dict[type, Optional[type]] = {}
        self._noted = threading.local()

    @contextlib.contextmanager
    def watching(self, model: Any) -> Iterator[Tuple[Any, List[Tuple[Any, Any]]]]:
        """A stand-in that shares the estimator's attributes; the estimator itself where there can be none."""
        calls: List[Tuple[Any, Any]] = []
        self._noted.calls, self._noted.model = calls, model
        yield self._stand_in(model), calls

    def _stand_in(self, model: Any) -> Any:
        kind = type(model)
        if not hasattr(model, "predict") or not hasattr(model, "__dict__"):
            return model
        if kind not in self._kinds:
            self._kinds[kind] = self._watched(kind)
        watched = self._kinds[kind]
        if watched is None:
            return model
        stand_in: Any = object.__new__(watched)
        object.__setattr__(stand_in, "__dict__", object.__getattribute__(model, "__dict__"))
        return stand_in

    def _watched(self, kind: type) -> Optional[type]:
        noted = self._noted

        def predict(_self: Any, given: Any, *others: Any, **named: Any) -> Any:
            result = noted.model.predict(given, *others, **named)
            noted.calls.append((given, result))
            return result

        def end(_self: Any) -> None:
            """What the estimator holds outside Python's memory (a booster) is the estimator's to free."""

        try:
            return type(kind.__name__, (kind,), {"predict": predict, "__del__": end, "__module__": kind.__module__})
        except TypeError:
            return None


_printing = threading.Lock()
_silenced: List[Any] = []


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Nothing that the author's code prints or warns of is shown; several threads may be inside."""
    with _printing:
        if not _silenced:
            _silenced.extend([sys.stdout, sys.stderr])
            sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
        _silenced.append(None)
    try:
        yield
    finally:
        with _printing:
            _silenced.pop()
            if len(_silenced) == 2:
                sys.stdout, sys.stderr = _silenced
                _silenced.clear()
