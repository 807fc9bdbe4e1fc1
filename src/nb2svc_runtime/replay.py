"""Replay of the notebook's own rows through this project, for its tests.

The capture lies outside the project, in a git-ignored folder beside the notebook; it is found by its digest.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import math
import os
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple
from unittest import SkipTest

from .artifacts import given
from .pickles import load_pickle

RELATIVE = 1e-9


def find_capture(package: str) -> Optional["Capture"]:
    """The capture that this project was built from: `NB2SVC_CAPTURE`, or `.nb2svc/` in a folder above; None without one."""
    module = importlib.import_module(package)
    home = Path(str(module.__file__)).parent
    wanted = json.loads((home / "_nb2svc" / "origin.json").read_text(encoding="utf-8"))["capture_digest"]
    for folder in _candidates(home):
        manifest = folder / "manifest.json"
        if manifest.is_file() and json.loads(manifest.read_text(encoding="utf-8")).get("digest") == wanted:
            return Capture(folder, package)
    return None


def _candidates(home: Path) -> Iterator[Path]:
    given = os.environ.get("NB2SVC_CAPTURE")
    if given:
        yield Path(given)
    for parent in home.parents:
        yield from sorted((parent / ".nb2svc").glob("*/*/"))


class Capture:
    """What one run of the notebook left, as the tests need it. Row numbers are ordinals in the main raw table."""

    def __init__(self, folder: Path, package: str) -> None:
        self.folder = folder
        self.package = package
        self.manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        self.observation = json.loads((folder / "observation.json").read_text(encoding="utf-8"))
        self._served: Any = None
        self._predictor: Any = None
        self._loaded: Dict[str, Any] = {}

    @property
    def predictor(self) -> Any:
        """The project's predictor, loaded once."""
        if self._predictor is None:
            from .predictor import load_predictor

            self._predictor = load_predictor(self.package)
        return self._predictor

    def module(self, name: str) -> Any:
        """One of the generated modules."""
        return importlib.import_module(f"{self.package}.{name}")

    def step(self, name: str) -> Any:
        """A step of `features.py` in training, to compare with what the notebook had."""
        from .steps import Step

        return Step(self, name)

    def answers_of_another_fit(self) -> Tuple[Any, Any]:
        """The served estimator's answers and those of one that this project's code fits on what the notebook's `fit` received."""
        from .refit import answers_of_another_fit

        return answers_of_another_fit(self)

    def value(self, kind: str, label: Optional[str] = None) -> Any:
        """A kept value.

        Raises:
            KeyError: the run did not keep it.
            ValueError: the file is not the one that was kept (its digest differs).
        """
        for kept in self.manifest["kept"]:
            if kept["kind"] == kind and label in (None, kept["label"]) and not kept["problem"]:
                return self._load(kept["file"], kept["sha256"], again=kind == "check_value")  # a check may change it
        raise KeyError(f"the capture has no {kind} {label or ''}")

    def _load(self, file: str, sha256: str, *, again: bool = False) -> Any:
        if again or file not in self._loaded:
            path = self.folder / file
            if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
                raise ValueError(f"{path} is not the file that the run kept; build again")
            self._loaded[file] = load_pickle(path, self.package)
        return self._loaded[file]

    def after(self, statement: int, name: str) -> Any:
        """What a name held after a statement of the notebook; of a long table its first rows.

        Raises:
            KeyError: the run did not keep it.
        """
        oracles = self.observation["oracles"]
        kept = self._load(oracles["checkpoints"], dict(oracles["sha256"])["checkpoints"])
        return kept[statement][name][1]

    def _rows(self, name: str) -> List[int]:
        oracles = self.observation["oracles"]
        digests = dict(oracles["sha256"])
        return [int(row) for row in self._load(oracles[name], digests[name])]

    def predictions(self) -> Tuple[List[int], Any]:
        """The rows that the notebook predicted, and its own answers in the same order.

        Raises:
            SkipTest: it predicted none, or only rows of another table.
        """
        try:
            answers = self.value("output")
        except KeyError:
            # Its model cell only fits: the service predicts what the notebook never did.
            raise SkipTest("the notebook predicted no row with the model that is served") from None
        rows, values = _known(self._rows("predict_rows"), answers)
        if not rows:
            raise SkipTest("the notebook predicted no row of the table that a request carries")
        return rows, values

    def model_inputs(self) -> Tuple[List[int], Any]:
        """The rows that `fit` received, and their columns in the same order."""
        rows = self._rows("fit_rows")
        return _known(rows, self.value("fit_input"))

    def sample(self, count: int) -> List[int]:
        """At most `count` of the rows that reached the model, evenly spread, in the run's order."""
        rows = sorted(set(self._rows("fit_rows")) - {-1})
        step = max(1, len(rows) // count)
        return rows[::step][:count]

    def with_gaps(self, count: int) -> List[int]:
        """At most `count` of the rows that reached the model and have a missing value, each pattern of them first.

        Raises:
            SkipTest: no such row has one.
        """
        main = next(table for table in self.observation["tables"] if table["role"] == "main")
        table, rows = self.value("raw", main["name"]), sorted(set(self._rows("fit_rows")) - {-1})
        if not hasattr(table, "isna") or table.ndim != 2:
            raise SkipTest("the rows are no table")
        patterns = [tuple(gaps) for gaps in table.isna().to_numpy()[rows].tolist()]
        first = {pattern: row for pattern, row in zip(reversed(patterns), reversed(rows)) if any(pattern)}
        others = [row for pattern, row in zip(patterns, rows) if any(pattern)]
        found = list(dict.fromkeys([*first.values(), *others]))[:count]
        if not found:
            raise SkipTest("no row that reached the model has a missing value")
        return sorted(found)

    def tables(self, rows: Sequence[int]) -> Dict[str, Any]:
        """The raw tables for some main rows; a child table holds those rows' own rows."""
        described = self.observation["tables"]
        main = next(table for table in described if table["role"] == "main")
        whole = self._main_table(main["name"])
        chosen = _take(whole, rows)
        found = {main["name"]: chosen}
        for table in described:
            if table["role"] == "child":
                child = self.value("raw", table["name"])
                found[table["name"]] = child[child[table["key"]].isin(chosen[table["main_key"]])]
        return found

    def _main_table(self, name: str) -> Any:
        """The main table, with the rows of another one that the notebook predicted behind its own."""
        oracles = self.observation["oracles"]
        if oracles.get("main"):
            return self._load(oracles["main"], dict(oracles["sha256"])["main"])
        return self.value("raw", name)

    def answer(self, rows: Sequence[int]) -> Any:
        """The service's answers for some rows, in their order."""
        result = self._answer(self.tables(rows), None)
        return result[-1] if isinstance(result, tuple) else result

    def served(self) -> Any:
        """All that `model.answer` gives for the rows that the notebook predicted."""
        if self._served is None:
            self._served = self._answer(self.tables(self.predictions()[0]), None)
        return self._served

    def inputs(self, rows: Sequence[int]) -> Any:
        """The model's columns for some rows: what the first prediction call received."""
        seen: List[Any] = []
        self._answer(self.tables(rows), seen)
        return self._without_passed(seen[0])

    def inputs_with_another_target(self, rows: Sequence[int]) -> Any:
        """The model's columns where each row has another training value of the target.

        Raises:
            SkipTest: the target is no column of the main table, or has one value only.
        """
        target, main = self.observation["target"], next(each for each in self.observation["tables"] if each["role"] == "main")
        tables = self.tables(rows)
        table = tables[main["name"]]
        if not target or target not in getattr(table, "columns", ()):
            raise SkipTest("the target is no column of the request's table")
        known = list(dict.fromkeys(self.value("raw", main["name"])[target].dropna().tolist()))
        if len(known) < 2:
            raise SkipTest("the target has one value only")
        other = dict(zip(known, known[1:] + known[:1]))
        tables[main["name"]] = table.assign(**{target: table[target].map(other).fillna(known[0]).astype(table[target].dtype)})
        seen: List[Any] = []
        self._answer(tables, seen)
        return self._without_passed(seen[0])

    def _without_passed(self, given: Any) -> Any:
        """The model's columns but for those that show the target, which it does not take."""
        passed = self.observation.get("passed")
        return given.drop(columns=passed, errors="ignore") if passed and hasattr(given, "columns") else given

    def tables_before_and_after(self, rows: Sequence[int]) -> Tuple[Dict[str, Any], Dict[str, Any]]:
        """The tables as they were, and as they are after one answer."""
        before = self.tables(rows)
        after = {name: table.copy() for name, table in before.items()}
        self._answer(after, None)
        return before, after

    def _answer(self, tables: Dict[str, Any], seen: Optional[List[Any]]) -> Any:
        from inspect import signature

        predictor = self.predictor
        answer = predictor.function
        fitted = given(predictor.model)
        names = list(signature(answer).parameters)[: -len(fitted) - 1]
        values = [tables[name] if name in tables else predictor.lookups[name] for name in names]
        models = fitted if seen is None else [watched(model, seen) for model in fitted]
        return answer(*values, *models, predictor.state)


def watched(model: Any, seen: List[Any]) -> Any:
    """A model, or a list or dictionary of models, that notes what its prediction methods receive."""
    if type(model) in (list, tuple):
        return type(model)(watched(each, seen) for each in model)
    if type(model) is dict:
        return {name: watched(each, seen) for name, each in model.items()}
    return Watched(model, seen) if hasattr(model, "predict") else model


class Watched:
    """A model that notes what its prediction methods receive and otherwise is the model."""

    def __init__(self, model: Any, seen: List[Any]) -> None:
        self._model = model
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._model, name)
        if not name.startswith("predict") and name != "decision_function":
            return Watched(member, self._seen) if hasattr(member, "predict") and not isinstance(member, type) else member

        def noting(rows: Any, *others: Any, **named: Any) -> Any:
            self._seen.append(rows)
            return member(rows, *others, **named)

        return noting


