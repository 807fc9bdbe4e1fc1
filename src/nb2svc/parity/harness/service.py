"""The generated project, called in this process; what its model receives is recorded, or replaced by given rows."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import logging
import sys
import warnings
from typing import Any, Callable, Dict, Iterator, List, Optional

from .boosters import remember_rows, rows_in, with_rows
from .compare import compare, length

METHODS = frozenset(
    ["predict", "predict_proba", "predict_log_proba", "decision_function", "score_samples", "transform", "kneighbors", "forecast"]
)


class Recorder:
    """What the model was called with. `substitute` makes the input that the model gets from the one it was given.

    Of several models the first one's input is the one that the proof knows; others that are given the same get the same instead.
    """

    def __init__(self) -> None:
        self.calls: List[Any] = []
        self.substitute: Optional[Callable[[Any], Any]] = None
        self.first: Any = None

    def receive(self, value: Any) -> Any:
        """Note an input; what the model is to be given instead."""
        rows = rows_in(value)
        if not self.calls:
            self.first = rows
        if self.substitute is not None and (rows is self.first or _alike(rows, self.first)):
            rows = self.substitute(rows)
            value = with_rows(value, rows)
        self.calls.append(rows.copy() if hasattr(rows, "copy") else rows)
        return value


class Watched:
    """Stands for the served estimator: every attribute is the estimator's, the inputs of its predictions are recorded."""

    def __init__(self, model: Any, recorder: Recorder) -> None:
        object.__setattr__(self, "_watched_model", model)
        object.__setattr__(self, "_watched_recorder", recorder)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # so that `isinstance(model, Pipeline)` in the author's lines still holds
        return type(object.__getattribute__(self, "_watched_model"))

    def __getattr__(self, name: str) -> Any:
        found = getattr(object.__getattribute__(self, "_watched_model"), name)
        recorder = object.__getattribute__(self, "_watched_recorder")
        if name not in METHODS or not callable(found):
            return Watched(found, recorder) if hasattr(found, "predict") and not isinstance(found, type) else found

        def call(value: Any, *args: Any, **options: Any) -> Any:
            return found(recorder.receive(value), *args, **options)

        return call

    def __call__(self, value: Any, *args: Any, **options: Any) -> Any:
        """A model that is called itself."""
        recorder = object.__getattribute__(self, "_watched_recorder")
        return object.__getattribute__(self, "_watched_model")(recorder.receive(value), *args, **options)


def _alike(value: Any, other: Any) -> bool:
    """Whether two inputs are the same rows and columns, to the last bit."""
    if type(value) is not type(other) or length(value) != length(other):
        return False
    found = compare(other, value, range(length(value)), rtol=0.0)
    return not found.rows and not found.cells


def watched(value: Any, recorder: Recorder) -> Any:
    """A stand-in for an estimator; for a list or dictionary of them, one of stand-ins; anything else as it is."""
    if type(value) in (list, tuple):
        return type(value)(watched(each, recorder) for each in value)
    if isinstance(value, dict):
        return type(value)((name, watched(each, recorder)) for name, each in value.items())
    return Watched(value, recorder) if any(hasattr(value, name) for name in METHODS) or callable(value) else value


class Replay:
    """One call of the service: the model's input, the answer (its last result), and what it raised."""

    def __init__(self, inputs: Any, answers: Any, error: str = "") -> None:
        self.inputs = inputs
        self.answers = answers
        self.error = error


class Service:
    """The project's own predictor and `model.answer`.

    Raises on making: whatever importing the project or loading its artifacts raises.
    """

    def __init__(self, package: str, *, fallback: Dict[str, Any]) -> None:
        loader = importlib.import_module(package + "._nb2svc.predictor")
        self.recorder = Recorder()
        self.predictor = loader.load_predictor(package)
        self.model = self.predictor.model
        object.__setattr__(self.predictor, "model", watched(self.model, self.recorder))
        self.given = loader.artifacts.given(self.predictor.model)
        self.function = self.predictor.function
        remember_rows()
        self.parameters = list(inspect.signature(self.function).parameters)
        self.frozen = {**fallback, **dict(self.predictor.lookups or {})}

    def answer(self, tables: Dict[str, Any], *, substitute: Optional[Callable[[Any], Any]] = None) -> Replay:
        """Call `model.answer` with raw tables; lookup tables are the project's own."""

        def call() -> Any:
            value = self.function(*self.arguments(tables))
            return value[-1] if isinstance(value, tuple) else value

        return self._record(call, substitute)

    def arguments(self, tables: Dict[str, Any]) -> List[Any]:
        """The tables in the function's order, then what training left, and the state."""
        names = self.parameters[: -len(self.given) - 1]
        named = [tables[name] if name in tables and name not in self.frozen else self.frozen[name] for name in names]
        return [*named, *self.given, self.predictor.state]

    def predict(self, rows: List[Dict[str, Any]], *, substitute: Optional[Callable[[Any], Any]] = None) -> Replay:
        """Call the predictor with rows of JSON; the answers are its wire results."""
        return self._record(lambda: self.predictor.predict(rows), substitute)

    def _record(self, call: Callable[[], Any], substitute: Optional[Callable[[Any], Any]]) -> Replay:
        self.recorder.calls, self.recorder.substitute = [], substitute
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                answers = call()
        except Exception as error:  # the author's code may raise anything; the proof reports it
            return Replay(None, None, type(error).__name__ + ": " + str(error)[:400])
        finally:
            self.recorder.substitute = None
        calls = self.recorder.calls
        return Replay(calls[0] if calls else None, answers)


def forget(package: str) -> None:
    """Drop the project's modules, so that another tree of the same package can be imported in this process."""
    for name in [name for name in sys.modules if name == package or name.startswith(package + ".")]:
        del sys.modules[name]
    importlib.invalidate_caches()


@contextlib.contextmanager
def importable(project: str, package: str) -> Iterator[None]:
    """A tree's package can be imported, from there and from nowhere else; what its code prints or logs is swallowed."""
    sys.dont_write_bytecode = True
    forget(package)
    sys.path.insert(0, project)
    log = logging.getLogger("nb2svc")  # the service's own, which tells of each row that it can't compute
    before, log.disabled = log.disabled, True
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        log.disabled = before
        sys.path.remove(project)


def rows_of(replay: Replay) -> int:
    """How many rows the model was given; -1 where it was given none."""
    return length(replay.inputs) if replay.inputs is not None else -1
