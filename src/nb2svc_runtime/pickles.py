"""Pickles of the notebook's own run: `__main__` was the notebook then, and is this package's modules now.

Only files whose digest was checked come here, and only while building and testing: a service never reads a pickle.
"""

from __future__ import annotations

import importlib
import inspect
import pickle
import textwrap
import types
from pathlib import Path
from typing import Any, Iterator

# Where the notebook's functions and classes live now, in the order they are looked for.
_HOMES = ("features", "model", "training")


class NotebookUnpickler(pickle.Unpickler):
    """Finds what the notebook defined (`__main__.RatioAdder`) in the generated modules (`loans.features.RatioAdder`)."""

    package = ""

    def find_class(self, module: str, name: str) -> Any:
        """The class or function that a pickle names.

        Raises:
            AttributeError: the notebook defined it, and no generated module has it.
        """
        if (module, name) == ("builtins", "getattr"):
            return self._attribute
        if module != "__main__":
            return super().find_class(module, name)
        for home in self._homes():
            found = home
            try:
                for part in name.split("."):
                    found = getattr(found, part)
            except AttributeError:
                continue
            return found
        raise AttributeError(f"the pickle names the notebook's {name}, which {self.package} does not have at module level")

    def _homes(self) -> Iterator[Any]:
        for home in _HOMES:
            try:
                yield importlib.import_module(f"{self.package}.{home}")
            except ModuleNotFoundError:
                continue

    def _attribute(self, owner: Any, name: str) -> Any:
        return self._function if owner is types and name == "FunctionType" else getattr(owner, name)

    def _function(self, code: types.CodeType, names: Any, name: str, defaults: Any) -> Any:
        """The notebook's lambda as the function of the generated modules that has its code; itself where there is none."""
        for home in self._homes():
            for value in vars(home).values():
                same = isinstance(value, types.FunctionType) and repr(value.__defaults__) == repr(defaults)
                if same and any(_alike(one, code) for one in _codes(value)):
                    return value
        return types.FunctionType(code, names, name, defaults)


def _codes(function: types.FunctionType) -> Iterator[types.CodeType]:
    """A function's code, and the one it has where nothing else is compiled with it, as in a cell.

    Python compiles `np.log1p(x)` otherwise below an `import numpy as np` of the same file.
    """
    yield function.__code__
    try:
        source = textwrap.dedent(inspect.getsource(function))
        found = [compile(source, "<cell>", "exec", dont_inherit=True)]
    except (OSError, SyntaxError):
        return
    while found:
        for constant in found.pop().co_consts:
            if isinstance(constant, types.CodeType):
                if constant.co_name in (function.__name__, "<lambda>"):
                    yield constant
                found.append(constant)


def _alike(one: Any, other: Any) -> bool:
    """Whether two code objects do the same, whatever they are called and wherever they stand."""
    if not isinstance(one, types.CodeType) or not isinstance(other, types.CodeType):
        return type(one) is type(other) and repr(one) == repr(other)
    same = (
        "co_argcount",
        "co_posonlyargcount",
        "co_kwonlyargcount",
        "co_flags",
        "co_varnames",
        "co_names",
        "co_freevars",
        "co_code",
    )
    constants = zip(one.co_consts, other.co_consts)
    return (
        all(getattr(one, name) == getattr(other, name) for name in same)
        and len(one.co_consts) == len(other.co_consts)
        and all(_alike(left, right) or _is_label(left, right) for left, right in constants)
    )


def _is_label(left: Any, right: Any) -> bool:
    """The qualified names of inner functions, which begin with the outer one's."""
    return isinstance(left, str) and isinstance(right, str) and ".<locals>." in left and ".<locals>." in right


def load_pickle(path: Path, package: str) -> Any:
    """The object in a pickle of the capture, with the notebook's own names found in `package`."""
    with path.open("rb") as stream:
        unpickler = NotebookUnpickler(stream)
        unpickler.package = package
        return unpickler.load()
