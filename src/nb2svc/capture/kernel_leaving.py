"""What runs in the author's kernel when it ends: what it leaves to its end is done, and is not cut off.

Like the recorder it is sent to the kernel as text, imports the standard library only, and runs on Python 3.9.
"""

from __future__ import annotations

import atexit
import sys
from typing import Any

_PATIENCE = 2.0


def start() -> None:
    """Have it be first of what is done at the end, or nearly."""
    atexit.register(_let_control_end)


def _let_control_end() -> None:
    """Wait until the thread is done that was told to shut down: it flushes streams yet, whose own thread must not end before.

    ipykernel does not wait; each then waits for the other, until the process is killed, and files that were not flushed are lost.
    """
    app: Any = getattr(sys.modules.get("ipykernel.kernelapp"), "IPKernelApp", None)
    thread = getattr(getattr(app, "_instance", None), "control_thread", None)
    if thread is not None and thread.is_alive():
        thread.join(_PATIENCE)
