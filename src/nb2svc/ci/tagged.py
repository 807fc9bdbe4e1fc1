"""Which files are tagged notebooks, told quickly: most files of a repository are neither."""

import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from nb2svc.errors import Nb2svcError
from nb2svc.ir.notebook import Notebook
from nb2svc.read.notebook import is_tagged, parse_notebook
from nb2svc.system.files import read_bytes

SUFFIXES = (".ipynb", ".py")
# Every spelling of a tag has one of these in its bytes.
_TAG = re.compile(rb"nb2svc|%%(?:feature|model|check)\b")
# A Python file is a notebook where it has cells.
_CELL = re.compile(rb"(?m)^# ?%%")


def tagged_notebook(path: Path) -> Notebook | None:
    """The notebook at a path, or None where it is untagged, or no notebook at all.

    Raises:
        NotebookError: it seems tagged, and can't be read.
    """
    content = read_bytes(path, what="notebook")
    if not _TAG.search(content) or (path.suffix == ".py" and not _CELL.search(content)):
        return None
    notebook, findings = parse_notebook(content, path=str(path))
    return notebook if is_tagged(notebook, findings) else None


def tagged_among(names: Iterable[str], *, root: Path) -> tuple[tuple[str, Notebook], ...]:
    """The tagged notebooks among files of a repository, in alphabetical order; what can't be read is passed over."""
    found = []
    for name in sorted(names):
        if not name.endswith(SUFFIXES) or ".ipynb_checkpoints/" in name:
            continue
        try:
            notebook = tagged_notebook(root / name)
        except Nb2svcError:
            continue
        if notebook is not None:
            found.append((name, notebook))
    return tuple(found)


def imports_of(notebook: Notebook) -> frozenset[str]:
    """The top-level modules that a notebook imports, the standard library apart."""
    from nb2svc.plan.requirements import imported_modules

    modules: set[str] = set()
    for cell in notebook.cells:
        with suppress(SyntaxError):  # it has its finding
            modules |= imported_modules(cell.code)
    return frozenset(modules - {*sys.stdlib_module_names, "nb2svc"})
