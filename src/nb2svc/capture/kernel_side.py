"""What runs in the author's kernel beside the notebook: it keeps values, and notes files, versions and failures.

It is sent to the kernel as text and lives in a module of its own, so the author's namespace is not touched; it imports
the standard library only, runs on Python 3.9, and never raises into the notebook.
"""

from __future__ import annotations

import builtins
import hashlib
import importlib
import json
import marshal
import math
import numbers
import os
import pickle
import site
import sys
import threading
import types
from contextlib import suppress
from typing import Any, Callable, Dict, Iterable, List, Optional, Set, Tuple

# Where tools are told to keep what they can make again.
_CACHES = ("MPLCONFIGDIR", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR",
           "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")  # fmt: skip
_STANDARD_ROOTS = ("/proc", "/sys", "/dev", "/etc", "/usr", "/lib", "/lib64", "/bin", "/sbin", "/var/lib")
_LIBRARY = os.path.dirname(os.path.realpath(os.__file__))
_CODE_SUFFIXES = (".py", ".pyc", ".pyo", ".so", ".pyd", ".ipynb", ".pth")


class HashingFile:
    """A file to write to that knows the SHA-256 of what was written."""

    def __init__(self, path: str) -> None:
        # Exclusive and private: nobody else reads the notebook's data, nobody can have put a link there.
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._digest = hashlib.sha256()

    def write(self, data: Any) -> int:
        """Write bytes, or anything with a buffer."""
        view = memoryview(data).cast("B")
        self._digest.update(view)
        return self._file.write(view)

    def close(self) -> str:
        """Close the file: the digest in hex."""
        self._file.close()
        return self._digest.hexdigest()


class OpenedFiles:
    """The files that the notebook read, as an audit hook sees them: code, caches and what the run itself wrote are no input."""

    def __init__(self, private: str) -> None:
        libraries = [*site.getsitepackages(), site.getusersitepackages(), os.path.dirname(os.__file__)]
        self.never = _roots([private, *(os.environ.get(name, "") for name in _CACHES), *libraries])
        self._others = _roots([sys.prefix, sys.base_prefix, sys.exec_prefix, *_STANDARD_ROOTS])
        self._home = os.path.realpath(os.path.expanduser("~"))
        self._busy = threading.local()
        self.written: Set[str] = set()
        self.inputs: Dict[str, Dict[str, Any]] = {}
        self.watching = True
        self._notes: Dict[str, List[Callable[[Tuple[Any, ...]], None]]] = {
            "open": [self._open],
            "os.rename": [lambda arguments: self.written.add(os.path.realpath(os.fsdecode(arguments[1])))],
            "sqlite3.connect": [lambda arguments: self._read(arguments[0])],
        }
        sys.addaudithook(self._hook)

    def also(self, event: str, note: Callable[[Tuple[Any, ...]], None]) -> None:
        """Call `note`, too, with an event's arguments, before anything is read: one hook costs less than two."""
        self._notes.setdefault(event, []).insert(0, note)

    def _hook(self, event: str, arguments: Tuple[Any, ...]) -> None:
        notes = self._notes.get(event)
        if notes is None or not self.watching or getattr(self._busy, "on", False):
            return
        if event == "open" and _is_bytecode(arguments):
            return
        self._busy.on = True
        try:
            for note in notes:
                # An audit hook that raises would make the author's `open` fail.
                with suppress(Exception):
                    note(arguments)
        finally:
            self._busy.on = False

    def _open(self, arguments: Tuple[Any, ...]) -> None:
        named, mode, flags = arguments
        if isinstance(named, (str, bytes, os.PathLike)) and _writes(mode, flags):
            self.written.add(os.path.realpath(os.fsdecode(named)))
        else:
            self._read(named)

    def _read(self, named: Any) -> None:
        if not isinstance(named, (str, bytes, os.PathLike)):
            return
        named = os.fsdecode(named)
        path = os.path.realpath(named)
        if path not in self.written and path not in self.inputs and self._is_input(path):
            self.add(named, path)

    def add(self, named: str, path: str) -> None:
        """Note a file that was read: `named` as the notebook calls it, `path` where it really is."""
        digest, size = _digest(path)
        self.inputs[path] = {"path": named, "sha256": digest, "size": size}

    def _is_input(self, path: str) -> bool:
        return os.path.isfile(path) and not path.endswith(_CODE_SUFFIXES) and self.is_the_authors(path)

    def is_the_authors(self, path: str) -> bool:
        """Whether a path lies where people keep their own files, hidden folders excepted."""
        if any(_within(path, root) for root in self.never):
            return False
        cwd = os.path.realpath(os.getcwd())
        if any(_within(path, root) and not (_within(cwd, root) and _within(path, cwd)) for root in self._others):
            return False
        base = next((base for base in (cwd, self._home) if _within(path, base)), None)
        return base is None or not any(part.startswith(".") for part in os.path.relpath(path, base).split(os.sep))


