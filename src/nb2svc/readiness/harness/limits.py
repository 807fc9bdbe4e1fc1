"""A block that may not end: stopped after so many seconds, where the system can."""

from __future__ import annotations

import contextlib
import signal
from typing import Any, Iterator

# The system may tell a thread of a library in C, which Python may not look after, and an error may be lost in a callback of the
# garbage collector: a block that goes on is told again, so many seconds later.
_AGAIN = 1.0


@contextlib.contextmanager
def at_most(seconds: float, error: BaseException, *, processor: bool = False) -> Iterator[None]:
    """Raise `error` in the block after some seconds; of the processor's time where a busy machine is no fault of the block."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    timer, number = (signal.ITIMER_PROF, signal.SIGPROF) if processor else (signal.ITIMER_REAL, signal.SIGALRM)

    def stop(_number: int, _frame: Any) -> None:
        raise error

    before = signal.signal(number, stop)
    signal.setitimer(timer, seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(number, before)
