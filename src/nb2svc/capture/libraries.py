"""The kernel's Python and its libraries as they are now, found on the disk: no process is started to look.

A library is its name with a digest of what its installation recorded of its files (`RECORD`), so that a wheel that was built
again under the same version is another library. Where the kernel's Python can't be told from its specification, nothing is known.
"""

import hashlib
import json
import platform
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from nb2svc.system.digests import digest_of

# What jupyter_client takes for the Python that it runs in itself.
_OWN = frozenset({"python", f"python{sys.version_info[0]}", f"python{sys.version_info[0]}.{sys.version_info[1]}"})
_METADATA = (".dist-info", ".egg-info")
# What says in a metadata folder which files were installed, the first that is there.
_RECORDS = ("RECORD", "SOURCES.txt", "METADATA", "PKG-INFO")


def kernel_specification(kernel: str) -> dict[str, object] | None:
    """How a kernel is started: its command and variables; None where Jupyter's folders have none of that name."""
    document = _specification(kernel)
    if document is not None:
        return {"argv": document.get("argv"), "env": document.get("env", {})}
    # Jupyter has this one of its own accord.
    return {"argv": [sys.executable], "env": {}} if kernel == "python3" else None


def kernel_language(kernel: str) -> str | None:
    """What a kernel in Jupyter's folders speaks; None where only jupyter_client can tell, whose import takes its time."""
    document = _specification(kernel) if kernel == kernel.lower() else None
    language, more = (document.get("language", ""), document.get("metadata", {})) if document else (None, None)
    # One that a provisioner of its own starts may not be there at all.
    usual = isinstance(language, str) and isinstance(more, dict) and "kernel_provisioner" not in more
    return str(language) if usual else None


def _specification(kernel: str) -> dict[str, object] | None:
    from jupyter_core.paths import jupyter_path

    for folder in jupyter_path("kernels"):
        with suppress(OSError, ValueError):
            document = json.loads((Path(folder) / kernel / "kernel.json").read_bytes())
            return document if isinstance(document, dict) else None
    return None


def starts(specification: Mapping[str, object] | None, interpreter: str) -> bool:
    """Whether a kernel is one of that Python for certain: its command names it, or names the one that runs us."""
    argv = specification.get("argv") if specification else None
    if not isinstance(argv, list) or not argv or not isinstance(argv[0], str):
        return False
    return (sys.executable if argv[0] in _OWN else argv[0]) == interpreter


def python_at(interpreter: str) -> list[object]:
    """What tells one Python from another under the same path."""
    if interpreter == sys.executable:
        return [platform.python_version()]
    with suppress(OSError):
        real = Path(interpreter).resolve()
        seen = real.stat()
        return [str(real), seen.st_size, seen.st_mtime_ns]
    return []


def fingerprints(metadata: Mapping[str, str]) -> dict[str, str]:
    """Library → digest of what its metadata folder records of its files; "" where it is gone."""
    return {name: _recorded(Path(place)) for name, place in metadata.items()}


def search_path(path: Sequence[str], names: Iterable[str]) -> list[object]:
    """Which metadata folder each library is found by, along the kernel's module path, and what `.pth` files add to it."""
    wanted = set(names)
    found: dict[str, str] = {}
    links: list[str] = []
    for entry in dict.fromkeys(path):
        with suppress(OSError):
            for place in sorted(Path(entry).iterdir()):
                if place.name.endswith(_METADATA):
                    name = normalized(place.name.rpartition(".")[0].split("-", 1)[0])
                    if name in wanted:
                        found.setdefault(name, str(place))
                elif place.suffix == ".pth":
                    links.append(f"{place} {hashlib.sha256(place.read_bytes()).hexdigest()}")
    return [found, links]


class Installed:
    """The same for one run after the other: what is as it was when it was looked at is not read again."""

    def __init__(self) -> None:
        self._paths: dict[object, tuple[object, list[object]]] = {}
        self._records: dict[str, tuple[object, str]] = {}

    def fingerprints(self, metadata: Mapping[str, str]) -> dict[str, str]:
        """Library → digest, as `fingerprints` has it."""
        return {name: self._recorded(place) for name, place in metadata.items()}

    def search_path(self, path: Sequence[str], names: Iterable[str]) -> list[object]:
        """Which metadata folder each library is found by, as `search_path` has it."""
        entries, wanted = tuple(path), frozenset(names)
        seen, found = self._paths.get((entries, wanted), (None, []))
        if not found or seen != self._signs(entries, found):
            found = search_path(entries, wanted)
            self._paths[entries, wanted] = (self._signs(entries, found), found)
        return found

    def _recorded(self, place: str) -> str:
        signs = [_sign(place), *(_sign(f"{place}/{name}") for name in _RECORDS)]
        seen, found = self._records.get(place, (None, ""))
        if seen != signs:
            found = _recorded(Path(place))
            self._records[place] = (signs, found)
        return found

    @staticmethod
    def _signs(entries: Iterable[str], found: Sequence[Any]) -> list[object]:
        return [_sign(place) for place in (*entries, *(link.rpartition(" ")[0] for link in found[1]))]


def _sign(place: str) -> tuple[int, ...]:
    try:
        seen = Path(place).stat()
    except OSError:
        return ()
    return (seen.st_mtime_ns, seen.st_ctime_ns, seen.st_size, seen.st_ino, seen.st_dev)


def needed(path: Sequence[str], roots: Iterable[str]) -> dict[str, str]:
    """The metadata folders of some libraries and of all that they say they need, as a Python with that module path finds them."""
    places = _places(path)
    found: dict[str, str] = {}
    todo = list(roots)
    while todo:
        name = todo.pop()
        if name in places and name not in found:
            found[name] = str(places[name])
            todo += _requirements(places[name])
    return dict(sorted(found.items()))


def _places(path: Sequence[str]) -> dict[str, Path]:
    places: dict[str, Path] = {}
    for entry in dict.fromkeys(path):
        with suppress(OSError):
            for place in sorted(Path(entry).iterdir()):
                if place.name.endswith(_METADATA):
                    places.setdefault(normalized(place.name.rpartition(".")[0].split("-", 1)[0]), place)
    return places


def _requirements(place: Path) -> list[str]:
    """Names that a library's metadata asks for, extras apart."""
    with suppress(OSError):
        head = (place / "METADATA").read_text(encoding="utf-8", errors="replace").split("\n\n", 1)[0]
        asked = [line.removeprefix("Requires-Dist:") for line in head.splitlines() if line.startswith("Requires-Dist:")]
        return [normalized(re.split(r"[^\w.-]", line.strip(), maxsplit=1)[0]) for line in asked if "extra ==" not in line]
    return []


def normalized(name: str) -> str:
    """A distribution's name as indexes compare it: `Scikit_Learn` → `scikit-learn`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _recorded(place: Path) -> str:
    for name in _RECORDS:
        with suppress(OSError):
            lines = (place / name if place.is_dir() else place).read_text(encoding="utf-8", errors="replace").splitlines()
            # Scripts hold the environment's path, and some files say who installed it, and when.
            kept = [line for line in lines if not line.startswith("..") and ("sha256=" in line or name != "RECORD")]
            own = [line for line in kept if f"{place.name}/" not in line or "METADATA" in line]
            return digest_of([place.name, own])
    return ""