class Recorder:
    """`keep` and `keep_later` are called between the author's statements; `finish` writes what was seen to `run.json`.

    `look_up` is asked at the end what is `installed` (kernel_installed.py).
    """

    def __init__(self, shell: Any, config: Dict[str, Any], look_up: Callable[[], Any]) -> None:
        self._shell = shell
        self._look_up = look_up
        self.installed: Any = None
        self.module_files: Dict[str, str] = {}
        self._folder: str = config["folder"]
        self._points: List[Dict[str, str]] = config["points"]
        self._modules: List[str] = config["modules"]
        self._measures: List[str] = config["measures"]
        self._kept: Dict[int, Dict[str, Any]] = {}
        self._later: List[int] = []
        self._failures: List[Dict[str, Any]] = []
        self._metrics: Dict[str, float] = {}
        os.makedirs(os.path.join(self._folder, "kept"), mode=0o700, exist_ok=True)
        self.opened = OpenedFiles(self._folder)
        shell.events.register("post_run_cell", self._after_cell)

    def keep(self, *points: int) -> None:
        """Keep points by number, with the values that they have now."""
        for number in points:
            self._kept[number] = self._keep(number, self._points[number])

    def keep_later(self, *points: int) -> None:
        """Keep points when the running cell has ended well."""
        self._later.extend(points)

    def _keep(self, number: int, point: Dict[str, str]) -> Dict[str, Any]:
        record: Dict[str, Any] = {"file": "", "sha256": "", "type": "", "problem": ""}
        try:
            value = self._evaluate(point["expression"])
        except Exception as error:
            record["problem"] = f"{point['expression']} has no value there: {_say(error)}"
            return record
        record["type"] = _type_name(value)
        if point["kind"] == "check_value":
            self._measure(point["expression"], value)
        name = f"kept/{number:03d}-{point['kind']}-{_slug(point['label'])}.pkl"
        record.update(_pickle(value, os.path.join(self._folder, name), name))
        return record

    def _evaluate(self, expression: str) -> Any:
        code = compile(f"(\n{expression}\n)", "<nb2svc>", "eval")
        if expression.strip().isidentifier():
            return eval(code, self._shell.user_ns)  # noqa: S307 - an expression of the notebook, which is being run
        # The author's statement evaluates it again right after: it must draw the same random numbers.
        states = _random_states()
        try:
            return eval(code, self._shell.user_ns)  # noqa: S307 - an expression of the notebook, which is being run
        finally:
            for restore, state in states:
                restore(state)

    def _measure(self, label: str, value: Any) -> None:
        if not isinstance(value, bool) and isinstance(value, numbers.Real) and math.isfinite(value):
            self._metrics[label] = float(value)

    def _after_cell(self, result: Any) -> None:
        error = getattr(result, "error_before_exec", None) or getattr(result, "error_in_exec", None)
        later, self._later = self._later, []
        if error is None:
            self.keep(*later)
        else:
            self._failures.append(self._failure(error, result))
        if not _is_nested(result):
            for failure in self._failures:
                failure["count"] = failure["count"] or result.execution_count

    def _failure(self, error: BaseException, result: Any) -> Dict[str, Any]:
        names = getattr(self._shell.compile, "_filename_map", {})
        frames: List[Dict[str, Any]] = []
        step = error.__traceback__
        while step is not None:
            name = step.tb_frame.f_code.co_filename
            count = names.get(name)
            magic = name == "<timed exec>" or (_is_nested(result) and count == result.execution_count)
            frames.append({"count": None if magic else count, "magic": magic, "line": step.tb_lineno})
            step = step.tb_next
        return {
            # A magic's body has a count of its own, which is no cell's: the cell's comes when it ends.
            "count": None if _is_nested(result) else result.execution_count,
            "name": type(error).__name__,
            "kinds": [kind.__name__ for kind in type(error).__mro__],
            "value": _text(error),
            "frames": frames,
            "syntax_line": getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None,
            "module": _text_or_none(getattr(error, "name", None)),
            "file": _text_or_none(getattr(error, "filename", None)),
        }

    def finish(self) -> None:
        """Stop watching, and write `run.json`."""
        self.opened.watching = False
        for name in self._measures:
            if name not in self._metrics:
                self._measure(name, self._shell.user_ns.get(name))
        self.installed = self._look_up()
        self.module_files = self.installed.module_files()
        self._add_own_modules()
        versions, modules = _versions(self._modules, self.installed)
        document = {
            "kept": {str(number): record for number, record in self._kept.items()},
            "failures": self._failures,
            "metrics": self._metrics,
            "inputs": sorted(self.opened.inputs.values(), key=lambda item: item["path"]),
            "written": sorted(self.opened.written),
            "interpreter": sys.executable,
            "python": ".".join(map(str, sys.version_info[:3])),
            "versions": versions,
            "modules": modules,
            "cwd": os.getcwd(),
        }
        with os.fdopen(os.open(os.path.join(self._folder, "run.json"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(document, file)

    def _add_own_modules(self) -> None:
        # Python may have read a .pyc: the source beside it is what the author would change.
        cwd = os.path.realpath(os.getcwd())
        for named, path in self.module_files.items():
            if named.endswith(".py") and _within(path, cwd) and os.path.isfile(path) and self.opened.is_the_authors(path):
                self.opened.add(os.path.relpath(path, cwd), path)


def start(shell: Any, config: Dict[str, Any], look_up: Callable[[], Any]) -> None:
    """Begin to record. The recorder is a builtin, so it outlives `%reset`."""
    setattr(builtins, "__nb2svc__", Recorder(shell, config, look_up))  # noqa: B010 - no attribute that builtins is known to have


def _is_nested(result: Any) -> bool:
    """Whether a magic such as `%%capture` ran this; it goes on after a failure as if nothing had happened."""
    return not result.info.store_history


def _pickle(value: object, path: str, name: str) -> Dict[str, Any]:
    """Pickle to a new file, by cloudpickle where plain pickle can't (a lambda): the fields that a record needs."""
    first: Optional[Exception] = None
    for by_value in (False, True):
        try:
            file = HashingFile(path)
            try:
                _pickler(by_value=by_value)(file, min(5, pickle.HIGHEST_PROTOCOL)).dump(value)
            finally:
                digest = file.close()
        except OSError as error:
            _remove(path)
            return {"problem": f"can't be written: {_say(error)}", "errno": error.errno}
        except Exception as error:
            _remove(path)
            first = first or error
        else:
            return {"file": name, "sha256": digest}
    return {"problem": f"can't be pickled: {_say(first)}"}


class LambdaPickler(pickle.Pickler):
    """Pickles the notebook's lambdas by their code; its other functions and its classes are names, which have a home later."""

    def reducer_override(self, value: Any) -> Any:
        """How a lambda, its code and its module's names are made again."""
        if value is types.FunctionType:
            return getattr, (types, "FunctionType")
        if isinstance(value, types.ModuleType):
            return importlib.import_module, (value.__name__,)
        if isinstance(value, types.CodeType):
            return marshal.loads, (marshal.dumps(value),)
        if isinstance(value, types.MappingProxyType):
            return vars, (sys.modules["__main__"],)
        if getattr(value, "__name__", "") == "<lambda>" and value.__module__ == "__main__" and value.__closure__ is None:
            return types.FunctionType, (value.__code__, types.MappingProxyType({}), value.__name__, value.__defaults__)
        return NotImplemented


def _pickler(*, by_value: bool) -> Any:
    if not by_value:
        return LambdaPickler
    import cloudpickle  # type: ignore[import-untyped]  # optional, and without types

    return cloudpickle.Pickler


def _random_states() -> List[Tuple[Callable[[Any], None], Any]]:
    import random

    states: List[Tuple[Callable[[Any], None], Any]] = [(random.setstate, random.getstate())]
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        states.append((numpy_random.set_state, numpy_random.get_state()))
    return states


def _versions(names: Iterable[str], installed: Any) -> Tuple[Dict[str, str], Dict[str, str]]:
    """Versions of all distributions that are loaded, and the distribution of each name ("" for a loaded one without)."""
    loaded = installed.loaded()
    providers = installed.providers(loaded.union(names))
    versions = dict(pair for name in loaded for pair in providers.get(name, ()))
    standard = getattr(sys, "stdlib_module_names", frozenset(sys.builtin_module_names))
    modules: Dict[str, str] = {}
    for name in names:
        if name in providers:
            modules[name] = providers[name][0][0]
        elif name in loaded and name not in standard and not _is_standard(name):
            modules[name] = ""
    return versions, modules


def _is_standard(name: str) -> bool:
    # Python 3.9 has no list of its own modules.
    found = getattr(sys.modules.get(name), "__file__", None) or ""
    return bool(found) and "site-packages" not in found and _within(os.path.realpath(found), _LIBRARY)


def _is_bytecode(arguments: Tuple[Any, ...]) -> bool:
    """Whether bytecode is read: an import opens hundreds of these, and none is an input.

    Where the name is a link what it leads to may be anything.
    """
    named = arguments[0] if len(arguments) > 1 and arguments[1] in ("r", "rb") else None
    return isinstance(named, str) and named.endswith(".pyc") and not os.path.islink(named)


def _writes(mode: object, flags: Optional[int]) -> bool:
    if isinstance(mode, str):
        return any(character in mode for character in "wax+")
    return bool((flags or 0) & (os.O_WRONLY | os.O_RDWR))


def _digest(path: str) -> Tuple[str, int]:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
        return digest.hexdigest(), file.tell()


def _roots(paths: Iterable[str]) -> Set[str]:
    return {os.path.realpath(path) for path in paths if path} - {"/"}


def _within(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)


def _slug(text: str) -> str:
    return "".join(character if character.isalnum() and character.isascii() else "_" for character in text)[:40]


def _type_name(value: object) -> str:
    kind = type(value)
    return f"{kind.__module__}.{kind.__qualname__}"


def _say(error: Optional[BaseException]) -> str:
    return f"{type(error).__name__}: {_text(error)}"[:500]


def _text(value: object) -> str:
    try:
        return str(value)[:4000]
    except Exception:
        return "(its text can't be made)"


def _text_or_none(value: object) -> Optional[str]:
    return None if value is None else _text(value)
