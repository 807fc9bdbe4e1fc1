"""The client of a run whose cells need no kernel: what a kernel would say is made of what a forked process tells (side/bare.py).

papermill and nbclient do with it what they do with any kernel's messages; there is no socket, no thread and no loop behind them.
"""

import queue
import select
import socket
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from subprocess import TimeoutExpired
from typing import Any

from nb2svc.validate.forking.host import Forked, ForkTroubleError
from nb2svc.validate.forking.side import talk
from nb2svc.validate.shared_client import SharedClient

# How long a kernel may take to end before it is told to, and then before it is killed; jupyter_client's.
_ENDING = 2.5
_LOOK = 1.0


class BareClient(SharedClient):
    """Where the process can't be had, or may have shown what a kernel would not, the run did not come to its end."""

    @contextmanager
    def setup_kernel(self, **given: Any) -> Iterator[None]:
        """Have the process as long as cells run."""
        from nbclient.exceptions import DeadKernelError

        try:
            streams = (given["stdout"], given["stderr"])
            kernel, link = self._way.fork_bare(self.session.run.kernel, given["env"], given["cwd"], streams)
        except ForkTroubleError as trouble:
            self._way.unfit = str(trouble)
            raise DeadKernelError(str(trouble)) from None
        assert self._told is not None
        self.km, self.kc = _Manager(kernel), _Bare(link, kernel, room=self._way.host.room)
        self._language = self._told.language
        with link:
            try:
                yield
            except DeadKernelError:
                raise
            except BaseException:
                with suppress(DeadKernelError):
                    self._way.unfit = self.kc.end()
                raise
            # Where it can't say so, nobody knows whether a kernel would have shown something else.
            self._way.unfit = self.kc.end()
        # What the notebook left to be done at its end has as long as in a kernel.
        for _ in range(2):
            with suppress(TimeoutExpired):
                kernel.wait(_ENDING)
                break
            kernel.terminate()


class _Manager:
    """What is asked of a kernel's manager: its process."""

    def __init__(self, kernel: Forked) -> None:
        self.provisioner = self
        self.pid = self.pgid = kernel.pid


class _Channel:
    """Messages that have come, and wait to be read."""

    def __init__(self) -> None:
        self.messages: deque[Mapping[str, Any]] = deque()

    def get_msg(self, timeout: float | None = None) -> Mapping[str, Any]:  # noqa: ARG002 - there is nothing to wait for
        """The next message.

        Raises:
            queue.Empty: there is none.
        """
        if not self.messages:
            raise queue.Empty
        return self.messages.popleft()


class _Bare:
    """What is asked of a kernel's client; a request is answered when it has been made."""

    def __init__(self, link: socket.socket, kernel: Forked, *, room: int) -> None:
        self.iopub_channel, self.shell_channel = _Channel(), _Channel()
        self.allow_stdin = False
        self._link = link
        self._kernel = kernel
        self._room = room

    def execute(
        self,
        code: str,
        *,
        silent: bool = False,
        store_history: bool = True,
        user_expressions: Mapping[str, str] | None = None,
        **_: Any,
    ) -> str:
        """Run a cell; the number of the request."""
        asked = {"source": code, "silent": silent, "store": store_history and not silent, "expressions": user_expressions or {}}
        found = self._answer({"do": "execute", "room": self._room, **asked})
        identifier, reply = uuid.uuid4().hex, found["reply"]
        count = {"execution_count": reply["execution_count"]}
        if not silent:
            self._tell(self.iopub_channel, identifier, "status", {"execution_state": "busy"})
            self._tell(self.iopub_channel, identifier, "execute_input", {"code": code, **count})
            for shown in found["shown"]:
                self._tell(self.iopub_channel, identifier, shown["output_type"], shown)
            self._tell(self.iopub_channel, identifier, "status", {"execution_state": "idle"})
        self._tell(self.shell_channel, identifier, "execute_reply", reply)
        return identifier

    def is_alive(self) -> bool:
        """Whether the process is there."""
        return self._kernel.poll() is None

    def end(self) -> str:
        """The run is over; why it is to be made again by a kernel, "" where it is not."""
        return str(self._answer({"do": "end"})["problem"])

    def _answer(self, message: dict[str, Any]) -> dict[str, Any]:
        from nbclient.exceptions import DeadKernelError

        with suppress(OSError):
            talk.send(self._link, message)
            # A process that was killed may have left one that keeps its side of the link.
            while not select.select([self._link], [], [], _LOOK)[0]:
                if not self.is_alive():
                    raise DeadKernelError("the process is gone")
            received = talk.receive(self._link)
            if received is not None:
                return received[0]
        raise DeadKernelError("the process is gone")

    @staticmethod
    def _tell(channel: _Channel, identifier: str, kind: str, content: Mapping[str, Any]) -> None:
        head = {"date": datetime.now(UTC), "msg_type": kind}
        parent = {"msg_id": identifier}
        channel.messages.append({"header": head, "parent_header": parent, "msg_type": kind, "metadata": {}, "content": content})
