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
# What libraries look up in the metadata of all distributions when they are first used, and keep as long as a process lives.
_LOOKED_UP = (("narwhals.plugins", "_discover_entrypoints"),)


class Known:
    """`modules` are those of the recorder: `installed`, `side`, `facts` and `validate`."""

    def __init__(self, modules: Dict[str, Any]) -> None:
        self._modules = modules
        self._stamp = _stamp()
        self._installed = self._new()
        self._installed.settle()

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


def keep(modules: Dict[str, Any]) -> None:
    """Look it up for the kernels to come; what is imported and the search path must be as they will be there."""
    setattr(builtins, "__nb2svc_known__", Known(modules))  # noqa: B010 - no attribute that builtins is known to have
    for module, name in _LOOKED_UP:
        with contextlib.suppress(Exception):
            getattr(sys.modules[module], name)()


def _stamp() -> Tuple[Tuple[str, Tuple[str, ...]], ...]:
    found: List[Tuple[str, Tuple[str, ...]]] = []
    for entry in sys.path:
        try:
            names = tuple(sorted(name for name in os.listdir(entry or ".") if name.endswith(_METADATA)))
        except OSError:
            names = ()
        found.append((os.path.abspath(entry), names))
    return tuple(found)
