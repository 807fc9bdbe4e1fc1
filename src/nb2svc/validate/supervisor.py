"""Two processes that let nothing of a command live on: run as a script, with a socket from the driver, before any kernel starts.

    python supervisor.py DESCRIPTOR COMMAND…        driver ── socket ──▸ outer ── pipe ──▸ inner ──▸ the command

On Linux whatever loses its parent below here becomes a child of the inner one, also what left its session and its environment, so
that it can be found and killed when the driver is gone (the socket ends) or the command has ended, by whatever means. Were the
inner one killed itself, the outer one gets what was below it; were the outer one killed or stopped, the inner one sees to all. It
goes by a name of its own, for `pkill -9 python` and `pkill -9 -f nb2svc` hit all others at once. They import next to nothing:
they stay as long as the command does, and the driver sees on the socket when both are gone.
"""

import ctypes
import os
import select
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from nb2svc.system.descendants import PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG, descendants, prctl

# So many bytes of a process's short name are kept.
_SHORT = 15
_QUIET = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: list[str]) -> int:
    """Run the command until it ends or the socket does; its exit code, or 137 where it was killed with the driver."""
    lifeline, command = int(arguments[0]), arguments[1:]
    os.set_inheritable(lifeline, False)
    # Whoever means the driver may hit its whole group.
    for number in _QUIET:
        signal.signal(number, signal.SIG_IGN)
    outer, (ours, theirs) = os.getpid(), os.pipe()

    def inner() -> int:
        os.close(theirs)
        os.setsid()
        _rename(b"ends what a run leaves")
        here = os.getpid()
        code = _supervise(lambda: _execute(command, parent=here), lifeline, ours)
        if os.getppid() == outer and select.select([lifeline], [], [], 0)[0]:
            # It has not ended this process: it was stopped.
            os.kill(outer, signal.SIGKILL)
        return code

    return _supervise(inner, lifeline)


def _supervise(run: Callable[[], int], *lifelines: int) -> int:
    """Have a child run until it ends or a lifeline does, and end all below here; the child's exit code, or 137."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    awake, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    child = _start(run)
    _let_go_of_streams()
    code = None
    while code is None:
        ready, _, _ = select.select([*lifelines, awake], [], [])
        if awake in ready:
            with suppress(BlockingIOError):
                os.read(awake, 4096)
            code = _reap(child)
        if code is None and any(not os.read(lifeline, 4096) for lifeline in lifelines if lifeline in ready):
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


def _start(run: Callable[[], int]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 127
    try:
        code = run()
    finally:
        os._exit(code)


def _execute(command: list[str], *, parent: int) -> int:
    for number in (*_QUIET, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    # Were its parent killed, the command would go on until the outer one has noticed.
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == parent:
        os.execvp(command[0], command)
    return 127


def _rename(name: bytes) -> None:
    """Have this process be listed by that name instead of its command (Linux only)."""
    with suppress(OSError, ValueError, IndexError):
        Path("/proc/self/comm").write_bytes(name[:_SHORT])
        begin, end = map(int, Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()[45:47])
        if end > begin > 0:
            ctypes.memmove(begin, name[: end - begin - 1].ljust(end - begin, b"\0"), end - begin)


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
