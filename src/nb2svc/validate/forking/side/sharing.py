"""A forked process runs the cells that many runs share, and is then one that their kernels are forked from.

It runs them in a plain shell of IPython, which needs no thread and no socket: a live kernel can't be forked. What a kernel that
is forked later must find is carried over: the namespace, what cells registered with the shell, inputs and outputs by their
numbers, where code stands for tracebacks, and the states of generators. What can't be is a problem, and nothing is shared.
"""

from __future__ import annotations

import atexit
import builtins
import contextlib
import gc
import glob
import json
import os
import random
import signal
import sys
import time
import types
import warnings
from typing import Any, Callable, Dict, List

_INLINE = "module://matplotlib_inline.backend_inline"


class Shared:
    """What a kernel finds that is forked after the cells: the `space` of a server (becoming.py), or a process without one."""

    def __init__(self, shell: Any, seeded: List[str], contents: Any, capture: Any, hidden: Any) -> None:
        self.shell = shell
        self.capture = capture
        self.contents = contents
        self.user_ns = shell.user_ns
        self.user_module = shell.user_module
        self.own: Dict[str, List[Any]] = {name: list(found) for name, found in shell.events.callbacks.items()}
        self.transformers = list(shell.ast_transformers)
        self.seeded = seeded
        self.random_state: Any = None
        self.filters: List[Any] = []
        self.injected = 0
        self.hidden = hidden
        # What they made whose end could be noticed: a kernel that goes on after them ends it.
        self.ends = ""

    def settle(self, injected: int) -> None:
        """The cells have run; the number of the parameters' cell among them, 0 where it is not."""
        self.random_state = random.getstate()
        self.filters = list(warnings.filters)
        self.injected = injected
        type(self.shell).clear_instance()
        # When a kernel ends it would empty the namespace that is its own now.
        atexit.unregister(self.shell.atexit_operations)

    def why_not(self, result: Any, guard: Any) -> str:
        """Why the cell that has just run can't be shared; "" where it can."""
        if not result.success:
            name = self.hidden.named(str(result.error_before_exec or result.error_in_exec))
            return "reads %s, which tells the runs apart" % name if name else "fails, and each run tells that itself"
        name = self.hidden.found()
        if name:
            return "sets %s, which tells the runs apart" % name
        drawn = guard.drawn()
        return "draws at random without a seed (%s)" % drawn if drawn else ""

    def seed(self, anew: Callable[[], None]) -> None:
        """Each kernel draws other numbers, unless the cells have seeded the generator."""
        if "numpy.random" not in self.seeded:
            anew()

    def resume(self) -> None:
        """In a process without a kernel: the cells' shell is the shell again."""
        for kind in type(self.shell)._walk_mro():
            kind._instance = self.shell
        atexit.register(self.shell.atexit_operations)

    def enter(self, shell: Any) -> None:
        """Carry over to a kernel's shell what the cells left in theirs."""
        for name, callbacks in self.shell.events.callbacks.items():
            shell.events.callbacks[name].extend(each for each in callbacks if each not in self.own[name])
        shell.ast_transformers.extend(each for each in self.shell.ast_transformers if each not in self.transformers)
        shell.display_formatter = self.shell.display_formatter
        shell.compile = self.shell.compile
        shell.execution_count = self.shell.execution_count
        here, there = shell.history_manager, self.shell.history_manager
        here.input_hist_parsed[:] = there.input_hist_parsed
        here.input_hist_raw[:] = there.input_hist_raw
        here.output_hist.update(there.output_hist)
        for name in ("_", "__", "___"):
            setattr(shell.displayhook, name, self.user_ns.get(name, ""))
        inline = sys.modules.get("matplotlib_inline.config")
        if inline is not None and inline.InlineBackend.initialized():
            inline.InlineBackend.instance().shell = shell
        warnings.filters[:] = self.filters  # type: ignore[index]
        warnings._filters_mutated()  # type: ignore[attr-defined]

    def adopt(self, asked: str) -> str:
        """In the kernel, when it is ready: set what the run's parameters say. What the namespace held before, if asked."""
        asked_ = json.loads(asked)
        recorder, shell = vars(builtins)["__nb2svc__"], sys.modules["IPython"].get_ipython()
        contents = self.contents.of(self.user_ns) if asked_["compares"] else {}
        recorder._shell = recorder.assertions._shell = shell
        recorder._folder = asked_["folder"]
        os.makedirs(os.path.join(recorder._folder, "kept"), mode=0o700, exist_ok=True)
        recorder.opened.never.add(os.path.realpath(recorder._folder))
        self.hidden.end()
        exec(compile(asked_["source"], "<parameters>", "exec"), self.user_ns)  # noqa: S102 - the parameters of the run
        if self.injected:
            history = shell.history_manager
            history.input_hist_parsed[self.injected] = history.input_hist_raw[self.injected] = asked_["shown"]
            self.user_ns["_i%d" % self.injected] = asked_["shown"]
        _recall_inputs(shell.history_manager)
        if "random" in self.seeded:
            # Starting the kernel has drawn from it.
            random.setstate(self.random_state)
        recorder.opened.watching = True
        return json.dumps(contents)


