"""A process without a kernel, as it answers its worker: what it notes that a kernel would have done otherwise."""

import builtins
import os
import signal
import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from nb2svc.validate.forking.side import bare, talk

ASKED = {"do": "execute", "room": 0, "source": "x", "silent": False, "store": True, "expressions": {"auc": "1"}}


class Capture:
    """Notes when cells run; `passes` is what was written past Python."""

    def __init__(self) -> None:
        self.refused, self.passes, self.widgets, self.within = "what the shared cells did", False, False, False

    def __enter__(self) -> None:
        self.within = True

    def __exit__(self, *_: object) -> None:
        self.within = False

    def passed(self) -> bool:
        assert not self.within
        return self.passes

    def talks(self) -> bool:
        return self.widgets

    def taken(self) -> list[str]:
        return ["shown"]


class Shell:
    """Runs what it is told to; how deep it stands there is noted."""

    def __init__(self, capture: Capture, *runs: Any) -> None:
        self.capture, self.runs = capture, list(runs)
        self.last_traceback: Any = None
        self.execution_count = 5
        self.payload: list[str] = []
        self.payload_manager = SimpleNamespace(read_payload=lambda: self.payload)
        self.asked: list[tuple[object, ...]] = []
        self.depths: list[int] = []

    def run_cell(self, source: str, *, silent: bool, store_history: bool = False) -> Any:
        assert self.capture.within
        handlers = (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM))
        self.asked.append((source, silent, store_history, handlers))
        self.depths.append(room())
        error = self.runs.pop(0)(self) if self.runs else None
        return SimpleNamespace(error_before_exec=None, error_in_exec=error)

    def user_expressions(self, asked: Any) -> Any:
        return {name: {"status": "ok"} for name in asked}


def room(calls: int = 0) -> int:
    try:
        return room(calls + 1)
    except RecursionError:
        return calls


@pytest.fixture(autouse=True)
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    handlers = [(number, signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM)]
    assertions = SimpleNamespace(room=0, look_for_room=lambda _: setattr(assertions, "room", 900))
    # Those of the tests' own process are not meant.
    threads = [SimpleNamespace(name="MainThread")]
    monkeypatch.setattr(bare, "threading", SimpleNamespace(active_count=lambda: len(threads), enumerate=lambda: threads))
    assertions.threads = threads
    monkeypatch.setattr(builtins, "__nb2svc__", SimpleNamespace(assertions=assertions), raising=False)
    yield assertions
    for number, handler in handlers:
        signal.signal(number, handler)


def served(shell: Shell, *asked: dict[str, Any]) -> list[dict[str, Any]]:
    """What it answers, the end included."""
    ours, theirs = socket.socketpair()
    for message in (*asked, {"do": "end"}):
        talk.send(ours, message)
    space = SimpleNamespace(shell=shell, capture=shell.capture)
    bare.Bare(theirs, talk, space, "an error came from what stands for one").serve()
    found = [talk.receive(ours) for _ in (*asked, None)]
    assert None not in found
    return [each[0] for each in found if each is not None]


def leaves_traceback(shell: Shell) -> None:
    shell.last_traceback = ["traceback"]


def fails(shell: Shell) -> Exception:
    shell.last_traceback = ["line"]
    return ValueError("x")


def goes_too_deep(_: Shell) -> Exception:
    error = ValueError("x")
    error.__cause__ = RecursionError()
    return error


def asks_the_page(shell: Shell) -> None:
    shell.payload = ["page"]


def makes_a_widget(shell: Shell) -> None:
    shell.capture.widgets = True


def writes_past(shell: Shell) -> None:
    shell.capture.passes = True


def is_refused(shell: Shell) -> None:
    shell.capture.refused = "they ask for the kernel"


def test_a_cell_is_answered_as_a_kernel_replies():
    shell = Shell(Capture())
    first, end = served(shell, ASKED)
    reply = {"status": "ok", "user_expressions": {"auc": {"status": "ok"}}, "payload": [], "execution_count": 4}
    assert first == {"shown": ["shown"], "reply": reply}
    assert end == {"problem": ""}
    ((source, silent, store, handlers),) = shell.asked
    assert (source, silent, store, handlers[0]) == ("x", False, True, signal.default_int_handler)
    assert callable(handlers[1])
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == [signal.SIG_IGN, signal.SIG_DFL]


def test_a_cell_that_fails_is_asked_nothing():
    (first, second, end) = served(Shell(Capture(), fails), ASKED, ASKED)
    assert first["reply"] == {
        "status": "error", "ename": "ValueError", "evalue": "x", "traceback": ["line"], "user_expressions": {}, "payload": [],
        "execution_count": 4,
    }  # fmt: skip
    # What it showed of its error is no sign of what the next shows.
    assert (second["reply"]["status"], end) == ("ok", {"problem": ""})


@pytest.mark.parametrize(
    ("runs", "problem"),
    [
        (asks_the_page, "they ask the page for something"),
        (makes_a_widget, "they make a widget, which talks with the page"),
        (goes_too_deep, "an error came from what stands for one"),
        (leaves_traceback, "what they show can't be shown"),
        (writes_past, "they print past Python"),
        (is_refused, "they ask for the kernel"),
    ],
)
def test_what_a_kernel_would_have_done_otherwise_is_told_at_the_end(runs: Any, problem: str):
    *_, end = served(Shell(Capture(), runs), ASKED, ASKED)
    assert end == {"problem": problem}


def test_the_first_problem_is_told():
    *_, end = served(Shell(Capture(), asks_the_page, makes_a_widget, goes_too_deep), ASKED, ASKED, ASKED)
    assert end == {"problem": "they ask the page for something"}


def test_a_thread_that_goes_on_is_told(recorder: SimpleNamespace):
    *_, end = served(Shell(Capture(), lambda _: recorder.threads.append(SimpleNamespace(name="left"))), ASKED)
    assert end == {"problem": "they leave a thread (left)"}


def test_a_cell_stands_as_deep_as_in_a_kernel(recorder: SimpleNamespace):
    shell = Shell(Capture())
    served(shell, *({**ASKED, "room": room} for room in (900, 893, 950, 0)))
    equal, deeper, above, unknown = shell.depths
    assert (equal - deeper, equal - above, equal - unknown) == (7, 0, 20)


def test_it_is_measured_where_nothing_has_run(recorder: SimpleNamespace):
    recorder.look_for_room = lambda _: None
    shell = Shell(Capture())
    served(shell, ASKED)
    assert [source for source, *_ in shell.asked] == ["pass", "x"]


def test_it_ends_where_nobody_asks_any_more(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "_exit", lambda code: (_ for _ in ()).throw(SystemExit(code)))
    ours, theirs = socket.socketpair()
    ours.close()
    capture = Capture()
    with pytest.raises(SystemExit, match="1"):
        bare.Bare(theirs, talk, SimpleNamespace(shell=Shell(capture), capture=capture), "").serve()
