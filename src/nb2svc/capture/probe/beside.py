"""Modules in the notebook's folder, found as its kernel found them."""

from __future__ import annotations

import importlib.machinery
import sys
from typing import Any, FrozenSet, Iterable, Optional


def find_beside(folder: str, loaded: Iterable[str]) -> None:
    """Have modules in the notebook's folder found: before all others where the run loaded them from there, else after them.

    The kernel had loaded much of Python's own before it looked in that folder: a `random.py` there was never seen.
    """
    sys.path.append(folder)
    sys.meta_path.insert(0, _Beside(folder, frozenset(loaded)))


class _Beside:
    def __init__(self, folder: str, names: FrozenSet[str]) -> None:
        self._folder = folder
        self._names = names

    def find_spec(self, name: str, path: Optional[Any] = None, target: Optional[Any] = None) -> Any:
        """The module where the run found it."""
        if path is not None or name not in self._names:
            return None
        return importlib.machinery.PathFinder.find_spec(name, [self._folder])
