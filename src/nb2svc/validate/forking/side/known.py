"""What a fork server has looked up once for the recorders of all its kernels: installed distributions, and their modules.

A kernel of its own reads the metadata of every distribution at the end of its run, which costs more than many a notebook. What is
handed on is taken only while the search path, and the names of the metadata on it, are as they were.
"""

from __future__ import annotations

import builtins
import os
import site
import sys
import sysconfig
from typing import Any, Callable, List, Set, Tuple

_METADATA = (".dist-info", ".egg-info")


class Known:
    """`tell` has the recorder's modules ask here first."""

    def __init__(self, side: Any, facts: Any) -> None:
        self._stamp = _stamp()
        self._providers = side._providers()
        self._installed = facts._installed()
        self._files = _files()

    def tell(self, side: Any, facts: Any) -> None:
        """Hand on what is known to the modules of a recorder that begins."""
        side.INSTALLED = facts.INSTALLED = self._files
        side._providers = self._first(side._providers, self._providers)
        facts._installed = self._first(facts._installed, self._installed)

    def _first(self, ask: Callable[[], Any], known: Any) -> Callable[[], Any]:
        return lambda: known if _stamp() == self._stamp else ask()


def keep(side: Any, facts: Any) -> None:
    """Look it up for the kernels to come; what is imported and the search path must be as they will be there."""
    setattr(builtins, "__nb2svc_known__", Known(side, facts))  # noqa: B010 - no attribute that builtins is known to have


def _stamp() -> Tuple[Tuple[str, Tuple[str, ...]], ...]:
    found: List[Tuple[str, Tuple[str, ...]]] = []
    for entry in sys.path:
        try:
            names = tuple(sorted(name for name in os.listdir(entry or ".") if name.endswith(_METADATA)))
        except OSError:
            names = ()
        found.append((os.path.abspath(entry), names))
    return tuple(found)


def _files() -> Set[str]:
    """The files of loaded modules in places where only installations write."""
    places = [*site.getsitepackages(), site.getusersitepackages(), sysconfig.get_path("stdlib")]
    roots = tuple(os.path.realpath(place) + os.sep for place in places)
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return {file for file in files if isinstance(file, str) and os.path.realpath(file).startswith(roots)}
