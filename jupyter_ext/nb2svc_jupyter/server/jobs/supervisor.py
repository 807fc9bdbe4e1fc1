"""One job's process, and the end of all that it started: whatever ends the job, the server's death included.

    python -m nb2svc_jupyter.server.jobs.supervisor SECONDS MEMORY COMMAND…

Standard input is a pipe from the server, whose closing asks for the end: it closes in whatever way the server ends. Kernels and
services leave the group of their parent, and may outlive it; then they become children of this process, which is why it can end
them. The exit code is the command's, or `OVER_TIME`.
"""

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress

from nb2svc.system.descendants import PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG, descendants, prctl

OVER_TIME = 124
# How long each way of asking may take.
_CHAIN = ((signal.SIGINT, 8.0), (signal.SIGTERM, 4.0), (signal.SIGKILL, 10.0))
_PAUSE = 0.05


def main() -> int:
    """Run the command to its end."""
    seconds, memory, command = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    # Ctrl-C in the server's terminal is for the server, which then closes our input.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    parent = os.getpid()
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: _prepare(parent, memory),  # noqa: PLW1509 - there is one thread here
    )
    over_time = not _ended_by_itself(child, time.monotonic() + seconds)
    _end(child)
    _end_strays(child.pid)
    return OVER_TIME if over_time else child.returncode if child.returncode >= 0 else 128 - child.returncode


def _prepare(parent: int, memory: int) -> None:
    """In the child: signals as usual, its death with ours, its memory limited."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(128 + signal.SIGKILL)
    if memory:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _ended_by_itself(child: "subprocess.Popen[bytes]", deadline: float) -> bool:
    """Wait until the command ends, or somebody asks for it; False where the time was over first."""
    while child.poll() is None:
        if time.monotonic() > deadline:
            return False
        asked, _, _ = select.select([sys.stdin], [], [], _PAUSE)
        if asked:
            return True
    return True


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Politely first: what nb2svc started it ends itself, and what it staged it removes."""
    for number, patience in _CHAIN:
        if child.poll() is not None:
            return
        with suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        deadline = time.monotonic() + patience
        while child.poll() is None and time.monotonic() < deadline:
            time.sleep(_PAUSE)


def _end_strays(group: int) -> None:
    """Kill whatever the command left, wherever it moved."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
    deadline = time.monotonic() + 10.0
    while (left := descendants(os.getpid())) and time.monotonic() < deadline:
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass
        time.sleep(_PAUSE)


if __name__ == "__main__":
    sys.exit(main())
