"""A step of `features.py` in training, on the notebook's own rows: what it makes and learns, beside what the notebook had.

`steps.json` says where each argument comes from and after which statement of the notebook each result stood.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Tuple
from unittest import SkipTest

from . import codec
from .state import Keyed, State

if TYPE_CHECKING:
    from .replay import Capture

# A run keeps at most so many rows of a value that a statement made.
KEPT_ROWS = 20_000
_NOTHING = object()


class Step:
    """One step of the training path; the steps before it run first, so that it gets what training gives it."""

    def __init__(self, capture: "Capture", name: str) -> None:
        self._capture = capture
        self._steps: Dict[str, Any] = json.loads((Path(__file__).with_name("steps.json")).read_text(encoding="utf-8"))
        self.name = name

    def differing_values(self) -> List[str]:
        """Where the step's results are not what the notebook had, in words.

        Raises:
            SkipTest: the run kept nothing to compare with, or the step gives other values each time it is run.
        """
        made, _ = self._trained(self.name)
        expected = self._expected()
        known = [name for name in made if name in expected]
        if not known:
            raise SkipTest("the run kept no result of " + self.name)
        found = _differing(expected, made, known)
        if found and _differing(made, self._trained(self.name)[0], known):
            raise SkipTest(self.name + " gives other values each time it is run: set random_state in the notebook")
        return found

    def differing_state(self) -> List[str]:
        """Which learned values are not those that the service remembers, in words.

        Raises:
            SkipTest: the step learns other values each time it is run.
        """
        _, learned = self._trained(self.name)
        served = self._capture.predictor.state.entries()
        found = _unlike(served, learned)
        if found and _unlike(learned, self._trained(self.name)[1]):
            raise SkipTest(self.name + " learns other values each time it is run: set random_state in the notebook")
        return found

    def _trained(self, name: str) -> Tuple[Dict[str, Any], Dict[str, Any]]:
        """The results by name, and what this step learned."""
        features = self._capture.module("features")
        made: Dict[str, Any] = {}
        state = State(learning=True)
        for step, described in self._steps.items():
            before = set(state.entries())
            arguments = [self._argument(each, made) for each in described["arguments"]]
            result = getattr(features, step)(*arguments, state)
            names = [each["name"] for each in described["results"]]
            values = dict(zip(names, result if len(names) > 1 else (result,)))
            if step == name:
                return values, {key: value for key, value in state.entries().items() if key not in before}
            made.update(values)
        raise KeyError(name)

    def _argument(self, described: Dict[str, Any], made: Dict[str, Any]) -> Any:
        name, source = described["name"], described["from"]
        if source == "step" and name in made:
            return made[name]
        try:
            return _copied(self._capture.value("raw", name) if source == "raw" else self._capture.after(described["after"], name))
        except KeyError:
            pass
        try:
            return _copied(self._capture.value("given", name))
        except KeyError:
            raise SkipTest("the run did not keep " + name + ", which " + self.name + " is given") from None

    def _expected(self) -> Dict[str, Any]:
        found = {}
        for each in self._steps[self.name]["results"]:
            try:
                found[each["name"]] = self._capture.after(each["after"], each["name"])
            except KeyError:
                continue
        return found


def _differing(expected: Dict[str, Any], made: Dict[str, Any], names: List[str]) -> List[str]:
    from .replay import differences

    found: List[str] = []
    for name in names:
        want, got = expected[name], made[name]
        if hasattr(want, "__len__") and not isinstance(want, str):
            if len(want) == KEPT_ROWS < _length(got):
                got = got[:KEPT_ROWS]
            found += [name + ", " + text for text in differences(want, got)]
        elif _unlike({name: want}, {name: got}):
            found.append("{}: {!r} became {!r}".format(name, want, got))
    return found


def _length(value: Any) -> int:
    return len(value) if hasattr(value, "__len__") else -1


def _unlike(known: Dict[str, Any], learned: Dict[str, Any]) -> List[str]:
    """The learned values that are not the known ones; floats may differ in their last digits."""
    return [
        "{} is not what the service remembers".format(name)
        for name, value in learned.items()
        if not _alike(_plain(known.get(name, _NOTHING)), _plain(value))
    ]


def _plain(value: Any) -> Any:
    """A value as nested lists, dicts and scalars; of a fitted object what it learned: its attributes in `name_` form."""
    if value is _NOTHING:
        return _NOTHING
    if isinstance(value, Keyed):
        return [[_plain(key), _plain(item)] for key, item in value.items()]
    try:
        return codec.encode(value)
    except codec.NotJson:
        if hasattr(value, "tolist"):
            return value.tolist()
        fitted = {name: item for name, item in getattr(value, "__dict__", {}).items() if name.endswith("_") and name[0] != "_"}
        return {name: _plain(item) for name, item in sorted(fitted.items())}


def _alike(one: Any, two: Any) -> bool:
    from .replay import same

    if isinstance(one, dict) and isinstance(two, dict):
        return list(one) == list(two) and all(_alike(one[name], two[name]) for name in one)
    if isinstance(one, (list, tuple)) and isinstance(two, (list, tuple)):
        return len(one) == len(two) and all(_alike(left, right) for left, right in zip(one, two))
    return same(one, two)


def _copied(value: Any) -> Any:
    return value.copy() if hasattr(value, "copy") else value
