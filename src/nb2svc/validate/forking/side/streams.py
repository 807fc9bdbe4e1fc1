"""The streams that libraries find when they are imported, and cells that are shared: the very ones that their kernel has later.

Whoever holds on to `sys.stderr`, most of all a handler of `logging`, would else print past the kernel.
"""

from __future__ import annotations

import contextlib
import os
from typing import Any, Callable, Dict, Iterator

_NUMBERS = {"stdout": 1, "stderr": 2}


def make() -> Dict[str, Any]:
    """Both streams by name; until a kernel takes them, what is printed to one goes where its `say` takes it."""
    from ipykernel.iostream import OutStream

    # Older ones have no types.
    base: Any = OutStream
    kernels = frozenset(base.__init__.__code__.co_names)

    class Early(base):  # type: ignore[misc]
        closed = False

        def __init__(self, name: str) -> None:
            self.name = name
            self.say: Callable[[str, str], None] = _print
            self.let_out: Callable[[str], None] = lambda _: None
            self.miss: Callable[[], None] = lambda: None

        def __getattr__(self, name: str) -> Any:
            if name in kernels and "miss" in vars(self):
                self.miss()
            raise AttributeError("%r object has no attribute %r" % (type(self).__name__, name))

        def isatty(self) -> bool:
            return False

        def fileno(self) -> int:
            return _NUMBERS[self.name]

        def flush(self) -> None:
            if type(self) is base:
                self.flush()
            else:
                self.let_out(self.name)

        def writelines(self, texts: Any) -> None:
            for text in texts:
                self.write(text)

        def write(self, text: Any) -> int:
            if type(self) is base:
                # Somebody has kept the method, and a kernel the stream.
                written: int = self.write(text)
                return written
            if not isinstance(text, str):
                raise TypeError("write() argument must be str, not %s" % type(text))
            self.say(self.name, text)
            return len(text)

    Early.__name__, Early.__qualname__, Early.__module__ = base.__name__, base.__qualname__, base.__module__
    return {name: Early(name) for name in _NUMBERS}


@contextlib.contextmanager
def taken(streams: Dict[str, Any]) -> Iterator[None]:
    """Meanwhile a kernel that starts makes its streams of these, and not new ones."""
    from ipykernel import iostream

    kind: Any = iostream.OutStream

    def make_of(session: Any, thread: Any, name: str, *more: Any, **named: Any) -> Any:
        stream = streams[name]
        vars(stream).clear()
        stream.__class__ = kind
        stream.__init__(session, thread, name, *more, **named)
        return stream

    setattr(iostream, "OutStream", make_of)  # noqa: B010 - a class of ipykernel's
    try:
        yield
    finally:
        setattr(iostream, "OutStream", kind)  # noqa: B010


def _print(name: str, text: str) -> None:
    os.write(_NUMBERS[name], text.encode("utf-8", "surrogateescape"))