def warmed(request: Any, server: Any, system: Any, make: Any) -> Any:
    """Run the cells, tell what they showed, and be the server that `make` makes; never returns where they can't be shared.

    `server` is the one that forked this process.
    """
    message = request.message
    system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL)
    # What a cell leaves behind is seen.
    system.prctl(system.PR_SET_CHILD_SUBREAPER, 1)
    if os.getppid() != request.server:
        os._exit(1)
    link = sys.modules["socket"].socket(fileno=request.descriptors[0])
    talk = server.talk
    problem, cell, shared, told = "", "", None, {}
    try:
        shared, told = _run(message, server, system)
    except Unshareable as error:
        problem, cell = str(error), error.cell
    except BaseException as error:
        problem = "they can't be run outside of a kernel (%s: %s)" % (type(error).__name__, str(error)[:200])
    talk.send(link, {"problem": problem, "cell": cell} if problem else {"shared": told})
    if problem:
        os._exit(0)
    made = make(link, shared)
    made.imported = server.imported
    return made


class Unshareable(Exception):
    """The cells were run, and must not be shared: the message says why, and `cell` which can't be (""; that is not known)."""

    def __init__(self, why: str, cell: str = "") -> None:
        super().__init__(why)
        self.cell = cell


def _run(message: Dict[str, Any], server: Any, system: Any) -> Any:
    loading, becoming = server.side("loading"), server.side("becoming")
    becoming.surround(message, server)
    becoming.POOLS.set()
    begin = time.monotonic()
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()
    _refuse_configured()
    capturing = server.side("capturing")
    capture = capturing.Capture(server.imported.streams)
    shell = _shell(capture, capturing)
    hiding = server.side("hiding")
    # Nothing is hidden above the cell of parameters.
    shared = Shared(shell, message["seeded"], server.side("contents").Contents(), capture, hiding.Hidden({}, []))
    # Kernels get it with all that transforms cells.
    server.imported.filters.watch(shell)
    becoming.integrate_pyplot()
    recorder = _start_recording(shell, message)
    environment = dict(os.environ)
    guard = server.side("guarding").Guard(loading, system, message)
    injected, cells = 0, []
    with capture:
        for cell in message["cells"]:
            number = shell.execution_count
            if cell["injected"]:
                injected = number
            if cell["check"]:
                recorder.assertions.begin()
            result = shell.run_cell(cell["source"], store_history=True)
            why = shared.why_not(result, guard)
            if why:
                raise Unshareable("%s %s" % (cell["title"], why), cell["id"])
            if cell["injected"]:
                shared.hidden = hiding.Hidden(shell.user_ns, message["hidden"])
            metrics = json.loads(recorder.measure(cell["metrics"])) if cell["metrics"] else {}
            cells.append({"id": cell["id"], "count": number, "outputs": capture.taken(), "metrics": metrics})
    guard.end(shell.user_ns)
    problem = guard.problem(recorder, capture)
    if problem:
        raise Unshareable(problem)
    names = {name for name in {*environment, *os.environ} if environment.get(name) != os.environ.get(name)}
    server.imported.environment.update({name: os.environ.get(name) for name in names})
    recorder.opened.watching = False
    recorder.shared = shared
    shared.settle(injected)
    told = {"cells": cells, "seconds": time.monotonic() - begin, "contents": {}, "language": _language()}
    # As the server does: kernels would copy all pages to look at them.
    gc.collect()
    shared.ends = server.side("leaving").noticed(gc.get_objects(), [])
    gc.freeze()
    becoming.POOLS.find()
    told["contents"] = shared.contents.learned(shared.user_ns)
    return shared, told


