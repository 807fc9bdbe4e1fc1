"""The fork server: a warmed process, which has imported a notebook's libraries, and forks a kernel for each run (Linux only).

    python -c BOOT FOLDER DESCRIPTORS-FILE SOCKET      with the kernel's interpreter, environment and folder (`host.py` starts it)

    → {"do": "load", "imports": [["numpy", "import numpy"]], …}    ← {"loaded": ["numpy"], "problem": null}
    → {"do": "share", "cells": […], …} and a socket    ← {"started": 122}, on that socket later what the cells showed (sharing.py)
    → {"do": "kernel", "argv": […], "env": {…}, "cwd": "…"} and two descriptors    ← {"started": 123}, later {"ended": 123, …}
    → {"do": "bare", "env": {…}}, a socket and two descriptors    ← the same of a process without a kernel (bare.py)

**How a warmed process is made.** `Server(link)` is one thread that waits for messages and for children that end; all it has is
what it imported. It is a subreaper: what a kernel leaves behind becomes its child, and is killed and counted when that kernel has
ended. It ends when the other side of its link does. A process that is to hold more than libraries (a prefix of the notebook)
is a child of this one that calls `Server(its own link, space=…).serve()` again: the loop is the same, `space` is what a kernel
that is forked from it finds in its namespace (`Space` of becoming.py).

**How a forked kernel is made.** `serve` returns only in a forked child, with the request, so that the child stands on a stack as
shallow as a kernel's own; `main` then calls `becoming.become`, which never returns to the server's code.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.machinery
import os
import select
import signal
import socket
import sys
import time
import types
from typing import Any, Dict, Iterator, List, Optional

_WAIT = 0.005
_MODULES: Dict[str, Any] = {}
# What each kernel needs is read and compiled before it is forked.
_OF_KERNELS = ("becoming", "leaving", "sharing", "contents", "guarding", "capturing", "hiding", "bare")


def side_module(folder: str, name: str) -> Any:
    """A module of this folder, or of another by its path, that `sys.modules` does not know."""
    path = name if os.path.isabs(name) else os.path.join(folder, name + ".py")
    if path not in _MODULES:
        module = _MODULES[path] = types.ModuleType("nb2svc_" + os.path.basename(path)[:-3])
        # Compiled once, like what is imported.
        code: Any = importlib.machinery.SourceFileLoader(module.__name__, path).get_code(module.__name__)
        exec(code, module.__dict__)  # noqa: S102 - our own file
    return _MODULES[path]


class Request:
    """A kernel to become: what the worker said, and the descriptors of its standard output and error."""

    def __init__(self, message: Dict[str, Any], descriptors: List[int], server: int) -> None:
        self.message = message
        self.descriptors = descriptors
        self.server = server


class Server:
    """Answers one link; `kernel` is the child that is a kernel now, 0 where there is none."""

    def __init__(self, link: socket.socket, folder: str, system: Any, space: Any = None) -> None:
        self.link = link
        self.space = space
        self.imported: Any = None
        self.kernel = 0
        self.folder = folder
        self._system = system
        self.talk = side_module(folder, "talk")
        self._awake, self._wake = os.pipe()
        # What lives as long as this process, and is nobody's stray: other warmed processes.
        self.held: List[int] = []
        self._strays_used = 0.0
        os.set_blocking(self._wake, False)
        system.prctl(system.PR_SET_CHILD_SUBREAPER, 1)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)

    def serve(self) -> Request:
        """Answer until the link ends, with which this process does; returns in a forked child only."""
        while True:
            ready, _, _ = select.select([self.link.fileno(), self._awake], [], [])
            if self._awake in ready:
                os.read(self._awake, 4096)
                self._reap()
            if self.link.fileno() in ready:
                received = self.talk.receive(self.link)
                if received is None:
                    self._end()
                    continue
                request = self._answer(*received)
                if request is not None:
                    return request

    def let_go(self) -> None:
        """In a forked child: nothing of the server's is used or found any more."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.link.close()
        os.close(self._awake)
        os.close(self._wake)

    def side(self, name: str) -> Any:
        """Another module of this folder."""
        return side_module(self.folder, name)

    def _answer(self, message: Dict[str, Any], descriptors: List[int]) -> Optional[Request]:
        if message["do"] == "load":
            loading, known = self.side("loading"), self.side("known")
            recorder = {name: side_module(self.folder, path) for name, path in message["recorder"].items()}
            self.imported = loading.Imported(self.side("filters"), self.side("streams"))
            with _uncollected():
                told = loading.load(message, self.imported, lambda: known.keep(recorder))
                for name in _OF_KERNELS:
                    self.side(name)
                self.side("leaving").LIBRARIES.unknown()
                self.side("becoming").POOLS.find()
            # A kernel that ends, or collects its garbage, would copy all pages of the libraries to look at them.
            gc.collect()
            gc.freeze()
            self.talk.send(self.link, told)
        elif message["do"] in ("kernel", "bare", "share"):
            return self._fork(message, descriptors)
        return None

    def _fork(self, message: Dict[str, Any], descriptors: List[int]) -> Optional[Request]:
        server = os.getpid()
        pid = os.fork()
        if not pid:
            return Request(message, descriptors, server)
        if message["do"] == "share":
            self.held.append(pid)
        else:
            self.kernel = pid
        for descriptor in descriptors:
            os.close(descriptor)
        self.talk.send(self.link, {"started": pid})
        return None

    def _reap(self) -> None:
        """Take note of the kernel that has ended, and end what it left."""
        ended, used, lost = None, 0.0, False
        for pid, status, seconds in self._ended():
            # What warmed processes used is no run's.
            used += seconds if pid not in self.held else 0.0
            lost = lost or pid in self.held
            self.held = [held for held in self.held if held != pid]
            ended = status if pid == self.kernel else ended
        if lost and not self.kernel:
            # A warmed process that was killed leaves us what was below it.
            self._end_strays()
        self._strays_used += used
        if ended is None:
            return
        used = self._end_strays() + self._strays_used
        pid, self.kernel, self._strays_used = self.kernel, 0, 0.0
        code = os.WEXITSTATUS(ended) if os.WIFEXITED(ended) else -os.WTERMSIG(ended)
        self.talk.send(self.link, {"ended": pid, "code": code, "cpu_seconds": used})

    def _ended(self) -> Any:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            yield pid, status, usage.ru_utime + usage.ru_stime

    def _end_strays(self) -> float:
        """Kill all below this process but other warmed ones, until nothing is; the processor time that it had used."""
        used = 0.0
        while True:
            strays = self._system.strays(self.held)
            if not strays:
                return used
            for pid in strays:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            used += sum(seconds for _, _, seconds in self._ended())
            time.sleep(_WAIT)

    def _end(self) -> None:
        self.held = []
        self._end_strays()
        # Without what libraries do at exit: it is no run's.
        os._exit(0)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Meanwhile no garbage is looked for: imports make little, and a sixth of their time went into that.

    By thresholds, which libraries hardly touch: one that turns collection off when it is imported has done so afterwards.
    """
    thresholds = gc.get_threshold()
    gc.set_threshold(0)
    try:
        yield
    finally:
        if not gc.get_threshold()[0]:
            gc.set_threshold(*thresholds)


def main(folder: str, system_file: str, descriptor: int) -> None:
    """Serve; in a forked child, become a kernel and run until it ends."""
    system = side_module(folder, system_file)
    # Were the worker gone before this, the link would end.
    system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL)
    server = Server(socket.socket(fileno=descriptor), folder, system)
    request = server.serve()
    while request.message["do"] == "share":
        server.let_go()
        server = side_module(folder, "sharing").warmed(
            request, server, system, lambda link, space: Server(link, folder, system, space)
        )
        request = server.serve()
    server.let_go()
    if request.message["do"] == "bare":
        side_module(folder, "bare").live(request, server, system)
    else:
        side_module(folder, "becoming").become(request, server, system)


if __name__ == "nb2svc_fork_server":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
