"""What a namespace holds, as digests: a forked process must have what the one had that it comes from."""

from __future__ import annotations

import hashlib
import pickle
import types
from typing import Any, Dict, Optional, Set

# IPython's own names, which count or differ by the shell.
_IPYTHONS = frozenset(("In", "Out", "_", "__", "___", "_oh", "_dh", "get_ipython", "exit", "quit", "open"))
# Of one value so many bytes are compared.
_LARGEST = 1 << 28


class Contents:
    """Digests of a namespace's values by their names: by what a value is where it can be pickled, and else by which it is.

    A value that is pickled otherwise each time (an artist of matplotlib counts it) can't be told by what it is, either.
    """

    def __init__(self) -> None:
        self._unsteady: Set[str] = set()

    def learned(self, space: Dict[str, Any]) -> Dict[str, str]:
        """The digests, when it is seen which values are unsteady."""
        first, second = self.of(space), self.of(space)
        self._unsteady = {name for name, digest in first.items() if second[name] != digest}
        return self.of(space) if self._unsteady else second

    def of(self, space: Dict[str, Any]) -> Dict[str, str]:
        """The digests of a namespace, in this process or in one that is forked from it."""
        return {name: self._digest(name, value) for name, value in list(space.items()) if not _is_ipythons(name)}

    def _digest(self, name: str, value: Any) -> str:
        is_known = name in self._unsteady or isinstance(value, types.ModuleType)
        content = None if is_known else _content(value)
        return "%s %d %s" % (type(value).__qualname__, id(value), content.hex() if content else "")


def _is_ipythons(name: str) -> bool:
    return name in _IPYTHONS or name.startswith("_i")


def _content(value: Any) -> Optional[bytes]:
    file = _Hashing()
    try:
        pickle.Pickler(file, 5).dump(value)
    except Exception:
        return None
    return file.digest.digest()


class _Hashing:
    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self._size = 0

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        self._size += len(view)
        if self._size > _LARGEST:
            raise ValueError("too large")
        self.digest.update(view)
        return len(view)
