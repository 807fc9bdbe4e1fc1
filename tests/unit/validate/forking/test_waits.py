"""What forked processes wait for, in real ones: some hang as libraries do that do not bear a fork, others wait as any cell may."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from nb2svc.validate.forking.waits import threads_of, waiting, wakings
from watched_processes import eventually

pytestmark = [pytest.mark.kernel, pytest.mark.skipif(sys.platform != "linux", reason="it is read in /proc")]

# A process with a pool of OpenMP, and a lock that a thread holds, which forks a child for each case.
_SOURCE = """
import ctypes, json, multiprocessing, os, queue, select, signal, socket, subprocess, sys, threading, time
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

rows = np.random.default_rng(0).normal(size=(400, 4))
held, taken = threading.Lock(), threading.Event()
pairs = [socket.socketpair() for _ in range(3)]
near = [pair[0] for pair in pairs]
reading, writing = os.pipe()

def fit():
    HistGradientBoostingClassifier(max_iter=2).fit(rows, rows[:, 0] > 0)

def hold():
    with held:
        taken.set()
        time.sleep(60)

def joined(target, *arguments):
    thread = threading.Thread(target=target, args=arguments)
    thread.start()
    thread.join()

def waits(before):
    while True:
        threading.Event().wait(before)

def shared():
    event = multiprocessing.Event()
    multiprocessing.Process(target=time.sleep, args=(60,)).start()
    event.wait()

cases = {
    "openmp": fit,
    "lock": held.acquire,
    "lock beside a pool": lambda: (threading.Thread(target=threading.Event().wait, daemon=True).start(), held.acquire()),
    "sleep": lambda: time.sleep(60),
    "socket": lambda: near[0].recv(1),
    "socket with a limit": lambda: (near[1].settimeout(60), near[1].recv(1)),
    "pipe": lambda: os.read(reading, 1),
    "command": lambda: subprocess.run(["sleep", "60"]),
    "lock with a limit": lambda: queue.Queue().get(timeout=60),
    "lock again and again": lambda: waits(0.2),
    "thread that sleeps": lambda: joined(time.sleep, 60),
    "thread that reads": lambda: joined(near[2].recv, 1),
    "lock of another process": shared,
    "lock of the interpreter": lambda: joined(ctypes.PyDLL(None).sleep, 60),
    "events": lambda: select.epoll().poll(60),
    "stopped": lambda: os.kill(os.getpid(), signal.SIGSTOP),
}
with threadpool_limits(2):
    fit()
threading.Thread(target=hold, daemon=True).start()
taken.wait()

def forked(case):
    pid = os.fork()
    if not pid:
        os.setsid()
        case()
        os._exit(0)
    return pid

pids = {name: forked(case) for name, case in cases.items()}
# What the pool left behind makes a fork hang, and one in ten crash: it is about one that hangs.
time.sleep(0.5)
while os.waitpid(pids["openmp"], os.WNOHANG)[0]:
    pids["openmp"] = forked(fit)
    time.sleep(0.5)
print(json.dumps(pids), flush=True)
sys.stdin.read()
for pid in pids.values():
    os.killpg(pid, signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def processes() -> Iterator[dict[str, int]]:
    environment = {**os.environ, "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "1"}
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", _SOURCE], stdin=pipe, stdout=pipe, text=True, env=environment)
    try:
        assert process.stdout is not None
        pids = json.loads(process.stdout.readline())
        # What still runs is on its way to its wait.
        time.sleep(1)
        yield pids
    finally:
        process.communicate(timeout=30)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("openmp", "lost"),
        ("lock", "lost"),
        ("lock beside a pool", "lost"),
        ("lock of the interpreter", "lost"),
        ("lock again and again", "doubtful"),
        ("thread that sleeps", "doubtful"),
        ("thread that reads", "doubtful"),
        ("lock of another process", "doubtful"),
        ("sleep", "outside"),
        ("socket", "outside"),
        ("socket with a limit", "outside"),
        ("pipe", "outside"),
        ("command", "outside"),
        ("events", "outside"),
        ("lock with a limit", "outside"),
        ("stopped", "outside"),
    ],
)
def test_a_hang_is_told_from_a_wait(processes: dict[str, int], name: str, found: str):
    pid = processes[name]

    def told() -> str:
        before, begin = wakings(pid), time.monotonic()
        time.sleep(0.25)
        return waiting(pid, own=(), rests=False, woken=(wakings(pid) - before) / (time.monotonic() - begin))

    assert eventually(lambda: told() == found, seconds=10), told()


def test_a_kernel_that_was_not_heard_to_begin_does_not_wait_for_events(processes: dict[str, int]):
    assert waiting(processes["events"], own=(), rests=True, woken=0) == "lost"
    assert waiting(processes["sleep"], own=(), rests=True, woken=0) == "outside"


def test_threads_that_a_kernel_had_before_are_not_asked(processes: dict[str, int]):
    pid = processes["thread that sleeps"]
    assert eventually(lambda: len(threads_of(pid)) == 2)
    assert waiting(pid, own=threads_of(pid), rests=False, woken=0) == "lost"


def test_where_nothing_can_be_told_it_counts_as_a_hang(monkeypatch: pytest.MonkeyPatch, processes: dict[str, int]):
    assert waiting(processes["sleep"], own=(), rests=False, woken=0) == "outside"
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert waiting(processes["sleep"], own=(), rests=False, woken=0) == "lost"
    assert waiting(1 << 30, own=(), rests=False, woken=0) == "lost"
