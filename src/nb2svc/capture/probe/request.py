"""The request: which statements, which captured values; and the `__main__` that pickles were written in."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib
import importlib.util
import io
import json
import os
import pickle
import random
import sys
import types
import warnings
from typing import Any, Dict, Iterator, List, Optional

import numpy as np


class ProbeError(Exception):
    """The request or the capture is not as it must be; the message says what and where."""


class Spot:
    """A span of the notebook: cell and lines from 1, columns from 0 in characters, end exclusive."""

    __slots__ = ("cell", "line", "column", "end_line", "end_column")

    def __init__(self, cell: int, line: int, column: int, end_line: int, end_column: int) -> None:
        self.cell, self.line, self.column, self.end_line, self.end_column = cell, line, column, end_line, end_column

    @classmethod
    def read(cls, document: Optional[Dict[str, int]]) -> Optional["Spot"]:
        """From its JSON, or None for null."""
        return None if document is None else cls(**{name: document[name] for name in cls.__slots__})

    def json(self) -> Dict[str, int]:
        """As the wire form has it."""
        return {name: getattr(self, name) for name in self.__slots__}

    def same(self, other: "Spot") -> bool:
        """Whether both are the same piece of the notebook."""
        return self.json() == other.json()


class Statement:
    """A statement of the notebook with its part in the slices and its parsed tree."""

    __slots__ = ("number", "spot", "source", "part", "feature", "tree")

    def __init__(self, document: Dict[str, Any]) -> None:
        spot = Spot.read(document["span"])
        assert spot is not None
        self.number: int = document["number"]
        self.spot = spot
        self.source: str = document["source"]
        self.part: str = document["part"]
        self.feature: bool = bool(document.get("feature"))
        self.tree = ast.parse(self.source)


class Kept:
    """A captured value: set under `name` once `statement` has its turn."""

    __slots__ = ("name", "statement", "value")

    def __init__(self, name: str, statement: int, value: Any) -> None:
        self.name, self.statement, self.value = name, statement, value


class Feed:
    """A prediction on rows: `predict_input` of statement `predict` is fed what `fit_input` of statement `fit` is."""

    __slots__ = ("predict", "predict_input", "fit", "fit_input", "spare")

    def __init__(self, document: Dict[str, Any]) -> None:
        self.predict: int = document["predict"]
        self.predict_input = Spot.read(document["predict_input"])
        self.spare = [Spot.read(item) for item in document.get("spare") or []]
        self.fit: int = document["fit"]
        self.fit_input = Spot.read(document["fit_input"])


class Request:
    """The request as read, with the captured values loaded."""

    def __init__(self, document: Dict[str, Any]) -> None:
        self.folder: str = document["folder"]
        self.notebook: str = document.get("notebook", "notebook")
        self.cwd: str = document.get("cwd") or ""
        self.beside: List[str] = list(document.get("beside") or [])
        self.statements = [Statement(item) for item in document["statements"]]
        self.document = document
        options = document.get("options") or {}
        self.sample = int(options.get("sample", 2000))
        self.single_rows = int(options.get("single_rows", 20))
        self.knowledge = bool(options.get("knowledge", True))
        self.seed = int(options.get("seed", 0))
        self.checkpoint_rows = int(options.get("checkpoint_rows", 20000))
        self.method: str = document.get("method") or "predict"
        self.target_names: List[str] = list(document.get("target_names") or [])
        self.raw_hint: Optional[str] = document.get("raw_hint")
        self.request_hint: List[str] = list(document.get("request_hint") or [])
        self.lookup_hint: List[str] = list(document.get("lookup_hint") or [])
        self.target_hint: Optional[str] = document.get("target_hint")
        self.optional_hint: List[str] = list(document.get("optional_hint") or [])
        self.dropped: List[str] = list(document.get("dropped") or [])
        fit = document.get("fit") or {}
        self.fit_statement: Optional[int] = fit.get("statement")
        self.fit_input = Spot.read(fit.get("input"))
        self.fit_target = Spot.read(fit.get("target"))
        predict = document.get("predict") or {}
        self.predict_statement: Optional[int] = predict.get("statement")
        self.predict_call = Spot.read(predict.get("call"))
        self.predict_input = Spot.read(predict.get("input"))
        output = document.get("output") or {}
        self.output_name: Optional[str] = output.get("name")
        self.output_statement: Optional[int] = output.get("statement")
        self.raws: List[Kept] = []
        self.givens: List[Kept] = []
        self.random: Dict[int, Any] = {}
        self.feeds = [Feed(item) for item in document.get("feeds") or []]
        self.fitted: List[Kept] = []
        self.estimator = Kept("", -1, None)
        self.captured: Dict[str, Any] = {}

    def load(self) -> None:
        """Unpickle what the run kept. Call it inside `notebook_main`, once the prelude has run there."""
        document = self.document
        self.raws = [Kept(item["name"], item["statement"], self._pickle(item["file"])) for item in document["raws"]]
        self.givens = [Kept(item["name"], item["statement"], self._pickle(item["file"])) for item in document.get("givens") or []]
        self.random = {item["statement"]: self._pickle(item["file"]) for item in document.get("random") or []}
        self.fitted = [Kept(item["name"], item["statement"], self._pickle(item["file"])) for item in document["fitted"]]
        self.estimator = next(kept for kept in self.fitted if kept.name == document["estimator"])
        for part, names in (("fit", ("input_file", "target_file")), ("predict", ("input_file",)), ("output", ("file",))):
            for name in names:
                file = (document.get(part) or {}).get(name)
                if file:
                    self.captured[part + ("_target" if name == "target_file" else "")] = self._pickle(file)

    def draw_again(self, number: int) -> None:
        """Put the random generators where they stood before a statement, so that it draws what the notebook drew."""
        states = self.random.get(number)
        if states is not None:
            random.setstate(states[0])
            for state in states[1:]:
                np.random.set_state(state)  # noqa: NPY002 - the notebook drew from it

    def _pickle(self, file: str) -> Any:
        path = os.path.join(self.folder, file)
        try:
            with open(path, "rb") as stream:
                return pickle.load(stream)
        except (OSError, pickle.UnpicklingError, AttributeError, ImportError, EOFError) as error:
            raise ProbeError("the captured value {} can't be read: {}: {}".format(file, type(error).__name__, error)) from error

    def statement(self, number: int) -> Statement:
        """The statement with that number."""
        return next(statement for statement in self.statements if statement.number == number)


def read_request(path: str) -> Request:
    """Read `probe_request.json`; the captured values are loaded later."""
    with open(path, encoding="utf-8") as stream:
        return Request(json.load(stream))


@contextlib.contextmanager
def notebook_main() -> Iterator[Dict[str, Any]]:
    """A `__main__` of its own for the notebook's code, so that its pickles find their classes; gives the namespace."""
    before = sys.modules.get("__main__")
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    try:
        yield module.__dict__
    finally:
        if before is not None:
            sys.modules["__main__"] = before


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Swallow what the author's lines print and warn while they are replayed."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Small predictions are faster alone than spread over threads that wait for each other."""
    try:
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
    except ImportError:
        yield
        return
    with threadpool_limits(limits=1):
        yield


def runtime_module(name: str) -> Any:
    """A module of the service's runtime (`state`, `codec`), by its place beside the compiler."""
    package = "nb2svc_runtime"
    if package not in sys.modules:
        root = os.path.abspath(__file__)
        for _ in range(4):
            root = os.path.dirname(root)
        folder = os.path.join(root, package)
        spec = importlib.util.spec_from_file_location(
            package, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
        )
        if spec is None or spec.loader is None:
            raise ProbeError("the runtime is missing at " + folder)
        module = importlib.util.module_from_spec(spec)
        sys.modules[package] = module
        spec.loader.exec_module(module)
    return importlib.import_module(package + "." + name)


def digest(path: str) -> str:
    """SHA-256 of a file."""
    with open(path, "rb") as stream:
        return hashlib.sha256(stream.read()).hexdigest()
