"""A cluster without Dask: workers come and go as a test says, and runs land when it says so."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nb2svc.validate.cluster.link import GoneError, Worker
from nb2svc.validate.cluster.roll import Asked, describe


@dataclass
class Sent:
    key: str
    worker: str
    content: bytes
    done: Callable[[Any], None]
    answer: bytes | Exception = b""
    cancelled: bool = False
    released: bool = False

    def result(self, timeout: float) -> bytes:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def cancel(self) -> None:
        self.cancelled = True

    def release(self) -> None:
        self.released = True

    def land(self, answer: bytes | Exception) -> None:
        self.answer = answer
        self.done(self)


@dataclass
class FakeLink:
    """As `Link`. `made` is what a worker answers to the question what it is made of, by address; others are like this machine."""

    found: dict[str, Worker] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    gone: bool = False
    closed: bool = False
    asked: list[str] = field(default_factory=list)
    executor: str = "dask://h:1"

    def add(self, address: str, threads: int = 1) -> None:
        self.found[address] = Worker(address=address, name=address, threads=threads, ready=True)

    def workers(self) -> dict[str, Worker]:
        self.check()
        return dict(self.found)

    def check(self) -> None:
        if self.gone:
            raise GoneError("the connection is closed")

    def ask(self, workers: Iterable[str], call: str, **named: object) -> Mapping[str, Any]:
        self.check()
        self.asked.append(call)
        if "session" in named:
            return dict.fromkeys(workers, 0)
        question = json.loads(str(named["asked"]))
        same = describe(Asked(kernel=question["kernel"], libraries=tuple(question["libraries"])))
        return {address: self.made.get(address, json.dumps(same)) for address in workers}

    def send(self, worker: str, content: bytes, *, call: str, key: str, done: Callable[[Any], None]) -> Sent:
        self.sent.append(Sent(key, worker, content, done))
        return self.sent[-1]

    def hear(self, topic: str, tell: Callable[[Mapping[str, Any]], None]) -> None:
        self.tell = tell

    def close(self) -> None:
        self.closed = True
