"""A forked process becomes a kernel, as if `python -m ipykernel_launcher` had been started in its place."""

from __future__ import annotations

import builtins
import ctypes
import importlib
import importlib.util
import os
import signal
import sys
from typing import Any, Dict, List, Tuple

# What tells how many threads OpenBLAS starts, the first that is set (driver/others/openblas_env.c).
_THREADS = ("OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS")
_PREFIXES = ("scipy_openblas_", "openblas_")
_SUFFIXES = ("64_", "_64", "")


def become(request: Any, server: Any, system: Any) -> None:
    """Be a kernel until it is told to end; `server` is the one that forked this process."""
    message = request.message
    begin_session(request, system)
    take_streams(request.descriptors)
    surround(message, server)
    os.environ["JPY_PARENT_PID"] = str(request.server)
    importlib.invalidate_caches()
    if server.space is None:
        seed()
    else:
        server.space.seed(seed)
    POOLS.set()
    app = _start(request.server, server)
    if server.space is None:
        # A request of its own would cost as much as a small cell.
        vars(builtins)["__nb2svc_known__"].start(app.kernel.shell, message["config"])
    app.start()
    server.side("leaving").leave(app, server.space.ends if server.space is not None else "")


def begin_session(request: Any, system: Any) -> None:
    """Be found by the group that its signals go to, and end with the process that forked this one."""
    os.setsid()
    system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != request.server:
        os._exit(1)


def surround(message: Dict[str, Any], server: Any) -> None:
    """Set what a process is given when it is started: environment, folder, arguments."""
    os.environ.clear()
    os.environ.update(message["env"])
    for name, value in server.imported.environment.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    os.chdir(message["cwd"])
    sys.argv = [_program(message["module"]), *message["argv"]]


def take_streams(descriptors: Any) -> None:
    """Have these two as standard output and error, and nothing to read."""
    output, error = descriptors
    # jupyter_client gives a kernel a pipe whose other end is closed.
    source, other = os.pipe()
    os.close(other)
    for ours, theirs in ((source, 0), (output, 1), (error, 2)):
        os.dup2(ours, theirs)
        os.close(ours)


def _program(module: str) -> str:
    found = importlib.util.find_spec(module + ".__main__" if module == "ipykernel" else module)
    return (found and found.origin) or module


def seed() -> None:
    """Draw other numbers than the process that this one was forked from."""
    # Python does this itself for `random`; all children would draw the same numbers from numpy.
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()


class Pools:
    """The copies of OpenBLAS that are loaded: what tells and sets the number of their threads."""

    def __init__(self) -> None:
        self._found: List[Tuple[Any, Any]] = []

    def find(self) -> None:
        """Before a fork: the table of all that is loaded is long."""
        libraries = [ctypes.CDLL(path) for path in _loaded("openblas")]
        found = [(_symbol(library, "get_num_procs"), _symbol(library, "set_num_threads")) for library in libraries]
        self._found = [pair for pair in found if None not in pair]

    def set(self) -> None:
        """Give them the threads that they would have started: they were loaded with one, so that none had to be forked."""
        asked = (os.environ.get(name, "") for name in _THREADS)
        wanted = next((int(text) for text in asked if text.strip().isdigit() and int(text) > 0), 0)
        for processors, set_threads in self._found:
            most = int(processors())
            set_threads(min(wanted or most, most))


POOLS = Pools()


def _loaded(name: str) -> Any:
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
        paths = {line.split(None, 5)[-1].strip() for line in file if name in line and ".so" in line}
    return sorted(path for path in paths if name in os.path.basename(path))


def _symbol(library: Any, name: str) -> Any:
    for prefix in _PREFIXES:
        for suffix in _SUFFIXES:
            found = getattr(library, prefix + name + suffix, None)
            if found is not None:
                return found
    return None


def _start(parent: int, server: Any) -> Any:
    from ipykernel.kernelapp import IPKernelApp

    space, imported = server.space, server.imported
    # Its default was read from the server's own environment.
    app: Any = IPKernelApp.instance(parent_handle=parent)
    if space is not None:
        app.kernel_class = _kernel_class(space)
    with server.side("streams").taken(imported.streams):
        _initialize(app, imported.modules)
    if space is not None:
        space.enter(app.kernel.shell)
    else:
        imported.filters.watch(app.kernel.shell)
    integrate_pyplot()
    register_widgets()
    return app


class _Sys:
    """`sys`, but for the modules."""

    def __init__(self, modules: Dict[str, Any]) -> None:
        self.modules = modules

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)


def _initialize(app: Any, modules: Dict[str, Any]) -> None:
    """Initialize a kernel that takes those modules for its own, as it does with all that are there when it begins.

    A look at each of the libraries' would copy the page that it is on.
    """
    from ipykernel import ipkernel

    seen = vars(ipkernel)
    seen["sys"] = _Sys(modules)
    try:
        app.initialize()
    finally:
        seen["sys"] = sys


def integrate_pyplot() -> None:
    """Have pyplot draw when a cell has ended, where it has looked for a shell before there was one.

    Newer ones look for it at the first figure: who has told pyplot otherwise before that would not be heard.
    """
    pyplot = sys.modules.get("matplotlib.pyplot")
    has_looked = getattr(getattr(pyplot, "_REPL_DISPLAYHOOK", None), "name", "") != "NONE"
    if pyplot is not None and has_looked and hasattr(pyplot, "install_repl_displayhook"):
        pyplot.install_repl_displayhook()


def register_widgets() -> None:
    """Have ipywidgets hear of widgets that are made by a page."""
    # It looks for the shell when it is imported.
    widgets = sys.modules.get("ipywidgets")
    if widgets is not None and hasattr(widgets, "_handle_ipython"):
        widgets._handle_ipython()


def _kernel_class(space: Any) -> Any:
    from ipykernel.ipkernel import IPythonKernel

    class Kernel(IPythonKernel):
        @classmethod
        def instance(cls, *arguments: Any, **named: Any) -> Any:
            named.update(user_ns=space.user_ns, user_module=space.user_module)
            return super().instance(*arguments, **named)

    return Kernel
