"""What runs in the author's kernel beside the recorder: it notes what the run looked at, so that a later build can look again.

Like the recorder it is sent to the kernel as text, imports the standard library only, runs on Python 3.9, and never raises
into the notebook.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import re
import site
import sys
import threading
from contextlib import suppress
from typing import Any, Callable, ClassVar, Dict, List, Set, Tuple

# As in kernel_side.py.
INSTALLED: Set[str] = set()
_LOOPBACK = ("localhost", "127.", "::1", "0.0.0.0")  # noqa: S104 - a name to compare with, nothing is bound


class Surroundings:
    """Files that were looked for, folders that were listed, hosts that were asked; at the end the libraries and own modules."""

    def __init__(self, opened: Any) -> None:
        self._opened = opened
        self._busy = threading.local()
        self.stats: Dict[str, List[int]] = {}
        self.absent: Set[str] = set()
        self.listed: Dict[str, str] = {}
        self.hosts: Set[str] = set()
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: Tuple[Any, ...]) -> None:
        note = self._NOTES.get(event)
        if note is None or not self._opened.watching or getattr(self._busy, "on", False):
            return
        self._busy.on = True
        try:
            # An audit hook that raises would make the author's call fail.
            with suppress(Exception):
                note(self, arguments)
        finally:
            self._busy.on = False

    def _file(self, arguments: Tuple[Any, ...]) -> None:
        named, mode, flags = arguments
        if not isinstance(named, (str, bytes, os.PathLike)):
            return
        path = os.path.realpath(os.fsdecode(named))
        writes = any(sign in mode for sign in "wax+") if isinstance(mode, str) else bool((flags or 0) & (os.O_WRONLY | os.O_RDWR))
        if writes or path in self._opened.written:
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
        named = arguments[0] if arguments and arguments[0] is not None else "."
        path = os.path.realpath(os.fsdecode(named)) if isinstance(named, (str, bytes, os.PathLike)) else ""
        if path and path not in self.listed and self._opened.is_the_authors(path) and not _looks_for_modules():
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
        """Write what was seen."""
        self._opened.watching = False
        document = {
            "stats": {path: seen for path, seen in self.stats.items() if path in self._opened.inputs},
            "absent": sorted(self.absent - self._opened.written),
            "listed": self.listed,
            "hosts": sorted(self.hosts),
            "distributions": _distributions(),
            "sources": _own_sources(),
            "path": [os.path.abspath(entry) for entry in sys.path],
        }
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            json.dump(document, stream)


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


def _distributions() -> Dict[str, str]:
    """Normalized name → the folder of its metadata, of every distribution that has a loaded module."""
    loaded = {name.partition(".")[0] for name in list(sys.modules)}
    found: Dict[str, str] = {}
    for key, place, modules in _installed():
        if key not in found and loaded & modules:
            found[key] = place
    return found


def _installed() -> List[Tuple[str, str, Set[str]]]:
    """Normalized name, folder of its metadata and top-level modules of all distributions, in the order of the search path."""
    found = []
    for distribution in importlib.metadata.distributions():
        name, place = distribution.metadata["Name"], getattr(distribution, "_path", None)
        if name and place is not None:
            found.append((re.sub(r"[-_.]+", "-", name).lower(), str(place), _modules(distribution)))
    return found


def _modules(distribution: Any) -> Set[str]:
    declared = distribution.read_text("top_level.txt")
    if declared:
        return set(declared.split())
    files = (file for file in distribution.files or () if file.suffix in (".py", ".so", ".pyd"))
    return {file.parts[0] if len(file.parts) > 1 else file.name.partition(".")[0] for file in files}


def _own_sources() -> Dict[str, str]:
    """Path → digest of all loaded modules that no installation brought: the author's own, wherever they lie."""
    libraries = [
        os.path.realpath(path) for path in (*site.getsitepackages(), site.getusersitepackages(), os.path.dirname(os.__file__))
    ]
    found: Dict[str, str] = {}
    for module in list(sys.modules.values()):
        named = getattr(module, "__file__", None)
        path = os.path.realpath(named) if isinstance(named, str) and named not in INSTALLED else ""
        if path and os.path.isfile(path) and not any(path.startswith(root.rstrip(os.sep) + os.sep) for root in libraries):
            with open(path, "rb") as stream:
                found[path] = hashlib.sha256(stream.read()).hexdigest()
    return found


def start(recorder: Any) -> None:
    """Begin to note, beside a recorder that was started."""
    recorder.surroundings = Surroundings(recorder.opened)
