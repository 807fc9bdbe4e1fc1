"""Which files `--accept-generated` and `--merge-generated` mean, before anything is run."""

import difflib
from collections.abc import Sequence
from pathlib import Path

from nb2svc.errors import UsageError
from nb2svc.system.record import KEPT, read_record
from nb2svc.system.tree import edited_files

ALL = "all"


def edited_paths(names: Sequence[str], *, option: str, project: Path | None, here: Path) -> frozenset[str]:
    """The edited files that were named, as paths in the project: `all`, a path in it, a path seen from `here`, or a path's end.

    features.py → loans/features.py

    Raises:
        UsageError: there is no project, no such generated file in it, several, or the file is not edited.
    """
    if not names:
        return frozenset()
    if project is None:
        fix = "build the notebook first, without this option"
        raise UsageError("there is no built project in which files were edited", where=option, fix=fix)
    edited = edited_files(project)
    if ALL in names:
        return frozenset(edited)
    known = tuple(sorted(path for path in read_record(project).files if not path.startswith(KEPT)))
    return frozenset(
        _edited(_known(name, known, option=option, project=project, here=here), edited, project=project) for name in names
    )


def _known(name: str, known: Sequence[str], *, option: str, project: Path, here: Path) -> str:
    seen = (here / name).resolve()
    inside = seen.relative_to(project.resolve()).as_posix() if seen.is_relative_to(project.resolve()) else name
    exact = [path for path in (Path(name).as_posix(), inside) if path in known]
    found = exact or [path for path in known if path.endswith(f"/{name}")]
    if len(set(found)) == 1 or exact:
        return found[0]
    if found:
        raise UsageError(f"{name} is the end of several paths", where=option, fix=f"name one of them: {', '.join(found)}")
    ends = [path.rpartition("/")[2] for path in known]
    close = difflib.get_close_matches(name, (*known, *ends), n=1)
    fix = f"did you mean {close[0]}?" if close else f"name a file that a build of {project.name} wrote, or {ALL}"
    raise UsageError(f"there is no generated file {name}", where=str(project), why="no build wrote one", fix=fix)


def _edited(path: str, edited: Sequence[str], *, project: Path) -> str:
    if path in edited:
        return path
    there = (project / path).exists()
    why = "it is as the last build wrote it" if there else "it was deleted, and a build writes it again anyhow"
    fix = f"these are edited: {', '.join(edited)}" if edited else "no file of the project is edited: leave the option out"
    raise UsageError(f"{path} is not edited", where=str(project / path), why=why, fix=fix)
