"""What runs in the author's kernel beside the recorder: it notes what the run looked at, so that a later build can look again.

Like the recorder it is sent to the kernel as text, imports the standard library only, runs on Python 3.9, and never raises
into the notebook.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import site
import sys
from typing import Any, Callable, ClassVar, Dict, List, Set, Tuple

_LOOPBACK = ("localhost", "127.", "::1", "0.0.0.0")  # noqa: S104 - a name to compare with, nothing is bound


class Surroundings:
    """Files that were looked for or read back, folders that were listed, hosts that were asked; libraries and own modules."""

    def __init__(self, recorder: Any) -> None:
        self._recorder = recorder
        self._opened = recorder.opened
        self.stats: Dict[str, List[int]] = {}
        self.absent: Set[str] = set()
        self.read_back: Set[str] = set()
        self.listed: Dict[str, str] = {}
        self.hosts: Set[str] = set()
        for event, note in self._NOTES.items():
            self._opened.also(event, functools.partial(note, self))

    def _file(self, arguments: Tuple[Any, ...]) -> None:
        named, mode, flags = arguments
        if not isinstance(named, (str, bytes, os.PathLike)):
            return
        path = os.path.realpath(os.fsdecode(named))
        writes = any(sign in mode for sign in "wax+") if isinstance(mode, str) else bool((flags or 0) & (os.O_WRONLY | os.O_RDWR))
        if writes or path in self._opened.written:
            if not writes:
                self.read_back.add(path)
            return
        try:
            seen = os.stat(path)
        except OSError:
            if self._opened.is_the_authors(path) and not path.endswith((".pyc", ".so")):
                self.absent.add(path)
            return
        # Before it is read: one that changes while it is read is then another file later.
        self.stats.setdefault(path, [seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino, seen.st_dev])

    def _folder(self, arguments: Tuple[Any, ...]) -> None:
        if _looks_for_modules():
            return
        named = arguments[0] if arguments and arguments[0] is not None else "."
        path = os.path.realpath(os.fsdecode(named)) if isinstance(named, (str, bytes, os.PathLike)) else ""
        if path and path not in self.listed and self._opened.is_the_authors(path):
            self.listed[path] = folder_digest(path)

    def _pattern(self, arguments: Tuple[Any, ...]) -> None:
        # glob lists by os.scandir, which is told apart; a pattern without a wildcard only looks whether the file is there.
        path = os.path.realpath(os.fsdecode(arguments[0]))
        if not os.path.lexists(path) and self._opened.is_the_authors(path) and not any(sign in path for sign in "*?["):
            self.absent.add(path)

    def _host(self, arguments: Tuple[Any, ...]) -> None:
        named = arguments[0]
        host = os.fsdecode(named) if isinstance(named, (str, bytes)) else ""
        if host and not host.startswith(_LOOPBACK):
            self.hosts.add(host)

    def _address(self, arguments: Tuple[Any, ...]) -> None:
        address = arguments[1]
        if isinstance(address, tuple) and address:
            self._host(address[:1])

    _NOTES: ClassVar[Dict[str, Callable[[Surroundings, Tuple[Any, ...]], None]]] = {
        "open": _file,
        "os.listdir": _folder,
        "os.scandir": _folder,
        "glob.glob": _pattern,
        "socket.getaddrinfo": _host,
        "socket.gethostbyname": _host,
        "socket.connect": _address,
    }

    def finish(self, file: str) -> None:
        """Write what was seen, when the recorder has."""
        self._opened.watching = False
        installed = self._recorder.installed
        document = {
            "stats": {path: seen for path, seen in self.stats.items() if path in self._opened.inputs},
            "absent": sorted(self.absent - self._opened.written),
            "rewritten": self._rewritten(),
            "listed": self.listed,
            "hosts": sorted(self.hosts),
            "distributions": installed.places(installed.loaded()),
            "sources": _own_sources(self._recorder.module_files),
            "path": [os.path.abspath(entry) for entry in sys.path],
        }
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            json.dump(document, stream)

    def _rewritten(self) -> List[str]:
        """The author's files that the run both read and wrote, in whichever order."""
        both = self.read_back | self._opened.written.intersection(self._opened.inputs)
        return sorted(path for path in both if self._opened.is_the_authors(path))


def folder_digest(path: str) -> str:
    """A digest of a folder's names but for hidden ones, what running Python leaves, and our projects; "" where it has none."""
    try:
        names = sorted(
            name for name in os.listdir(path) if not (name.startswith(".") or name == "__pycache__" or _is_ours(path, name))
        )
    except OSError:
        return ""
    return hashlib.sha256("\n".join(names).encode("utf-8", "surrogatepass")).hexdigest()


def _is_ours(folder: str, name: str) -> bool:
    return os.path.exists(os.path.join(folder, name, ".nb2svc-manifest.json"))


def _looks_for_modules() -> bool:
    """Whether it is an import that lists a folder: where a module was found is told by the module itself."""
    frame: Any = sys._getframe()
    while frame is not None:
        if "importlib" in frame.f_code.co_filename or "pkgutil" in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False


def _own_sources(files: Dict[str, str]) -> Dict[str, str]:
    """Path → digest of all loaded modules that no installation brought: the author's own, wherever they lie."""
    libraries = [
        os.path.realpath(path) for path in (*site.getsitepackages(), site.getusersitepackages(), os.path.dirname(os.__file__))
    ]
    found: Dict[str, str] = {}
    roots = tuple(root.rstrip(os.sep) + os.sep for root in libraries)
    for path in files.values():
        if not path.startswith(roots) and os.path.isfile(path):
            with open(path, "rb") as stream:
                found[path] = hashlib.sha256(stream.read()).hexdigest()
    return found


def start(recorder: Any) -> None:
    """Begin to note, beside a recorder that was started."""
    recorder.surroundings = Surroundings(recorder)
