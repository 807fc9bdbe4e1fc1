"""The tree of a build whose proof failed: kept beside its capture, so that a person can see where it parts from the notebook.

`.nb2svc/loans/1f0c…/refused/` is the project as it was proved, `verdict.json` beside it says what differed.
"""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from nb2svc.system.files import disk_errors

VERDICT = "verdict.json"
_TREE = "refused"


def keep_refused(tree: Path, capture: Path) -> None:
    """Keep a copy of the tree, in place of an earlier one.

    Raises:
        EnvironmentProblem: the disk is full or not writable.
    """
    place = capture / _TREE
    with disk_errors("keep what was not proved", where=place):
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(tree, place, ignore=shutil.ignore_patterns("__pycache__"))
        place.chmod(0o700)


def forget_refused(capture: Path) -> None:
    """Remove what is out of date when a build of the capture was proved."""
    shutil.rmtree(capture / _TREE, ignore_errors=True)
    with suppress(OSError):
        (capture / VERDICT).unlink()


def newest_refused(captures: Iterable[Path]) -> tuple[Path, Path] | None:
    """The tree that was refused last, with its verdict's file; or None."""
    found = []
    for capture in captures:
        with suppress(OSError):
            found.append(((capture / VERDICT).stat().st_mtime, capture))
    for _, capture in sorted(found, reverse=True):
        if (capture / _TREE).is_dir():
            return capture / _TREE, capture / VERDICT
    return None
