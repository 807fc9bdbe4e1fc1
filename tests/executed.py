"""What a reader of an executed notebook sees, to compare runs of it: by us and by papermill, by a fast path and by the plain one.

What may differ from one papermill run to the next is taken out: addresses, names of temporary files, and what a notebook prints as
a draw that nobody seeded (`lot: 0.3`).
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import nbformat

LOT = re.compile(r"(?<=lot: ).*")
_PASSING = re.compile(r"0x[0-9a-f]{6,}|/tmp/ipykernel_\d+/\d+\.py")


def read(path: Path) -> dict[str, Any]:
    """A notebook with texts in one piece, without the cells that papermill adds where one failed."""
    document = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    return {**document, "cells": [cell for cell in document["cells"] if not _is_a_marker(cell)]}


def said(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Source, execution count and outputs of each code cell."""
    return [
        {"source": cell["source"].strip(), "count": cell["execution_count"], "outputs": _steady(_joined(cell["outputs"]))}
        for cell in document["cells"]
        if cell["cell_type"] == "code"
    ]


def lots(document: Mapping[str, Any]) -> list[str]:
    """What nobody seeded, one text for each cell that draws."""
    texts = ["".join(output.get("text", "")) for cell in document["cells"] for output in _joined(cell.get("outputs", ()))]
    return [found[0] for text in texts for found in [LOT.search(text)] if found]


def _joined(outputs: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Outputs with what one stream says in one piece: how often a kernel flushes is a matter of time."""
    found: list[dict[str, Any]] = []
    for output in outputs:
        if output["output_type"] == "stream" and found and found[-1].get("name") == output["name"]:
            found[-1]["text"] += output["text"]
        else:
            found.append(dict(output))
    return found


def _is_a_marker(cell: Mapping[str, Any]) -> bool:
    return "papermill-error-cell-tag" in cell["metadata"].get("tags", ())


def _steady(value: Any) -> Any:
    if isinstance(value, str):
        return _PASSING.sub("…", LOT.sub("…", value))
    if isinstance(value, Mapping):
        return {key: _steady(item) for key, item in value.items()}
    return [_steady(item) for item in value] if isinstance(value, list) else value
