"""Copies of the project tree and of files, for controls to break."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nb2svc.readiness.mutants.mutant import Mutant

_LEFT_OUT = ("__pycache__", ".pytest_cache", ".venv", ".git", "*.pyc")


@contextmanager
def mutated_copy(project_dir: Path, mutant: Mutant) -> Iterator[Path]:
    """A copy of the tree, under its own name, with one file edited; deleted afterwards.

    `mutant.file` is relative to the project's root.
    """
    with scratch() as folder:
        copy = folder / project_dir.name
        shutil.copytree(project_dir, copy, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        (copy / mutant.file).write_text(mutant.source, encoding="utf-8")
        yield copy


@contextmanager
def scratch() -> Iterator[Path]:
    """A private folder, deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="nb2svc-control-") as name:
        yield Path(name).resolve()
