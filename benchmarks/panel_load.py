"""Many who ask one server at once: how long each waits."""

import asyncio
import json
import os
import random
import statistics
import time
import uuid
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError

from browser.jupyter_lab import TOKEN, Lab

OPEN = 50
QUICK = 10
# Seconds: between two questions of a quick client, and of an open notebook.
PACE = 0.3
NOW_AND_THEN = 20.0
LASTING = 30.0


@dataclass(slots=True, kw_only=True)
class Client:
    """One notebook that asks: for each question the seconds until it, or a later one, was answered."""

    name: str
    path: str
    content: dict[str, Any]
    waits: list[float] = field(default_factory=list)
    dropped: int = 0
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    pending: list[float] = field(default_factory=list)

    async def ask(self, lab: Lab) -> None:
        """Change the notebook, and ask."""
        asked = time.monotonic()
        self.pending.append(asked)
        last = self.content["cells"][-1]
        last["source"] = f"{last['source'].splitlines()[0]}\n# {asked}\nmae = 1"
        question = {"path": self.path, "content": self.content, "client": self.key}
        headers = {"Authorization": f"token {TOKEN}"}
        address = f"{lab.url}/nb2svc/analyze"
        try:
            await AsyncHTTPClient().fetch(address, method="POST", body=json.dumps(question), headers=headers, request_timeout=120)
        except HTTPClientError as error:
            if error.code != 409:
                raise
            self.dropped += 1
            return
        now = time.monotonic()
        self.waits += [now - each for each in self.pending if each <= asked]
        self.pending = [each for each in self.pending if each > asked]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What all of them waited, and what the analyses took of the cores."""

    alone: list[float]
    quick: list[Client]
    calm: list[Client]
    cpu: float
    seconds: float


def loaded(lab: Lab, *, notebook: bytes) -> Loaded:
    """Ask for half a minute."""
    AsyncHTTPClient.configure(None, max_clients=200)
    return asyncio.run(_loaded(lab, notebook))


async def _loaded(lab: Lab, notebook: bytes) -> Loaded:
    single, *quick = (_client(f"quick {number}", notebook) for number in range(QUICK + 1))
    calm = [_client(f"open {number}", notebook) for number in range(OPEN)]
    for _ in range(10):
        await single.ask(lab)
    begun, used = time.monotonic(), _used()
    end = begun + LASTING
    typing = [_asking(lab, each, end, at_first=0.0, pause=PACE) for each in quick]
    looking = [_asking(lab, each, end, at_first=0.0, pause=NOW_AND_THEN) for each in calm]
    await asyncio.gather(*typing, *looking)
    return Loaded(alone=single.waits[2:], quick=quick, calm=calm, cpu=_used() - used, seconds=time.monotonic() - begun)


def _client(name: str, notebook: bytes) -> Client:
    return Client(name=name, path=f"{name}.ipynb", content=json.loads(notebook))


async def _asking(lab: Lab, client: Client, end: float, *, at_first: float, pause: float) -> None:
    """Ask again and again, whether there was an answer or not."""
    await asyncio.sleep(at_first)
    asked: list[Awaitable[None]] = []
    while time.monotonic() < end:
        asked.append(asyncio.ensure_future(client.ask(lab)))
        await asyncio.sleep(pause * random.uniform(0.7, 1.3))
    await asyncio.gather(*asked)


def _used() -> float:
    """The seconds of processor time of the processes that analyse."""
    total = 0.0
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if b"nb2svc_jupyter.server.worker" in (place / "cmdline").read_bytes():
                fields = (place / "stat").read_text().rpartition(")")[2].split()
                total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            continue
    return total


def print_loaded(measured: Loaded) -> None:
    """A row for each quick client, and one for all open notebooks."""
    print(f"\nOne server, {OPEN} open notebooks and {QUICK} quick clients of 100 cells each, in ms until an answer came")
    print(f"{'':>14} {'median':>7} {'95 %':>7} {'worst':>7} {'asked':>6} {'dropped':>8}")
    _print_row("one, alone", measured.alone, 0)
    for each in measured.quick:
        _print_row(each.name, each.waits, each.dropped)
    _print_row(
        "all quick", [wait for each in measured.quick for wait in each.waits], sum(each.dropped for each in measured.quick)
    )
    _print_row("all open", [wait for each in measured.calm for wait in each.waits], sum(each.dropped for each in measured.calm))
    later = [wait for each in measured.calm for wait in each.waits[1:]]
    _print_row("but the first", later, 0)
    print(f"the analyses took {measured.cpu:.0f} s of processor time in {measured.seconds:.0f} s")


def _print_row(name: str, waits: list[float], dropped: int) -> None:
    ordered = sorted(wait * 1000 for wait in waits)
    at_95 = ordered[int(len(ordered) * 0.95)]
    print(f"{name:>14} {statistics.median(ordered):>7.0f} {at_95:>7.0f} {ordered[-1]:>7.0f} {len(ordered):>6} {dropped:>8}")
