"""The recorder that all kernels of a fork server begin with, and what it has looked up for them: installed distributions, files.

A kernel of its own compiles the recorder, and looks at the metadata of every distribution when its run ends. What is handed on
is taken only while the search path, and the names of the metadata on it, are as they were.
"""

from __future__ import annotations

import builtins
import contextlib
import os
import sys
from typing import Any, Dict, List, Tuple

_METADATA = (".dist-info", ".egg-info")
# What libraries find out when they are first used, and keep: what all installations say of themselves.
_FOUND_OUT = (("narwhals.plugins", "_discover_entrypoints"),)


class Known:
    """`modules` are those of the recorder: `installed`, `side`, `facts` and `validate`."""

    def __init__(self, modules: Dict[str, Any]) -> None:
        self._modules = modules
        self._stamp = _stamp()
        self._installed = self._new()
        self._installed.settle()
        for module, name in _FOUND_OUT:
            _find_out(sys.modules.get(module), name)

    def start(self, shell: Any, config: Dict[str, Any]) -> None:
        """Begin to record in a kernel."""
        self._modules["side"].start(shell, config, self._look_up)
        recorder = vars(builtins)["__nb2svc__"]
        self._modules["facts"].start(recorder)
        self._modules["validate"].start(shell, recorder)

    def _look_up(self) -> Any:
        return self._installed if _stamp() == self._stamp else self._new()

    def _new(self) -> Any:
        return self._modules["installed"].Installed()


class _FoundOut:
    """Stands for a function that keeps its first answer: hands on `found`, unless something was installed or searched since."""

    def __init__(self, own: Any, found: Any) -> None:
        self._own = own
        self._answers = [found]
        self._places = _places()
        self._is_asked = False

    def __call__(self) -> Any:
        if not self._is_asked and _places() != self._places:
            self._answers = [self._own()]
        self._is_asked = True
        return self._answers[0]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)


def _find_out(module: Any, name: str) -> None:
    own: Any = getattr(module, name, None)
    # One without an answer to clear keeps none.
    if hasattr(own, "cache_clear"):
        with contextlib.suppress(Exception):
            found = own()
            own.cache_clear()
            setattr(module, name, _FoundOut(own, found))


def keep(modules: Dict[str, Any]) -> None:
    """Look it up for the kernels to come; what is imported and the search path must be as they will be there."""
    setattr(builtins, "__nb2svc_known__", Known(modules))  # noqa: B010 - no attribute that builtins is known to have


def _places() -> List[Tuple[str, int]]:
    """Where distributions are looked for, and when a name there changed last: so long importlib keeps what it has read, too."""
    found: List[Tuple[str, int]] = []
    for entry in sys.path:
        try:
            found.append((os.path.abspath(entry), os.stat(entry or ".").st_mtime_ns))
        except OSError:
            found.append((entry, 0))
    return found


def _stamp() -> Tuple[Tuple[str, Tuple[str, ...]], ...]:
    found: List[Tuple[str, Tuple[str, ...]]] = []
    for entry in sys.path:
        try:
            names = tuple(sorted(name for name in os.listdir(entry or ".") if name.endswith(_METADATA)))
        except OSError:
            names = ()
        found.append((os.path.abspath(entry), names))
    return tuple(found)
