"""A run without a kernel, seen from its worker: what papermill hears of it, and what becomes of a process that does not answer."""

import queue
import socket
from subprocess import TimeoutExpired
from types import SimpleNamespace
from typing import Any

import pytest
from nbclient.exceptions import DeadKernelError

from nb2svc.validate import bare_client
from nb2svc.validate.bare_client import BareClient, _Bare
from nb2svc.validate.forking.side import talk

REPLY = {"status": "ok", "execution_count": 4, "user_expressions": {}, "payload": []}
SHOWN = {"output_type": "stream", "name": "stdout", "text": "a\n"}


class Process:
    """Stands for the forked one: what it answers lies on the link already; it ends when it was waited for `slow` times."""

    def __init__(self, *answers: dict[str, Any], slow: int = 0, code: int | None = None) -> None:
        self.link, self.theirs = socket.socketpair()
        self.pid, self.slow, self.code = 7, slow, code
        self.calls: list[object] = []
        for answer in answers:
            talk.send(self.theirs, answer)

    def poll(self) -> int | None:
        return self.code

    def wait(self, patience: float) -> int:
        self.calls.append(patience)
        if self.calls.count(patience) <= self.slow:
            raise TimeoutExpired("process", patience)
        return 0

    def terminate(self) -> None:
        self.calls.append("terminate")

    def asked(self) -> dict[str, Any]:
        received = talk.receive(self.theirs)
        assert received is not None
        return received[0]


def told(channel: Any) -> list[tuple[str, Any]]:
    found = []
    while channel.messages:
        message = channel.get_msg()
        found.append((message["msg_type"], message["content"]))
    return found


def client_of(process: Process) -> BareClient:
    def fork_bare(*_: object) -> tuple[Process, socket.socket]:
        return process, process.link

    client = object.__new__(BareClient)
    client._way = SimpleNamespace(
        fork_bare=fork_bare, unfit="", told=SimpleNamespace(language={"name": "python"}), host=SimpleNamespace(room=973)
    )  # type: ignore[assignment]
    client.session = SimpleNamespace(run=SimpleNamespace(kernel="python3"))  # type: ignore[assignment]
    return client


GIVEN: dict[str, Any] = {"env": {}, "cwd": ".", "stdout": 1, "stderr": 2}


def test_a_cell_is_told_as_a_kernel_tells_it():
    process = Process({"shown": [SHOWN], "reply": REPLY})
    kernel = _Bare(process.link, process, room=973)  # type: ignore[arg-type]
    identifier = kernel.execute("print('a')", user_expressions={"auc": "1"})
    assert process.asked() == {
        "do": "execute", "room": 973, "source": "print('a')", "silent": False, "store": True, "expressions": {"auc": "1"},
    }  # fmt: skip
    assert {message["parent_header"]["msg_id"] for message in kernel.iopub_channel.messages} == {identifier}
    assert told(kernel.iopub_channel) == [
        ("status", {"execution_state": "busy"}),
        ("execute_input", {"code": "print('a')", "execution_count": 4}),
        ("stream", SHOWN),
        ("status", {"execution_state": "idle"}),
    ]
    assert told(kernel.shell_channel) == [("execute_reply", REPLY)]
    with pytest.raises(queue.Empty):
        kernel.shell_channel.get_msg(timeout=60)


def test_what_is_asked_silently_leaves_no_trace():
    process = Process({"shown": [SHOWN], "reply": REPLY})
    kernel = _Bare(process.link, process, room=0)  # type: ignore[arg-type]
    kernel.execute("x", silent=True)
    assert process.asked() == {"do": "execute", "room": 0, "source": "x", "silent": True, "store": False, "expressions": {}}
    assert told(kernel.iopub_channel) == []
    assert told(kernel.shell_channel) == [("execute_reply", REPLY)]


def test_a_process_is_gone_though_what_it_left_keeps_its_link(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bare_client, "_LOOK", 0.01)
    process = Process(code=-9)
    with pytest.raises(DeadKernelError, match="the process is gone"):
        _Bare(process.link, process, room=0).execute("x")  # type: ignore[arg-type]


def test_a_process_that_takes_its_time_is_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bare_client, "_LOOK", 0.01)
    process = Process()
    looks: list[int] = []

    def poll() -> None:
        looks.append(1)
        if len(looks) == 3:
            talk.send(process.theirs, {"shown": [], "reply": REPLY})

    monkeypatch.setattr(process, "poll", poll)
    kernel = _Bare(process.link, process, room=0)  # type: ignore[arg-type]
    kernel.execute("x")
    assert len(looks) == 3


@pytest.mark.parametrize("problem", ["", "they leave a thread"])
def test_a_run_is_over_when_its_process_has_said_whether_it_was_fit(problem: str):
    process = Process({"problem": problem})
    client = client_of(process)
    with client.setup_kernel(**GIVEN):
        assert client.km.provisioner.pgid == process.pid
        assert client._language == {"name": "python"}
    assert (process.asked(), client._way.unfit, process.calls) == ({"do": "end"}, problem, [2.5])
    assert process.link.fileno() == -1


def test_a_run_that_is_broken_off_says_whether_it_was_fit():
    process = Process({"problem": "they leave a thread"})
    client = client_of(process)
    with pytest.raises(KeyError, match="over time"), client.setup_kernel(**GIVEN):
        raise KeyError("over time")
    assert client._way.unfit == "they leave a thread"


def test_a_process_that_dies_at_the_end_hides_no_error():
    process = Process(code=1)
    process.theirs.close()
    client = client_of(process)
    with pytest.raises(KeyError, match="over time"), client.setup_kernel(**GIVEN):
        raise KeyError("over time")
    assert client._way.unfit == ""


@pytest.mark.parametrize(("slow", "calls"), [(0, [2.5]), (1, [2.5, "terminate", 2.5]), (2, [2.5, "terminate", 2.5, "terminate"])])
def test_what_is_left_for_the_end_has_as_long_as_in_a_kernel(slow: int, calls: list[object]):
    process = Process({"problem": ""}, slow=slow)
    with client_of(process).setup_kernel(**GIVEN):
        pass
    assert process.calls == calls
