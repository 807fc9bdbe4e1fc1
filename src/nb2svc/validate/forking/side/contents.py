"""What a namespace holds, as one digest: a forked process must have what the one had that it comes from."""

from __future__ import annotations

import hashlib
import pickle
import types
from typing import Any, Dict, Optional

# IPython's own names, which count or differ by the shell.
_IPYTHONS = frozenset(("In", "Out", "_", "__", "___", "_oh", "_dh", "get_ipython", "exit", "quit", "open"))
# Of one value so many bytes are compared.
_LARGEST = 1 << 28


def digest_of(space: Dict[str, Any]) -> str:
    """A digest of a namespace, by what its values are where they can be pickled, and else by which they are."""
    whole = hashlib.sha256()
    for name in sorted(space):
        if name in _IPYTHONS or name.startswith("_i"):
            continue
        value = space[name]
        whole.update(("%s %s %d " % (name, type(value).__qualname__, id(value))).encode("utf-8", "surrogatepass"))
        content = None if isinstance(value, types.ModuleType) else _content(value)
        whole.update(content or b"")
    return whole.hexdigest()


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
