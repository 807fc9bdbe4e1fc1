"""The generated files that a person took over, and what the compiler writes in their place.

Both versions are kept in the project, in the folder that git ignores:

    .nb2svc/generated/loans/features.py    the compiler's version of a file that was taken over, to compare with
    .nb2svc/generated.zip                  every generated text by its digest: what an edit was made from
"""

import difflib
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nb2svc.ir.finding import Finding
from nb2svc.ir.project import ProjectFile
from nb2svc.system.files import disk_errors, write_atomic
from nb2svc.system.record import KEPT, read_record, sha256

GENERATED = f"{KEPT}generated"
_TEXTS = f"{KEPT}generated.zip"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same texts give the same archive


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """One file: the person's version, the compiler's, and what the compiler had written when the edit was made.

    `base` is None where that text is not on this machine. `moved` says that the compiler writes it otherwise since.
    """

    path: str
    theirs: bytes
    generated: bytes
    base: bytes | None
    moved: bool
    since: datetime

    @property
    def edit(self) -> str:
        """What the person changed: from the compiler's version to theirs, as a unified diff."""
        return unified(self.generated, self.theirs, names=(f"{GENERATED}/{self.path}", self.path))

    @property
    def news(self) -> str:
        """What the compiler changed since the edit was made; "" where it did not, or where that text is not known."""
        if not self.moved or self.base is None:
            return ""
        return unified(self.base, self.generated, names=(f"{self.path} when you edited it", f"{GENERATED}/{self.path}"))


def unified(before: bytes, after: bytes, *, names: tuple[str, str]) -> str:
    """A unified diff of two texts; one sentence where they are none."""
    try:
        old, new = (text.decode().splitlines(keepends=True) for text in (before, after))
    except UnicodeDecodeError:
        return f"Binary files {names[0]} and {names[1]} differ\n"
    lines = difflib.unified_diff(old, new, *names)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def changed_lines(diff: str) -> tuple[int, int]:
    """How many lines a unified diff adds and removes."""
    body = [line for line in diff.split("\n") if not line.startswith(("+++ ", "--- "))]
    return sum(line.startswith("+") for line in body), sum(line.startswith("-") for line in body)


def taken_over(paths: Sequence[str], files: Sequence[ProjectFile], *, target: Path, staged: Path) -> tuple[TakenOver, ...]:
    """The files of `paths`, which the tree `staged` has as the person left them in `target`; `files` is what was generated.

    Raises:
        EnvironmentProblem: one of them can't be read.
    """
    made_from = read_record(staged).files
    generated = {file.path: file.content for file in files}
    texts = known_texts(target)
    found = []
    for path in paths:
        moved = made_from[path] != sha256(generated[path])
        with disk_errors(f"read {path}", where=target / path):
            theirs = (staged / path).read_bytes()
            since = datetime.fromtimestamp((staged / path).stat().st_mtime, tz=UTC)
        base = texts.get(made_from[path]) if moved else generated[path]
        found.append(TakenOver(path=path, theirs=theirs, generated=generated[path], base=base, moved=moved, since=since))
    return tuple(found)


def moved_on(edited: Sequence[TakenOver]) -> tuple[Finding, ...]:
    """A finding for each file that the compiler writes otherwise since it was edited."""
    return tuple(_moved_on(file) for file in edited if file.moved)


def _moved_on(file: TakenOver) -> Finding:
    return Finding(
        code="NB410",
        severity="warning",
        message=f"{file.path} is edited by hand, and what the compiler writes in its place changed since. The service was proved"
        " with the edited file, which lacks that change.",
        remedy=f"Take it in by hand or with --merge-generated {file.path}, or give the file back with --accept-generated.",
    )


def news(edited: Sequence[TakenOver]) -> str:
    """What the compiler changed since in each of the files: a heading and a diff."""
    return "\n".join(
        f"what the compiler changed in {file.path} since you edited it:\n{file.news}" for file in edited if file.news
    )


def set_aside(edited: Sequence[TakenOver], folder: Path) -> Path:
    """Write what the compiler writes in the place of these files, to be compared with; returns `folder`.

    Raises:
        EnvironmentProblem: the disk is full or not writable.
    """
    for file in edited:
        place = folder / file.path
        with disk_errors(f"write {place.name}", where=place):
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomic(place, file.generated, mode=0o600)
    return folder


def keepsakes(files: Sequence[ProjectFile], edited: Sequence[TakenOver]) -> tuple[ProjectFile, ...]:
    """What a later build and a person compare with; artifacts are no texts that anybody edits."""
    texts = [file.content for file in files if "/artifacts/" not in file.path]
    texts += [file.base for file in edited if file.base is not None]
    compare = (ProjectFile(path=f"{GENERATED}/{file.path}", content=file.generated) for file in edited)
    return (ProjectFile(path=_TEXTS, content=_archive({sha256(text): text for text in texts})), *compare)


def known_texts(project: Path) -> Mapping[str, bytes]:
    """The generated texts that the last build kept, by digest; none on a machine that did not build (git ignores them)."""
    try:
        with zipfile.ZipFile(project / _TEXTS) as archive:
            texts = [archive.read(name) for name in archive.namelist()]
    except (OSError, zipfile.BadZipFile, EOFError, ValueError):
        return {}
    return {sha256(text): text for text in texts}


def _archive(texts: Mapping[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        for digest, text in sorted(texts.items()):
            archive.writestr(zipfile.ZipInfo(digest, date_time=_EPOCH), text, compress_type=zipfile.ZIP_DEFLATED)
    return whole.getvalue()