def _shell(capture: Any, capturing: Any) -> Any:
    from ipykernel.compiler import XCachingCompiler
    from ipykernel.zmqshell import ZMQInteractiveShell
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.core.shellapp import InteractiveShellApp
    from traitlets import Type
    from traitlets.config import Config

    hook, publisher = capturing.classes(capture)
    zmq_shell: Any = ZMQInteractiveShell
    base: Any = InteractiveShell
    add_cwd: Any = InteractiveShellApp.init_path
    add_cwd(types.SimpleNamespace(ignore_cwd=False))
    os.environ["MPLBACKEND"] = os.environ.get("MPLBACKEND") or _INLINE

    class Shell(base):  # type: ignore[misc]
        compiler_class = Type(XCachingCompiler)
        displayhook_class = Type(hook)
        display_pub_class = Type(publisher)

        def init_environment(self) -> None:
            zmq_shell.init_environment(self)

        def run_cell(self, raw_cell: str, *arguments: Any, **named: Any) -> Any:
            # A kernel looks first whether a cell waits for something; the compiler warns at each look.
            with contextlib.suppress(Exception):
                self.should_run_async(raw_cell, transformed_cell=self.transform_cell(raw_cell))
            return super().run_cell(raw_cell, *arguments, **named)

        def enable_gui(self, gui: Any = None) -> None:
            if gui is not None:
                capture.refused = "they ask for the loop of a window (%s)" % gui

        @property
        def kernel(self) -> Any:
            # A library may ask whether it is there.
            capture.refused = "they ask for the kernel"
            raise AttributeError("kernel")

        last_traceback: Any = None

        def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
            self.last_traceback = stb
            capture.fail(etype.__name__, evalue, stb)

    # Some libraries tell by the name where they are.
    Shell.__name__, Shell.__qualname__, Shell.__module__ = zmq_shell.__name__, zmq_shell.__qualname__, zmq_shell.__module__
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    return Shell.instance(config=config)


def _language() -> Dict[str, Any]:
    from ipykernel.ipkernel import IPythonKernel

    return dict(IPythonKernel.language_info)


def _start_recording(shell: Any, message: Dict[str, Any]) -> Any:
    vars(builtins)["__nb2svc_known__"].start(shell, message["config"])
    return vars(builtins)["__nb2svc__"]


def _refuse_configured() -> None:
    """What a person configured is run by each kernel when it starts: after the shared cells it would come too late."""
    from IPython.paths import get_ipython_dir

    folder = os.path.join(get_ipython_dir(), "profile_default")
    patterns = ("startup/*.py", "startup/*.ipy", "ipython_config.*", "ipython_kernel_config.*")
    if os.environ.get("PYTHONSTARTUP") or any(glob.glob(os.path.join(folder, pattern)) for pattern in patterns):
        raise Unshareable("IPython has a configuration of the user's own, which each kernel runs when it starts")


def _recall_inputs(history: Any) -> None:
    """`_i` and its like in the next cell are the inputs before it."""
    raw = ["", "", "", "", *history.input_hist_raw[1:]]
    history._i00, history._i, history._ii, history._iii = raw[-1], raw[-2], raw[-3], raw[-4]
