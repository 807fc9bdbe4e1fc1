"""A forked kernel leaves as the interpreter would, but tidies up no memory that ends with it: that costs as much as its start.

Done as ever, in this order: threads are waited for, exit functions run (the kernel's own empties the notebook's namespace), and
streams are flushed; the C library ends the process, with its own exit functions. What is left out are the ends of objects alive
even then. So none may have an end that anybody could notice: a buffered file, a class of the notebook with `__del__`, a temporary
file. Where one has, or where nobody knows what a library's objects do, the interpreter ends in full.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import io
import os
import socket
import sys
import threading
import types
import weakref
from typing import Any, Callable, Iterable, Iterator, List, Optional, Set

# What runs the kernel: its objects end with it, whatever they say of themselves.
_MACHINERY = frozenset(
    ("IPython", "_asyncio", "asyncio", "comm", "debugpy", "ipykernel", "jupyter_client", "tornado", "traitlets", "zmq")
)
# Libraries in C whose objects hold memory, and files that are looked at here.
_HARMLESS = frozenset(
    """PIL _brotli _cffi_backend _cyutility _pydevd_bundle _pydevd_frame_eval _pydevd_sys_monitoring _yaml bottleneck brotli
    charset_normalizer contourpy cython kiwisolver lz4 markupsafe matplotlib ml_dtypes msgpack numexpr numpy orjson pandas patsy
    psutil pyarrow pydantic_core regex rpds scipy simplejson sklearn statsmodels ujson wrapt yaml zstandard""".split()
)
_SITES = ("site-packages", "dist-packages")
# These write when they are let go, and can't be looked at.
_WRITES = ("_dbm", "_gdbm")
_CONTROL = 2.0
# Whatever a metaclass says.
_BASES = vars(type)["__mro__"].__get__
_SUSPENDED = (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType)


def leave(app: Any, shared: str, *, last: Optional[Callable[[], None]] = None) -> None:
    """End this process; returns where the interpreter is to end in full. `shared` is what shared cells made that is noticed.

    `app` is None where there is no kernel. `last` is a function of `atexit` that only matters where an end is noticed.
    """
    _let_control_end(app)
    if shared or LIBRARIES.unknown():
        return
    own = kernels_own(app) if app is not None else []
    threading._shutdown()  # type: ignore[attr-defined]  # as the interpreter does first
    if last is not None:
        atexit.unregister(last)
    atexit._run_exitfuncs()
    if noticed(gc.get_objects(), own):
        if last is not None:
            last()
        return
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()  # type: ignore[union-attr]
        except Exception:
            return
    # With the interpreter's lock: what ends now may ask for it.
    ctypes.PyDLL(None).exit(0)


def _let_control_end(app: Any) -> None:
    """Wait until the thread is done that was told to shut down: it flushes streams yet, whose own thread must not end before.

    ipykernel does not wait; each then waits for the other, until the process is killed.
    """
    thread = getattr(app, "control_thread", None)
    if thread is not None:
        thread.join(_CONTROL)


def kernels_own(app: Any) -> List[Any]:
    """What a kernel holds that it writes to no longer: where its log goes, and its history, which is in memory."""
    return [
        getattr(app.kernel.shell.history_manager, "db", None),
        *(getattr(handler, "stream", None) for handler in app.log.handlers),
    ]


def noticed(objects: List[Any], own: List[Any]) -> str:
    """The first kind of object whose end could be noticed; "" where none is. `own` are some whose end is known."""
    known = set(map(id, own))
    kinds = {kind for kind in set(map(type, objects)) if _has_an_end(kind)}
    found = (each for each in objects if type(each) in kinds and id(each) not in known)
    return next((_named(type(each)) for each in found if _is_noticed(each)), "")


class Libraries:
    """Those in C of which nobody knows what their objects do at their end. What the server has looked at kernels need not."""

    def __init__(self) -> None:
        self._seen: Set[str] = set()
        self._unknown: Set[str] = set()

    def unknown(self) -> Set[str]:
        """Their names, as far as they are loaded now."""
        new = [name for name in list(sys.modules) if name not in self._seen]
        self._unknown.update(name for name in _compiled(new) if name not in _HARMLESS | _MACHINERY)
        self._seen.update(new)
        return self._unknown


LIBRARIES = Libraries()


def _compiled(names: Iterable[str]) -> Iterator[str]:
    """The top-level names of modules that are compiled, Python's own left out unless it writes at its end."""
    for name in names:
        origin = getattr(getattr(sys.modules.get(name), "__spec__", None), "origin", None)
        if isinstance(origin, str) and origin.endswith((".so", ".pyd")):
            parts = origin.split(os.sep)
            if not parts[-2].startswith("lib-dynload"):
                # Some call themselves otherwise than where they lie.
                sites = [place for place, part in enumerate(parts) if part in _SITES]
                yield parts[sites[-1] + 1].partition(".")[0] if sites else name
            elif name in _WRITES:
                yield name


def _has_an_end(kind: Any) -> bool:
    names: Set[str] = set()
    for base in _BASES(kind):
        names.update(vars(base))
    return "__del__" in names or {"write", "closed"} <= names or issubclass(kind, weakref.ref) or _is_database(kind)


def _is_database(kind: Any) -> bool:
    sqlite3 = sys.modules.get("sqlite3")
    return sqlite3 is not None and issubclass(kind, sqlite3.Connection)


def _is_noticed(each: Any) -> bool:
    kind = type(each)
    if isinstance(each, weakref.ref):
        return getattr(each.__callback__, "__module__", None) == "__main__"
    if isinstance(each, _SUSPENDED):
        return _is_suspended(each)
    if _is_database(kind):
        return True
    module = kind.__module__ or ""
    if module.partition(".")[0] in _MACHINERY or module.startswith("nb2svc_"):
        return False
    if isinstance(each, (io.FileIO, socket.socket)):
        # They keep nothing back.
        return False
    if isinstance(each, io.IOBase) or hasattr(kind, "closed"):
        return not _is_at_rest(each)
    return True


def _is_at_rest(stream: Any) -> bool:
    if isinstance(stream, (io.BytesIO, io.StringIO)) or stream in (sys.__stdout__, sys.__stderr__, sys.__stdin__):
        return True
    try:
        return bool(stream.closed) or not stream.writable()
    except Exception:
        return False


def _is_suspended(each: Any) -> bool:
    prefix = {types.GeneratorType: "gi", types.CoroutineType: "cr", types.AsyncGeneratorType: "ag"}[type(each)]
    if getattr(each, prefix + "_frame") is None:
        return False
    parts: List[str] = getattr(each, prefix + "_code").co_filename.split(os.sep)
    return not _MACHINERY.intersection(parts)


def _named(kind: Any) -> str:
    return "%s.%s" % (kind.__module__, kind.__qualname__)
