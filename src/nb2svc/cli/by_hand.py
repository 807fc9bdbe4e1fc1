"""What a build says of the files that people edited in the project.

by hand   loans/features.py is taken over (edited 2026-11-26 18:40, +1 -0 lines): the service was proved with it
          compare: diff -u loans/.nb2svc/generated/loans/features.py loans/loans/features.py
          give it back: nb2svc build loans.ipynb --accept-generated loans/features.py
"""

import shlex
from collections.abc import Sequence
from typing import Any

from nb2svc.upkeep.taken_over import GENERATED, TakenOver, changed_lines

_SHOWN = 20
_FILES = 8


def by_hand_block(
    taken_over: Sequence[TakenOver],
    *,
    given_back: Sequence[tuple[str, str]],
    merged: Sequence[tuple[str, str]],
    restored: Sequence[str],
    project: str,
    notebook: str,
) -> list[str]:
    """The files that were taken over with what to do about them, those given back, and those that were deleted."""
    lines = []
    for file in taken_over[:_FILES]:
        lines.append(f"{file.path} is taken over (edited {_when(file)}, {_counted(file.edit)}): the service was proved with it")
        lines += _news(file, notebook=notebook)
    if len(taken_over) > _FILES:
        lines.append(f"and so are {len(taken_over) - _FILES} more: --format json names them")
    if taken_over:
        path = taken_over[0].path
        compare = shlex.join([f"{project}/{GENERATED}/{path}", f"{project}/{path}"])
        lines.append(f"compare: diff -u {compare}")
        which = "it" if len(taken_over) == 1 else "one"
        lines.append(f"give {which} back: nb2svc build {shlex.quote(notebook)} --accept-generated {shlex.quote(path)}")
    lines += [f"{path} has the compiler's change now; as it was it is kept in {project}/{place}" for path, place in merged]
    lines += [f"{path} is generated again; your version is kept in {project}/{place}" for path, place in given_back]
    lines += [f"{path} was deleted, and is there again" for path in restored]
    return lines


def by_hand_document(file: TakenOver) -> dict[str, Any]:
    """One file that was taken over, as JSON values: `diff` is the edit, `news` what the compiler changed since (or null)."""
    added, removed = changed_lines(file.edit)
    facts = {"path": file.path, "edited": file.since.isoformat(timespec="seconds"), "added": added, "removed": removed}
    return {**facts, "diff": file.edit, "moved": file.moved, "news": file.news or None}


def _news(file: TakenOver, *, notebook: str) -> list[str]:
    """What the compiler changed since the edit: the first lines."""
    if not file.moved:
        return []
    if not file.news:
        return ["  the compiler writes it otherwise since; what it wrote before is not on this machine"]
    lines = file.news.splitlines()
    more = [f"  … {len(lines) - _SHOWN} lines more"] if len(lines) > _SHOWN else []
    merge = f"  take it in: nb2svc build {shlex.quote(notebook)} --merge-generated {shlex.quote(file.path)}"
    return ["  the compiler writes it otherwise since:", *(f"  {line}" for line in lines[:_SHOWN]), *more, merge]


def _when(file: TakenOver) -> str:
    return file.since.astimezone().strftime("%Y-%m-%d %H:%M")


def _counted(diff: str) -> str:
    added, removed = changed_lines(diff)
    return f"+{added} -{removed} line{'' if added + removed == 1 else 's'}"
