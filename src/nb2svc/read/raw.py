"""A notebook's cells as their file holds them, whichever form the file has."""

import hashlib
import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCell:
    """One cell: `kind` is code, markdown, raw or what the file says; `settings` is `metadata.nb2svc`, of any type.

    `title` is the cell's own (a script's `# %% Load the data`), `first_line` the file's line of its first line where a
    person reads that file (0 in JSON), `broken` text that was meant as metadata and is none.
    """

    kind: str
    id: str
    source: str
    tags: tuple[str, ...] = ()
    settings: object = None
    execution_count: int | None = None
    title: str = ""
    first_line: int = 0
    broken: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawNotebook:
    """All cells in order; the kernel's name and the version of Python that it last was, "" where the file says none."""

    cells: tuple[RawCell, ...]
    kernel: str = ""
    python: str = ""

    @property
    def digest(self) -> str:
        """The SHA-256 of what a person wrote, in hex: what running and saving puts into the file is none of it."""
        written = [[cell.kind, cell.source, cell.tags, cell.settings, cell.title, cell.broken] for cell in self.cells]
        text = json.dumps([self.kernel, written], sort_keys=True, default=repr)
        return hashlib.sha256(text.encode()).hexdigest()


def made_id(position: int, source: str) -> str:
    """An id for a cell that has none: made of place and text, so that the same file always gets the same ones."""
    return hashlib.sha256(f"{position}\n{source}".encode("utf-8", "surrogatepass")).hexdigest()[:8]


def tags_in(value: object) -> tuple[str, ...]:
    """The texts of a list of tags; whatever else stands there is none."""
    return tuple(tag for tag in value if isinstance(tag, str)) if isinstance(value, list) else ()