def differences(expected: Any, actual: Any, *, most: int = 5) -> List[str]:
    """Where two tables, arrays or lists differ, at most `most` places in words; [] where they are the same.

    Floats may differ by one part in 1e9, everything else not at all; a missing value equals a missing value.
    """
    left, right = _columns(expected), _columns(actual)
    if [name for name, _ in left] != [name for name, _ in right]:
        return [f"columns {[name for name, _ in left]} became {[name for name, _ in right]}"]
    found = []
    for (name, one), (_, two) in zip(left, right):
        if len(one) != len(two):
            return [f"{name}: {len(one)} rows became {len(two)}"]
        for position, (old, new) in enumerate(zip(one, two)):
            if not same(old, new):
                found.append(f"{name}, row {position}: {old!r} became {new!r}")
                if len(found) == most:
                    return found
    return found


def _columns(value: Any) -> List[Tuple[str, List[Any]]]:
    if hasattr(value, "columns") and hasattr(value, "iloc"):
        return [(str(name), value.iloc[:, place].tolist()) for place, name in enumerate(value.columns)]
    plain = value.tolist() if hasattr(value, "tolist") else list(value)
    if plain and isinstance(plain[0], list):
        return [(f"[{place}]", [row[place] for row in plain]) for place in range(len(plain[0]))]
    return [("value", plain)]


def same(old: Any, new: Any) -> bool:
    """Whether two values are the same: floats within one part in 1e9, a missing value as a missing value."""
    if isinstance(old, float) or isinstance(new, float):
        try:
            if math.isnan(old) or math.isnan(new):
                return math.isnan(old) and math.isnan(new)
            return bool(old == new or abs(old - new) <= RELATIVE * max(abs(old), abs(new)))
        except TypeError:
            return False
    # NaT and NaN are the only values here that differ from themselves.
    return bool(old == new or (str(old) == "NaT" and str(new) == "NaT"))


def _take(whole: Any, rows: Sequence[int]) -> Any:
    if hasattr(whole, "iloc"):
        return whole.iloc[list(rows)]
    if isinstance(whole, list):
        return [whole[row] for row in rows]
    return whole[list(rows)]


def _known(rows: Sequence[int], values: Any) -> Tuple[List[int], Any]:
    """Only the rows that are rows of the main table (-1: made up in training)."""
    keep = [place for place, row in enumerate(rows) if row >= 0]
    if len(keep) == len(rows):
        return list(rows), values
    return [rows[place] for place in keep], _take(values, keep)
