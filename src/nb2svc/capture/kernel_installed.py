"""What runs in the author's kernel beside the recorder: which distributions are installed, and which modules each of them brings.

Most of a distribution's metadata means nothing to a run, and there are hundreds of them. Of each the name and the version are
read from the head, and its files are looked through only where a name is asked for that may be among them.

Like the recorder it is sent to the kernel as text, imports the standard library only, and runs on Python 3.9.
"""

from __future__ import annotations

import importlib.metadata
import itertools
import os
import re
import site
import sys
import sysconfig
from contextlib import suppress
from typing import Any, Callable, Dict, FrozenSet, Iterable, List, Optional, Set, Tuple

_FIELD = re.compile(r"([!-9;-~]+):[ \t]*(.*)")
_HEAD = 4096
# Since Python 3.12 a recorded file counts only where it is there.
_SKIPS_MISSING = sys.version_info >= (3, 12)


class Distribution:
    """One that is installed: `place` is the folder of its metadata, None where it has none."""

    def __init__(self, found: Any, name: str, version: str) -> None:
        self.name = name
        self.version = version
        self.place: Any = getattr(found, "_path", None)
        self._found = found
        declared = found.read_text("top_level.txt")
        self._modules: Optional[Set[str]] = set(declared.split()) if declared else None
        self._record = "" if declared else _record(found)
        # No other name can be that of a module of it: where a file lies, up to the first dot.
        self._may: FrozenSet[str] = frozenset(
            line.lstrip('"').partition("/")[0].partition(",")[0].partition(".")[0] for line in self._record.splitlines()
        )
        self._has: Dict[str, bool] = {}

    def modules(self, wanted: Set[str]) -> Set[str]:
        """Those of the wanted top-level modules that it brings."""
        if self._modules is not None or not self._record:
            return wanted & self._all()
        return {name for name in wanted & self._may if self._brings(name)}

    def _brings(self, name: str) -> bool:
        if name not in self._has:
            self._has[name] = self._is_there(_file_of(name, self._record)) or name in self._all()
        return self._has[name]

    def _is_there(self, file: Optional[str]) -> bool:
        return file is not None and not (_SKIPS_MISSING and not os.path.exists(self._found.locate_file(file)))

    def _all(self) -> Set[str]:
        if self._modules is None:
            self._modules = _top_level(self._found.files or ())
        return self._modules


class Installed:
    """All distributions in the order of the search path, as they are when first asked for, and what is loaded of them."""

    def __init__(self) -> None:
        self._found: Optional[List[Distribution]] = None
        self._before: Optional[_Before] = None
        self._asked: Dict[Tuple[str, FrozenSet[str]], Any] = {}

    def settle(self) -> None:
        """Look at what is loaded, for the processes that are forked from this one: they look at what is new.

        A look at each module would copy the page that it is on.
        """
        self._before = _Before(self.loaded(), self.module_files())
        self.providers(self.loaded())
        self.places(self.loaded())

    def providers(self, wanted: Set[str]) -> Dict[str, List[Tuple[str, str]]]:
        """{top-level module: [(distribution, version)]}, as `importlib.metadata.packages_distributions` (3.10) would say it."""
        found: Dict[str, List[Tuple[str, str]]] = self._once("providers", wanted, self._providers)
        return found

    def places(self, loaded: Set[str]) -> Dict[str, str]:
        """Normalized name → the folder of its metadata, of every distribution that brings one of the modules."""
        found: Dict[str, str] = self._once("places", loaded, self._places)
        return found

    def _once(self, question: str, names: Set[str], answer: Callable[[Set[str]], Any]) -> Any:
        asked = question, frozenset(names)
        if asked not in self._asked:
            self._asked[asked] = answer(names)
        return self._asked[asked]

    def _providers(self, wanted: Set[str]) -> Dict[str, List[Tuple[str, str]]]:
        found: Dict[str, List[Tuple[str, str]]] = {}
        seen: Set[str] = set()
        for each in self.all():
            # The first on the path is the one that is imported.
            for module in each.modules(wanted) if each.name not in seen else ():
                found.setdefault(module, []).append((each.name, each.version))
            seen.add(each.name)
        return {module: sorted(pairs) for module, pairs in found.items()}

    def _places(self, loaded: Set[str]) -> Dict[str, str]:
        found: Dict[str, str] = {}
        for each in self.all():
            key = re.sub(r"[-_.]+", "-", each.name).lower()
            if each.place is not None and key not in found and each.modules(loaded):
                found[key] = str(each.place)
        return found

    def loaded(self) -> Set[str]:
        """The top-level modules that are loaded."""
        new = self._before.new() if self._before else None
        if new is None or self._before is None:
            return {name.partition(".")[0] for name in list(sys.modules)}
        return self._before.loaded.union(name.partition(".")[0] for name in new)

    def module_files(self) -> Dict[str, str]:
        """The file of each loaded module as it is named → where it really lies, but for libraries' that were loaded before."""
        new = self._before.new() if self._before else None
        modules = list(sys.modules.values()) if new is None else [sys.modules.get(name) for name in new]
        folders: Dict[str, str] = {}
        named = [getattr(module, "__file__", None) for module in modules]
        files = {file: _real(file, folders) for file in named if isinstance(file, str)}
        return {**(self._before.files if new is not None and self._before else {}), **files}

    def all(self) -> List[Distribution]:
        """They are listed once."""
        if self._found is None:
            heads = ((found, _head(found)) for found in importlib.metadata.distributions())
            self._found = [Distribution(found, *head) for found, head in heads if head[0]]
        return self._found


