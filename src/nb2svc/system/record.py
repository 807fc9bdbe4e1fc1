"""The record in a generated project: which bytes the compiler wrote, and which of them a person changed since.

`files` has the digest of each generated file. Of a file that a person took over it is the text that the edit was made from,
so that a later build can tell whether the compiler's version moved on since; `taken_over` says what the last build saw.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

MANIFEST = ".nb2svc-manifest.json"
# What lies below is kept for builds and for comparing, and ignored by git: nobody's to edit.
KEPT = ".nb2svc/"
_ABOUT = "Digests of the generated files, so that files you edit are recognised and kept."


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Digests of a file that was taken over, at the last build: the person's version, and what the compiler wrote then."""

    theirs: str
    generated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What lies in `.nb2svc-manifest.json`; paths are POSIX, relative to the project. `damaged`: it lies there unreadable."""

    files: Mapping[str, str] = field(default_factory=dict)
    taken_over: Mapping[str, Seen] = field(default_factory=dict)
    damaged: bool = False

    @property
    def generated(self) -> Mapping[str, str]:
        """The digest of what the last build generated, also where a person's version lies in its place."""
        return {**self.files, **{path: seen.generated for path, seen in self.taken_over.items()}}


def read_record(folder: Path) -> Record:
    """The record of a project; an empty one where there is none, or it is damaged."""
    try:
        document = json.loads((folder / MANIFEST).read_bytes())
        files = {str(path): str(digest) for path, digest in document["files"].items()}
        seen = {
            str(path): Seen(theirs=str(digests["yours"]), generated=str(digests["generated"]))
            for path, digests in document.get("edited", {}).items()
        }
    except FileNotFoundError:
        return Record()
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        # A damaged record must not stop a build: no file is then known as generated.
        return Record(damaged=True)
    return Record(files=files, taken_over=seen)


def render_record(record: Record) -> bytes:
    """The record as its file holds it; the same record gives the same bytes."""
    edited = {path: {"yours": seen.theirs, "generated": seen.generated} for path, seen in sorted(record.taken_over.items())}
    document = {"about": _ABOUT, "version": 1, "files": dict(sorted(record.files.items())), "edited": edited}
    return (json.dumps(document, indent=1) + "\n").encode()


def edits(folder: Path, digests: Mapping[str, str]) -> dict[str, str]:
    """Those paths of `digests` whose bytes have another digest by now, with that; what is not there is no edit."""
    found = {}
    for path, digest in digests.items():
        if path.startswith(KEPT):
            continue
        try:
            present = sha256((folder / path).read_bytes())
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            continue
        if present != digest:
            found[path] = present
    return found


def updated(before: Record, *, generated: Mapping[str, str], edited: Mapping[str, str]) -> Record:
    """The record after a build that wrote `generated` and kept the files in `edited` (digests of both).

    The text that an edit was made from stays on record as long as the edit does.
    """
    files, taken_over = dict(generated), {}
    for path, theirs in edited.items():
        if path not in generated:
            continue
        files[path] = made_from(before, path, theirs=theirs) or generated[path]
        taken_over[path] = Seen(theirs=theirs, generated=generated[path])
    return Record(files=files, taken_over=taken_over)


def with_merged(record: Record, merged: Mapping[str, str]) -> Record:
    """The record where these files (digests) are an edit of what the compiler writes now."""
    seen = {path: Seen(theirs=digest, generated=record.files[path]) for path, digest in merged.items()}
    return replace(record, taken_over={**record.taken_over, **seen})


def made_from(before: Record, path: str, *, theirs: str) -> str:
    """The digest of the text that an edited file was made from; "" where the file was not generated before.

    A person who edits a file again after a build told how the compiler's version moved on has seen that version.
    """
    seen = before.taken_over.get(path)
    return seen.generated if seen and seen.theirs != theirs else before.files.get(path, "")


def sha256(content: bytes) -> str:
    """The digest of some bytes, as the record has it."""
    return hashlib.sha256(content).hexdigest()
