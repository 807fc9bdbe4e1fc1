"""The project's own test modules, run in this process without pytest."""

from __future__ import annotations

import inspect
import sys
import types
from typing import Any, Callable, Dict, List, NamedTuple
from unittest import SkipTest


class Test(NamedTuple):
    """A test function, ready to be called."""

    name: str
    call: Callable[[], Any]


def collect(files: Dict[str, str], capture: Any) -> List[Test]:
    """The test functions of some modules (name → source) in their order, with what they ask for by name."""
    given = {"capture": capture}
    found = []
    for name, source in files.items():
        module = types.ModuleType(name.rpartition("/")[2].partition(".")[0])
        _execute(compile(source, name, "exec"), module)
        for attribute, value in list(vars(module).items()):
            if attribute.startswith("test_") and inspect.isfunction(value):
                asked = list(inspect.signature(value).parameters)
                if set(asked) <= set(given):
                    found.append(Test(attribute, _bound(value, [given[each] for each in asked])))
    return found


def status(test: Test) -> str:
    """`pass`, `fail` or `skip`."""
    try:
        test.call()
    except SkipTest:
        return "skip"
    except Exception:
        return "fail"
    return "pass"


def _execute(code: Any, module: types.ModuleType) -> None:
    """Some modules import pytest to skip with: the kernel may have none, and its own exception passes by `except Exception`."""
    before = sys.modules.get("pytest")
    sys.modules["pytest"] = _skipping()
    try:
        exec(code, module.__dict__)
    finally:
        del sys.modules["pytest"]
        if before is not None:
            sys.modules["pytest"] = before


def _skipping() -> types.ModuleType:
    def skip(reason: str = "") -> None:
        raise SkipTest(reason)

    stand_in = types.ModuleType("pytest")
    vars(stand_in)["skip"] = skip
    return stand_in


def _bound(function: Callable[..., Any], arguments: List[Any]) -> Callable[[], Any]:
    return lambda: function(*arguments)
