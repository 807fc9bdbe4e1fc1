"""A module's code put in place of another's, in the objects that others hold already."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import types
from typing import Any, Iterator


class Unmade(Exception):
    """A mutant that can't be made."""


class Patch:
    """Puts another source of a module in place of the good one, in the objects that others hold already.

    The served estimator may hold a function or a class of the module: functions get the other code, classes the other methods.
    """

    def __init__(self, module: Any, package: str, good: str) -> None:
        self._module = module
        self._users = [vars(importlib.import_module(package + "." + name)) for name in ("model", "training")]
        self._good = good

    @contextlib.contextmanager
    def applied(self, source: str) -> Iterator[None]:
        """The module as `source` says, until the block ends."""
        self._put(source)
        try:
            yield
        finally:
            self._put(self._good)

    def _put(self, source: str) -> None:
        space = {"__name__": self._module.__name__, "__package__": self._module.__package__, "__file__": self._module.__file__}
        try:
            exec(compile(source, str(self._module.__file__), "exec"), space)
        except Exception as error:
            raise Unmade("the mutant can't be imported: " + type(error).__name__) from error
        current = vars(self._module)
        for name, value in space.items():
            if name.startswith("__"):
                continue
            old = current.get(name)
            if inspect.isfunction(old) and inspect.isfunction(value) and old.__module__ == self._module.__name__:
                _become(old, value)
                # Its globals stay the module's own, where every name is patched.
            elif inspect.isclass(old) and inspect.isclass(value) and old.__module__ == self._module.__name__:
                for attribute, member in vars(value).items():
                    if attribute not in ("__dict__", "__weakref__"):
                        setattr(old, attribute, member)
            else:
                for user in self._users:
                    if name in user and user[name] is old:
                        user[name] = value
                current[name] = value


def _become(old: types.FunctionType, new: types.FunctionType) -> None:
    old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__
