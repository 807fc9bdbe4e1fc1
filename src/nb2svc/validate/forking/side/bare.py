"""A process that runs the rest of a notebook without a kernel: it is forked after shared cells, and goes on in their shell.

A kernel costs threads, sockets and half a dozen requests, and none of it is seen by cells that only compute and show. What they
show is taken as it was of the cells before them (capturing.py). The worker asks for one thing after the other, as it would ask a
kernel (bare_client.py):

    → {"do": "execute", "room": 973, "source": "risk.mean()", "silent": false, "store": true, "expressions": {}}
    ← {"shown": [{"output_type": "stream", …}], "reply": {"status": "ok", "execution_count": 4, …}}
    → {"do": "end"}    ← {"problem": ""}    with a problem, the run is made again by a kernel

It is one where what a kernel would have shown can't be known here: something was printed past Python, a thread goes on.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import os
import signal
import sys
import threading
from typing import Any, Callable, Dict, Iterator

# Below a cell where it is not known how many calls more a kernel has: what does not go too deep here does not there.
_DEPTH = 20
_FOLDER = os.path.dirname((lambda: None).__code__.co_filename)


def live(request: Any, server: Any, system: Any) -> None:
    """Serve until the run is over; returns where the interpreter is to end in full. `server` has forked this process."""
    becoming, space = server.side("becoming"), server.space
    becoming.begin_session(request, system)
    link = sys.modules["socket"].socket(fileno=request.descriptors[0])
    becoming.take_streams(request.descriptors[1:])
    os.environ.update(request.message["env"], JPY_PARENT_PID=str(request.server))
    importlib.invalidate_caches()
    space.seed(becoming.seed)
    becoming.POOLS.set()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    space.resume()
    Bare(link, server.talk, space, server.side("capturing").UNLIKE).serve()
    server.side("leaving").leave(None, space.ends, last=space.shell.atexit_operations)


class Bare:
    """Answers one worker, with the shell in which the shared cells ran."""

    def __init__(self, link: Any, talk: Any, space: Any, unlike: str) -> None:
        self._link = link
        self._talk = talk
        self._shell = space.shell
        self._capture = space.capture
        self._unlike = unlike
        self._problem = ""
        self._assertions = vars(builtins)["__nb2svc__"].assertions
        self._assertions.room = 0
        self._assertions.look_for_room("pre_execute")

    def serve(self) -> None:
        """Answer until the run is over, or the worker is gone."""
        self._capture.refused = ""
        with self._capture:
            message = self._received()
            while message["do"] == "execute":
                self._talk.send(self._link, self._executed(message))
                message = self._received()
        problem = self._problem or self._capture.refused or ("they print past Python" if self._capture.passed() else "")
        self._talk.send(self._link, {"problem": problem})

    def _received(self) -> Dict[str, Any]:
        received = self._talk.receive(self._link)
        if received is None:
            # Nobody is there who could be told anything.
            os._exit(1)
        message: Dict[str, Any] = received[0]
        return message

    def _executed(self, message: Dict[str, Any]) -> Dict[str, Any]:
        """What a kernel replies, and what it shows meanwhile (ipykernel's do_execute)."""
        shell, capture = self._shell, self._capture
        shell.last_traceback = None
        # As a kernel does, which is interrupted only while a cell runs.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, self._ended_early)
        try:
            run = functools.partial(shell.run_cell, store_history=message["store"], silent=message["silent"])
            if not self._assertions.room:
                _deeper(0, lambda: shell.run_cell("pass", silent=True))
            result = _deeper(self._levels(message["room"]), lambda: run(message["source"]))
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        reply: Dict[str, Any] = {"status": "ok", "user_expressions": {}, "payload": []}
        error = result.error_before_exec if result.error_before_exec is not None else result.error_in_exec
        if error is not None:
            reply.update(status="error", ename=type(error).__name__, evalue=str(error), traceback=shell.last_traceback or [])
        else:
            reply["user_expressions"] = shell.user_expressions(message["expressions"])
        self._look(shell, error)
        reply["execution_count"] = shell.execution_count - 1
        return {"shown": capture.taken(), "reply": reply}

    def _ended_early(self, *_: Any) -> None:
        """The cell is to end that did not heed an interruption: a kernel would have told what it showed so far."""
        try:
            reply = {
                "status": "error",
                "ename": "",
                "evalue": "",
                "traceback": [],
                "execution_count": self._shell.execution_count,
            }
            self._talk.send(self._link, {"shown": self._capture.taken(), "reply": reply})
        finally:
            os._exit(1)

    def _levels(self, room: int) -> int:
        """How many calls to put below a cell, so that it has as much room for its own as in a kernel."""
        own = self._assertions.room
        return max(own - room, 0) if own and room else _DEPTH

    def _look(self, shell: Any, error: Any) -> None:
        """Note what a kernel would have done otherwise."""
        if shell.payload_manager.read_payload():
            self._problem = self._problem or "they ask the page for something"
        if self._capture.talks():
            self._problem = self._problem or "they make a widget, which talks with the page"
        if any(map(_is_ours, _with_causes(error))):
            self._problem = self._problem or self._unlike
        if error is None and shell.last_traceback is not None:
            self._problem = self._problem or "what they show can't be shown"
        if threading.active_count() > 1:
            self._problem = self._problem or "they leave a thread (%s)" % next(each.name for each in threading.enumerate()[1:])


def _deeper(levels: int, call: Callable[[], Any]) -> Any:
    """What a call gives that has so many others below it."""
    return _deeper(levels - 1, call) if levels else call()


def _with_causes(error: Any) -> Iterator[Any]:
    """An error and those that it came from."""
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _is_ours(error: Any) -> bool:
    """Whether a kernel would tell an error otherwise: it came from here, or by way of here, or of how deep a cell stands."""
    step = error.__traceback__
    while step is not None:
        if os.path.dirname(step.tb_frame.f_code.co_filename) == _FOLDER:
            return True
        step = step.tb_next
    return isinstance(error, RecursionError)
