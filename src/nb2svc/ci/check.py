"""`ci check`: the findings of the tagged notebooks among some files, as a hook before each commit wants them: quickly."""

from collections.abc import Iterable
from pathlib import Path

from nb2svc.ci.tagged import SUFFIXES, tagged_notebook
from nb2svc.ir.finding import Finding
from nb2svc.ir.notebook import Notebook


def check_files(files: Iterable[Path]) -> tuple[tuple[Notebook, tuple[Finding, ...]], ...]:
    """Each tagged notebook with its findings; files of other kinds and untagged notebooks are passed over.

    Raises:
        NotebookError: one seems to be tagged, and can't be read.
    """
    from nb2svc.pipeline import analyze

    checked = []
    for path in files:
        if path.suffix in SUFFIXES and tagged_notebook(path) is not None:
            source = analyze(path)
            checked.append((source.notebook, source.findings))
    return tuple(checked)
