"""What training left, read as data: each file's digest is checked before anything in it is looked at."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nb2svc.errors import EnvironmentProblem
from nb2svc.ir.snapshot import Stored


def read_stored(folder: Path) -> tuple[Stored, ...]:
    """Learned values, lookup tables and fitted values, in this order.

    Raises:
        EnvironmentProblem: the manifest can't be read, or a file is missing or another one than was built.
    """
    files = _Files(folder)
    try:
        learned = json.loads(files.read("state.json"))
        found = [each for name, document in learned.items() for each in files.stored(name, "learned", document)]
        found += [each for name, document in files.lookups.items() for each in files.stored(name, "lookup", document)]
        models = files.model.get("$models", [["model", files.model]])
        found += [each for name, document in models for each in files.stored(str(name), "model", document)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(folder / "state.json", f"it is not as a build writes it ({type(error).__name__})") from error
    return tuple(found)


class _Files:
    """The files that a manifest lists."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = folder / "manifest.json"
        try:
            manifest = json.loads(path.read_bytes())
            self.digests: Mapping[str, str] = dict(manifest["files"])
            self.model: Mapping[str, Any] = dict(manifest["model"])
            self.lookups: Mapping[str, Any] = dict(manifest["lookups"])
        except OSError as error:
            raise _damaged(path, error.strerror or str(error)) from error
        except (ValueError, KeyError, TypeError) as error:
            raise _damaged(path, f"it is not as a build writes it ({type(error).__name__})") from error

    def read(self, name: str) -> bytes:
        path = self.folder / name
        if name not in self.digests or Path(name).name != name:
            raise _damaged(path, "the manifest does not list it")
        try:
            content = path.read_bytes()
        except OSError as error:
            raise _damaged(path, error.strerror or str(error)) from error
        if hashlib.sha256(content).hexdigest() != self.digests[name]:
            raise _damaged(path, _changed(content))
        return content

    def stored(self, name: str, role: str, document: Any) -> Iterator[Stored]:
        """A value, and what lies in it in files of its own."""
        if not isinstance(document, dict) or not ("$file" in document or self._keyed_files(document)):
            yield Stored(name=name, role=role, document=json.dumps(document))
        elif "$keyed" in document:
            for key, item in document["$keyed"]:
                yield from self.stored(f"{name}[{json.dumps(key)}]", role, item)
        else:
            content = self.read(document["$file"])
            if document["$file"].endswith(".json"):
                yield Stored(name=name, role=role, document=json.dumps(json.loads(content)))
            else:
                yield Stored(name=name, role=role, file=document["$file"], content=content)
            for path, table in document.get("tables", []):
                yield Stored(name=f"{name}: {path[-1][1]}", role=role, document=json.dumps(table))

    def _keyed_files(self, document: Mapping[str, Any]) -> bool:
        return any(isinstance(item, dict) and "$file" in item for _, item in document.get("$keyed", []))


def _changed(content: bytes) -> str:
    if content.startswith(b"version https://git-lfs"):
        return "it is a pointer of Git LFS, not the file itself"
    return "it was changed after the build (its SHA-256 is another)"


def _damaged(path: Path, why: str) -> EnvironmentProblem:
    fix = "git lfs pull" if "Git LFS" in why else "build the project again"
    return EnvironmentProblem(f"can't read the artifact {path.name}", where=str(path), why=why, fix=fix)
