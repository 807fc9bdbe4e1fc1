"""A process that lets nothing of its command live on: run as a script, with a pipe from the driver, before any kernel starts.

    python supervisor.py DESCRIPTOR COMMAND…

On Linux whatever loses its parent below here becomes a child of this process, also what left its session, so that it can be found
and killed when the driver is gone (the pipe ends) or the command has ended, by whatever means. It imports next to nothing: it
stays as long as the command does.
"""

import os
import select
import signal
import sys
from contextlib import suppress

from nb2svc.system.descendants import PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG, descendants, prctl


def main(arguments: list[str]) -> int:
    """Run the command until it ends or the pipe does; its exit code, or 137 where it was killed with the driver."""
    lifeline, command = int(arguments[0]), arguments[1:]
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    awake, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    # Whoever means the driver may hit its whole group.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    child = _start(command, parent=os.getpid())
    _let_go_of_streams()
    code = None
    while code is None:
        ready, _, _ = select.select([lifeline, awake], [], [])
        if awake in ready:
            with suppress(BlockingIOError):
                os.read(awake, 4096)
            code = _reap(child)
        if lifeline in ready and code is None and not os.read(lifeline, 4096):
            code = 137
            end_descendants(child)
    end_descendants()
    return code


def end_descendants(*known: int) -> None:
    """Kill all that is below this process, until nothing is; `known` are children where nobody can look."""
    while True:
        for pid in {*known, *descendants(os.getpid())}:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        try:
            # Each that dies may leave us its children.
            ended, _ = os.waitpid(-1, 0)
            known = tuple(pid for pid in known if pid != ended)
        except ChildProcessError:
            return


def _start(command: list[str], *, parent: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        # Were this process killed, its command would go on without anybody.
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == parent:
            os.execvp(command[0], command)
    finally:
        os._exit(127)


def _reap(child: int) -> int | None:
    """The command's exit code where it has ended; others that ended are taken note of."""
    code = None
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            if pid == child:
                code = os.waitstatus_to_exitcode(status)
                code = code if code >= 0 else 128 - code
    return code


def _let_go_of_streams() -> None:
    """The command talks to the driver, which must see its end."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nothing, stream)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
