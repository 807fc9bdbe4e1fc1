"""How a run comes to cells that were run once for all: which they are in this worker, and whether what came of it is believed.

The first run makes all cells, too. Only where both say the same are cells shared for the others; where they do not, all runs of
the notebook are plain ones.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nb2svc.capture.copy import ExecutedCopy, cell_id
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import RunResult
from nb2svc.validate.document import INJECTED_ID, injected_source
from nb2svc.validate.folder import EXECUTED, place_of
from nb2svc.validate.forking.warm import Adoption, Share, SharedCell
from nb2svc.validate.once import Source
from nb2svc.validate.prefix import Prefix, down_to
from nb2svc.validate.same import differences
from nb2svc.validate.task import RunTask
from nb2svc.validate.watched import Watched


def shared_by(task: RunTask, source: Source) -> Share | None:
    """The cells that a task's run shares with others; None where it shares none."""
    prefix = task.prefix
    if prefix is None or not prefix.cells or task.plain:
        return None
    return Share(
        words=prefix.words,
        cells=tuple(_cells(prefix, source.notebook, source.copy, source.looked)),
        seeded=prefix.seeded,
        hidden=prefix.varying if prefix.injected else (),
        needs_kernel=prefix.needs_kernel,
        modules=source.dependence.imports,
        patience=task.timeout,
        origin=place_of(task.spec),
    )


def _cells(prefix: Prefix, notebook: Notebook, copy: ExecutedCopy, looked: Watched) -> list[SharedCell]:
    found = []
    for cell in copy.cells:
        author = notebook.cell(cell.number)
        if cell.number not in prefix.cells:
            continue
        identifier, words = cell_id(author), down_to(cell.number)
        if cell.source.strip():
            found.append(
                SharedCell(
                    id=identifier,
                    title=author.title,
                    source=cell.source,
                    check=identifier in looked.checks,
                    metrics=looked.metrics.get(identifier, ()),
                    words=words,
                )
            )
        if prefix.injected and author.parameters:
            source = injected_source(prefix.given)
            found.append(SharedCell(id=INJECTED_ID, title="the cell of parameters", source=source, injected=True, words=words))
    return found


def adoption(task: RunTask, share: Share, *, compares: bool) -> Adoption:
    """What the kernel of a task's run is told."""
    prefix = task.prefix
    own = [each for each in task.spec.parameters if prefix is not None and prefix.injected and each.name in prefix.varying]
    shown = injected_source(task.spec.parameters)
    return Adoption(source=injected_source(own), shown=shown, origin=share.origin, compares=compares)


def difference(whole: RunResult, other: RunResult, again: RunResult | None, folders: Mapping[str, Path]) -> str:
    """What a run that shared cells says otherwise than one that made them all; "" where nothing.

    `folders` hold the runs by name. What a second run that made them says otherwise, too, is the notebook's own doing.
    """
    first = _document(folders["whole"])
    found = differences(whole, first, other, _document(folders["shared"]))
    if found and again is not None:
        found -= differences(whole, first, again, _document(folders["again"]))
    return min(found, default="")


def _document(folder: Path) -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads((folder / EXECUTED).read_bytes())
    return document
