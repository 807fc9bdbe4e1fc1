"""The compiler's change and a person's, as one text: what `--merge-generated` makes of an edited file."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from nb2svc.errors import VerdictError
from nb2svc.ir.project import ProjectFile
from nb2svc.system.files import disk_errors
from nb2svc.system.record import made_from, read_record, sha256
from nb2svc.upkeep.taken_over import known_texts, unified


def merged_files(paths: Collection[str], files: Sequence[ProjectFile], *, project: Path) -> Mapping[str, bytes]:
    """The merged text of each of the edited files `paths` that the compiler (`files`) writes otherwise since the edit.

    Raises:
        VerdictError: both changed the same lines, or what the edit was made from is not known: nothing is guessed.
    """
    record, texts = read_record(project), known_texts(project)
    found = {}
    for file in files:
        if file.path not in paths:
            continue
        with disk_errors(f"read {file.path}", where=project / file.path):
            theirs = (project / file.path).read_bytes()
        before = made_from(record, file.path, theirs=sha256(theirs))
        if before == sha256(file.content):
            continue
        if before not in texts:
            raise _unmerged(file.path, theirs, file.content, why="what it was edited from is not on this machine")
        merged = merge(texts[before], theirs, file.content)
        if merged is None:
            raise _unmerged(file.path, theirs, file.content, why="you and the compiler changed the same lines")
        found[file.path] = merged
    return found


def merge(base: bytes, theirs: bytes, generated: bytes) -> bytes | None:
    """Both changes to `base` in one text; None where they touch the same lines, or it is no text.

    a b c, a b C, A b c → A b C
    """
    from merge3 import Merge3

    try:
        old, mine, new = (text.decode().splitlines(keepends=True) for text in (base, theirs, generated))
    except UnicodeDecodeError:
        return None
    parts = list(Merge3(old, mine, new).merge_groups())
    if any(part[0] == "conflict" for part in parts):
        return None
    return "".join(line for part in parts for line in part[1]).encode()


def _unmerged(path: str, theirs: bytes, generated: bytes, *, why: str) -> VerdictError:
    return VerdictError(
        f"{path} can't be merged",
        where=path,
        why=f"{why}; nothing was written",
        fix="write what you want into your file, after which nothing is asked any more; or give it back: --accept-generated",
        details=unified(theirs, generated, names=(f"{path} as you have it", f"{path} as the compiler writes it")),
    )
