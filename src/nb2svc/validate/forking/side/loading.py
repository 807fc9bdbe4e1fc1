"""Imports what a notebook imports, and tells what then keeps this process from being forked: a thread, an open file, what it saw.

A library that is imported here must be to a kernel as if its own cell had imported it. So it is watched: what it starts, prints,
opens and asks for. The first that is not as it should be is told, and this process is then of no use.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import importlib
import importlib.util
import logging
import os
import random
import site
import sys
import sysconfig
import threading
import types
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Set, Tuple

_KERNEL = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger")
# What a kernel imports when it starts and runs its first cell, as far as its version has it.
_AT_START = (
    *("IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger", "IPython.core.oinspect"),
    *("IPython.extensions.storemagic", "IPython.utils.wildcard", "sqlite3", "tornado.platform.asyncio"),
)
# Parts of libraries that these import when they are first used, and that bring nothing but themselves.
_LATER = {
    "pandas": ("io.formats.html", "io.formats.string"),
    "narwhals": ("_interchange.dataframe", "_pandas_like.dataframe", "_pandas_like.namespace", "plugins", "stable.v2._namespace"),
}
# What nearly all that a module holds is of.
_DRAW_NOT = frozenset((type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType, str, int, float, tuple, list, dict))
_SITES = ("site-packages", "dist-packages")
# These ask for their shell when they are imported. The first are told again when there is one (becoming.py), the others only
# want to know whether it is a kernel's.
_ASK_AGAIN = ("matplotlib", "matplotlib_inline", "ipywidgets")
_ASK_WHETHER = ("pandas.core.config_init",)


class Imported:
    """What imports changed that a kernel sets anew: variables of the environment (None: taken away), filters of warnings.

    `modules` are what a kernel has loaded when it starts, `streams` what imports saw as `sys.stdout` and `sys.stderr`.
    """

    def __init__(self, filters: Any, streams: Any) -> None:
        self.environment: Dict[str, Optional[str]] = {}
        self.modules: Dict[str, Any] = {}
        self.sides = filters, streams
        self.filters: Any = None
        self.streams: Dict[str, Any] = {}

    def begin(self) -> None:
        """The kernel's own modules are imported, the notebook's libraries are not."""
        filters, streams = self.sides
        self.filters, self.streams = filters.Filters(), streams.make()


def load(message: Dict[str, Any], imported: Imported, look_up: Callable[[], None]) -> Dict[str, Any]:
    """Import in order, down to the first that is the author's own; the problem names the import that it came with ("": none).

    `look_up` is called when all is imported, with the search path that a kernel has.
    """
    loaded: List[str] = []
    before = dict(os.environ)
    watch = _Watch(message["threads"], message["denied"])
    try:
        with watch.output():
            for name in _KERNEL:
                importlib.import_module(name)
            _import_known(_AT_START)
            imported.modules = dict(sys.modules)
            # What debugpy warns of is told in no cell.
            watch.forget_output()
            imported.begin()
            problem = watch.problem()
            if problem:
                return {"loaded": [], "problem": {"import": "", "why": "ipykernel, " + problem}}
            with _as_in_a_kernel(watch, imported.streams):
                for name, source in message["imports"]:
                    owner = _owner(name)
                    if owner == "author":
                        break
                    if owner == "python":
                        imported.filters.know(name)
                    elif name not in message["left_out"]:
                        settings = _settings()
                        failed = _attempt(source)
                        problem = watch.problem() if watch.asked else failed or watch.problem()
                        problem = problem or _changed(settings, noted=imported.filters.note(name, source))
                        if problem:
                            return {"loaded": loaded, "problem": {"import": name, "why": problem}}
                        loaded.append(name)
                for name, parts in _LATER.items():
                    if name in sys.modules and name not in message["left_out"]:
                        _import_known("%s.%s" % (name, part) for part in parts)
                problem = watch.problem()
                if problem:
                    return {"loaded": loaded, "problem": {"import": "", "why": "a part of a library, " + problem}}
                look_up()
            imported.filters.take_out()
    except Exception as error:
        return {"loaded": loaded, "problem": {"import": "", "why": f"{type(error).__name__}: {error}"}}
    finally:
        watch.watching = False
        names = {name for name in {*before, *os.environ} if before.get(name) != os.environ.get(name)}
        imported.environment = {name: os.environ.get(name) for name in names}
    return {"loaded": loaded, "problem": None}


def _import_known(names: Iterable[str]) -> None:
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            # Another version of the library.
            continue


def _settings() -> Dict[str, str]:
    """What is set for all that a process does, by what it is called; of a library only where it is imported."""
    found = {"the logging of all": repr((logging.root.level, logging.root.handlers, logging.root.manager.disable))}
    for name, module, settings in _SETTINGS:
        if module in sys.modules:
            with contextlib.suppress(Exception):
                found[name] = repr(settings(sys.modules[module]))
    return found


_SETTINGS: List[Any] = [
    ("how numpy prints", "numpy", lambda numpy: (numpy.get_printoptions(), numpy.geterr())),
    ("pandas' options", "pandas._config.config", lambda config: config._global_config),
    ("matplotlib's settings", "matplotlib", lambda matplotlib: _without_backend(dict(dict.items(matplotlib.rcParams)))),
    ("the locale", "locale", lambda locale: locale.setlocale(locale.LC_ALL)),
]


def _without_backend(settings: Dict[str, Any]) -> Any:
    """What pyplot finds out when it is imported belongs to the kernel."""
    return sorted((name, value) for name, value in settings.items() if not name.startswith(("backend", "interactive")))


def _changed(before: Dict[str, str], *, noted: bool) -> str:
    """What an import changed for cells that come before it in the notebook; "" where nothing."""
    now = _settings()
    found = next((name for name, text in before.items() if now.get(name) != text), "")
    if found or not noted:
        return "changes %s when it is imported" % (found or "the filters of warnings")
    return ""


def _attempt(source: str) -> str:
    try:
        # Warnings of what a cell imports are told in the name of the cell's module.
        exec(compile(source, "<import>", "exec"), {"__name__": "__main__"})  # noqa: S102 - an import of the notebook
    except BaseException as error:
        return f"can't be imported ({type(error).__name__})"
    return ""


def _owner(name: str) -> str:
    """Whose a top-level module is: `python`, `library`, or `author` (also one that is not found)."""
    try:
        found = importlib.util.find_spec(name)
    except Exception:
        found = None
    if found is None:
        return "author"
    if found.origin in ("built-in", "frozen"):
        return "python"
    places = [found.origin] if found.origin else list(found.submodule_search_locations or ())
    owners = {_owner_of(place) for place in places}
    return owners.pop() if len(owners) == 1 else "author"


def _owner_of(path: str) -> str:
    path = _real(path)
    libraries, standard = _roots(tuple(sys.path))
    if any(_within(path, root) for root in libraries):
        return "library"
    return "python" if any(_within(path, root) for root in standard) else "author"


def _real(path: str) -> str:
    """`os.path.realpath`, which looks at each folder on the way: thousands of modules lie in a few."""
    folder, name = os.path.split(path)
    found = os.path.join(_real_folder(folder), name)
    return os.path.realpath(path) if name in ("", ".", "..") or os.path.islink(found) else found


@functools.lru_cache(maxsize=None)
def _real_folder(folder: str) -> str:
    return os.path.realpath(folder)


@functools.lru_cache(maxsize=None)
def _roots(path: Tuple[str, ...]) -> Tuple[Set[str], Set[str]]:
    """Where libraries lie, and Python's own modules."""
    named = [entry for entry in path if os.path.basename(os.path.normpath(entry or ".")) in _SITES]
    libraries = {os.path.realpath(root) for root in (*named, *site.getsitepackages(), site.getusersitepackages())}
    return libraries, {os.path.realpath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")}


def _within(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


class _Watch:
    """What imports do beside importing."""

    def __init__(self, threads: Iterable[str], denied: Iterable[str]) -> None:
        self._threads = set(threads)
        self._denied = set(denied)
        self._modules = set(sys.modules)
        self._descriptors = _descriptors()
        self._output = -1
        self._cwd = os.path.realpath(os.getcwd())
        self.asked = False
        self.read = ""
        self.watching = True
        sys.addaudithook(self._hook)

    def output(self) -> Any:
        """What is printed meanwhile goes to a file, which must stay empty."""
        return _Output(self)

    def forget_output(self) -> None:
        """What was printed so far is all right."""
        sys.stdout.flush()
        sys.stderr.flush()
        os.ftruncate(self._output, 0)

    def problem(self) -> str:
        """The first thing that is not as it should be; "" where all is."""
        sys.stdout.flush()
        sys.stderr.flush()
        return next(filter(None, self._problems()), "")

    def _problems(self) -> Iterator[str]:
        if set(_threads()) - self._threads or threading.active_count() > 1:
            yield "starts a thread when it is imported"
        new = [name for name in list(sys.modules) if name not in self._modules]
        self._modules.update(new)
        brought = sorted({name.partition(".")[0] for name in new} & self._denied)
        if brought:
            yield f"imports {brought[0]}, which a fork may hang in"
        for name in new:
            yield _found_in(name)
        if os.fstat(self._output).st_size:
            yield "prints or warns when it is imported"
        if self.asked:
            yield "asks for its kernel when it is imported"
        if self.read:
            yield f"reads {self.read} when it is imported"
        if _descriptors() - self._descriptors - {self._output}:
            yield "keeps a file or a connection open"

    def _hook(self, event: str, arguments: Any) -> None:
        if not self.watching or event != "open" or self.read:
            return
        named = arguments[0]
        if isinstance(named, (str, bytes)):
            named = os.fsdecode(named)
            if named.endswith(".pyc") and not os.path.islink(named):
                # Whose a module is, is asked when it has been imported.
                return
            path = os.path.realpath(named)
            if _within(path, self._cwd) and os.path.isfile(path) and _owner_of(path) == "author" and not self._prefixed(path):
                self.read = os.path.relpath(path, self._cwd)

    @staticmethod
    def _prefixed(path: str) -> bool:
        return any(_within(path, os.path.realpath(root)) for root in (sys.prefix, sys.base_prefix))


class _Output:
    def __init__(self, watch: _Watch) -> None:
        self._watch = watch

    def __enter__(self) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self._kept = [os.dup(1), os.dup(2)]
        self._watch._output = os.memfd_create("nb2svc-imports")
        self._watch._descriptors.update(self._kept)
        for stream in (1, 2):
            os.dup2(self._watch._output, stream)

    def __exit__(self, *_: object) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        for stream, kept in enumerate(self._kept, start=1):
            os.dup2(kept, stream)
            os.close(kept)
        os.close(self._watch._output)


class _as_in_a_kernel:  # noqa: N801 - a context, as in contextlib
    """Meanwhile imports find what a kernel's cell would let them find; who asks for the shell, which is not there, is noted."""

    def __init__(self, watch: _Watch, streams: Dict[str, Any]) -> None:
        self._watch = watch
        self._streams = sys.stdout, sys.stderr
        self._early = streams

    def __enter__(self) -> None:
        sys.stdout, sys.stderr = self._early["stdout"], self._early["stderr"]
        from IPython.core.interactiveshell import InteractiveShell
        from IPython.core.shellapp import InteractiveShellApp

        self._shell: Any = InteractiveShell
        self._path = list(sys.path)
        add_cwd: Any = InteractiveShellApp.init_path
        add_cwd(types.SimpleNamespace(ignore_cwd=False))
        self._backend = os.environ.get("MPLBACKEND")
        if not self._backend:
            os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
        watch = self._watch

        def initialized(_: Any) -> bool:
            watch.asked = watch.asked or _asking().partition(".")[0] not in _ASK_AGAIN
            return False

        def get_ipython() -> Any:
            if _asking() in _ASK_WHETHER:
                return types.SimpleNamespace(kernel=True)
            watch.asked = True
            raise NameError("name 'get_ipython' is not defined")

        setattr(self._shell, "initialized", classmethod(initialized))  # noqa: B010 - of a class of IPython's
        vars(builtins).update(get_ipython=get_ipython, __IPYTHON__=True)

    def __exit__(self, *_: object) -> None:
        sys.stdout, sys.stderr = self._streams
        del self._shell.initialized
        for name in ("get_ipython", "__IPYTHON__"):
            vars(builtins).pop(name, None)
        sys.path[:] = self._path
        if not self._backend:
            os.environ.pop("MPLBACKEND", None)


def _asking() -> str:
    """The module that asks for its shell."""
    frame: Any = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__", "").startswith("IPython."):
        frame = frame.f_back
    return frame.f_globals.get("__name__", "") if frame is not None else ""


def _found_in(name: str) -> str:
    """What is wrong with a module that was imported: it is the author's, or all forks would draw the same numbers from it."""
    module = sys.modules.get(name)
    place = getattr(module, "__file__", None)
    if not isinstance(place, str):
        return ""
    owner = _owner_of(place)
    if owner == "author":
        return f"imports {place}, which is not installed"
    if owner == "library" and any(type(value) not in _DRAW_NOT and _draws(value) for value in list(vars(module).values())):
        return f"holds a generator of random numbers ({name})"
    return ""


def _draws(value: Any) -> bool:
    if isinstance(value, random.Random):
        return value is not getattr(random, "_inst", None) and not isinstance(value, random.SystemRandom)
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is None or not hasattr(numpy_random, "mtrand") or not hasattr(numpy_random, "Generator"):
        return False
    if isinstance(value, numpy_random.RandomState):
        return value is not numpy_random.mtrand._rand
    return isinstance(value, numpy_random.Generator)


def _threads() -> List[str]:
    """The names of all threads of this process but the one that asks."""
    found = []
    for task in os.listdir("/proc/self/task"):
        if int(task) != threading.get_native_id():
            comm = f"/proc/self/task/{task}/comm"
            with contextlib.suppress(OSError), open(comm, encoding="utf-8", errors="replace") as file:
                found.append(file.read().strip())
    return found


def _descriptors() -> Set[int]:
    found: Set[int] = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            os.fstat(int(name))
        except OSError:
            continue
        found.add(int(name))
    return found
