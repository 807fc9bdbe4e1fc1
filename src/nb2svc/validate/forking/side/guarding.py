"""Whether a process in which cells have run may be forked: what must be as it was before them."""

from __future__ import annotations

import functools
import hashlib
import os
import random
import signal
import sys
import threading
import types
from typing import Any, Dict, Iterator


class Guard:
    """What must be as it was for a process to be forked."""

    def __init__(self, loading: Any, system: Any, message: Dict[str, Any]) -> None:
        self._loading = loading
        self._system = system
        self._threads = set(message["threads"])
        self._seeded = message["seeded"]
        self._descriptors = loading._descriptors()
        self._place = (os.getcwd(), list(sys.path))
        self._signals = _handlers()
        self._states = _states()
        self._unseeded = _Unseeded()

    def end(self, space: Dict[str, Any]) -> None:
        """All cells have run: nothing of this is left in their namespace."""
        self._unseeded.end(space)

    def drawn(self) -> str:
        """After each cell: the generator that has moved although no cell seeds it; "" where none has."""
        for name, state in _states().items():
            # Its library came with this cell: it has moved unless it stands as it was made.
            moved = state != self._states[name] if name in self._states else not state.endswith(_UNMOVED)
            if name not in self._seeded and moved:
                return name
            self._states.setdefault(name, state)
        self._unseeded.watch()
        return self._unseeded.drawn

    def problem(self, recorder: Any, capture: Any) -> str:
        """When all cells have run: the first thing that is not as it was; "" where all is."""
        return next(filter(None, self._problems(recorder, capture)), "")

    def _problems(self, recorder: Any, capture: Any) -> Iterator[str]:
        yield capture.refused
        opened = recorder.opened
        # Whether a folder can be written to is found out by files that are gone again.
        written = [path for path in sorted(opened.written) if os.path.lexists(path) and opened.is_the_authors(path)]
        yield "they write %s" % written[0] if written else ""
        hosts = sorted(recorder.surroundings.hosts)
        yield "they ask %s" % hosts[0] if hosts else ""
        yield "they change the folder or the path of imports" if (os.getcwd(), list(sys.path)) != self._place else ""
        yield "they handle a signal" if _handlers() != self._signals else ""
        yield "they print past Python" if capture.passed() else ""
        yield "they make a widget, which talks with the page" if capture.talks() else ""
        yield "they leave a process behind" if self._system.descendants(os.getpid()) else ""
        kept = [_named(number) for number in sorted(self._loading._descriptors() - self._descriptors)]
        kept = [name for name in kept if name and self._loading._owner_of(name) == "author"]
        yield "they keep a file or a connection open (%s)" % kept[0] if kept else ""
        if threading.active_count() > 1:
            yield "they leave a thread (%s)" % next(each.name for each in threading.enumerate()[1:])
        _fork_once()
        threads = [name for name in self._loading._threads() if name not in self._threads]
        yield "they leave a thread that does not bear a fork (%s)" % threads[0] if threads else ""


class _Unseeded:
    """Notes that numpy was asked for a generator without a seed, which libraries do for their caller; `drawn` is how then."""

    def __init__(self) -> None:
        self.drawn = ""
        self._own: Any = None
        self.watch()

    def watch(self) -> None:
        """Begin, as soon as numpy is there."""
        numpy_random = sys.modules.get("numpy.random")
        own = getattr(numpy_random, "default_rng", None)
        if numpy_random is None or own is None or self._own is not None:
            return

        @functools.wraps(own)
        def default_rng(seed: Any = None) -> Any:
            self.drawn = self.drawn or ("numpy.random.default_rng" if seed is None else "")
            return own(seed)

        self._own, self._ours = own, default_rng
        setattr(numpy_random, "default_rng", default_rng)  # noqa: B010 - of a module that need not be there

    def end(self, space: Dict[str, Any]) -> None:
        """Put it back, also where it was imported meanwhile."""
        if self._own is None:
            return
        for names in (space, *[vars(module) for module in list(sys.modules.values()) if isinstance(module, types.ModuleType)]):
            for name in [name for name, value in list(names.items()) if value is self._ours]:
                names[name] = self._own


def _fork_once() -> None:
    """Pools that bear a fork end their threads before one: those that are left do not."""
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)


def _named(number: int) -> str:
    """What a descriptor stands for; a library's own file, such as a font, is read by its place in it."""
    try:
        return os.readlink("/proc/self/fd/%d" % number)
    except OSError:
        return ""


def _handlers() -> Dict[int, Any]:
    return {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGUSR1)}


# Where numpy's generator stands when it is made, and when it is seeded.
_UNMOVED = ("(623, 0, 0.0)", "(624, 0, 0.0)")


def _states() -> Dict[str, str]:
    found = {"random": repr(random.getstate())}
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None and hasattr(numpy_random, "get_state"):
        state = numpy_random.get_state()
        found["numpy.random"] = hashlib.sha256(state[1].tobytes()).hexdigest() + repr(state[2:])
    return found