class _Before:
    """What was loaded at a time; `files` are those that lie where not only installations write."""

    def __init__(self, loaded: Set[str], files: Dict[str, str]) -> None:
        places = [*site.getsitepackages(), site.getusersitepackages(), sysconfig.get_path("stdlib")]
        roots = tuple(os.path.realpath(place) + os.sep for place in places)
        self.loaded = loaded
        self.files = {named: path for named, path in files.items() if not path.startswith(roots)}
        self._count = len(sys.modules)
        self._last = next(reversed(sys.modules), "")

    def new(self) -> Optional[List[str]]:
        """The names of modules that have come since, the latest first; None where others have gone."""
        found: List[str] = []
        with suppress(RuntimeError):
            found.extend(itertools.takewhile(lambda name: name != self._last, reversed(sys.modules)))
        return found if len(sys.modules) == self._count + len(found) else None


def _real(file: str, folders: Dict[str, str]) -> str:
    """`os.path.realpath`, which looks at each folder on the way: thousands of modules lie in a few. `folders` are known ones."""
    folder, name = os.path.split(file)
    if folder not in folders:
        folders[folder] = os.path.realpath(folder)
    path = os.path.join(folders[folder], name)
    return os.path.realpath(file) if name in ("", ".", "..") or os.path.islink(path) else path


def _head(found: Any) -> Tuple[str, str]:
    """Name and version, which stand in the first lines; where these look otherwise all of the metadata is read."""
    if type(found) is importlib.metadata.PathDistribution:
        fields: Dict[str, str] = {}
        lines = ((found.read_text("METADATA") or found.read_text("PKG-INFO") or "")[:_HEAD]).split("\n")
        for line, following in zip(lines, lines[1:]):
            field = _FIELD.fullmatch(line)
            if field is None or not line.isascii() or following[:1] in (" ", "\t"):
                break
            fields.setdefault(field[1].lower(), field[2])
            if "name" in fields and "version" in fields:
                return fields["name"], fields["version"]
    try:
        return found.metadata["Name"] or "", found.version
    except Exception:
        # What pip left of an installation has none, and the backport `importlib_metadata`, once it is imported, raises then.
        return "", ""


def _record(found: Any) -> str:
    """What a wheel's installation recorded; "" where its files are to be asked for."""
    record = found.read_text("RECORD") if type(found) is importlib.metadata.PathDistribution else None
    return "" if not record or record.startswith("./") or "\n./" in record else record


def _file_of(name: str, record: str) -> Optional[str]:
    """A file by which a record brings a top-level module; None where none is seen at once."""
    inside, alone = r"/(?:[^,\n\"]*/)?[^/,\n\"]+", r"(?:\.[^/,\n\"]*)?"
    seen = re.search(rf"^({re.escape(name)}(?:{inside}|{alone})\.(?:py|so|pyd))(?:,|$)", record, re.MULTILINE)
    return seen[1] if seen else None


def _top_level(files: Iterable[Any]) -> Set[str]:
    found = [file for file in files if file.suffix in (".py", ".so", ".pyd")]
    return {file.parts[0] if len(file.parts) > 1 else file.name.partition(".")[0] for file in found}
