"""The cells that a checklist speaks of, and where a reader finds them and the files of its evidence."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# As spans and titles say it: `cell 3`, `cell 3, line 2`, `cell 3, lines 2-5`.
_CELL = re.compile(r"\bcell (?P<number>\d+)(?:, lines? \d+(?:-\d+)?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Addresses: of code cells by their number, of files of evidence by their path; what is in neither is told, not linked."""

    cells: Mapping[int, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


NOWHERE = Links()


def linked(text: str, links: Links) -> Any:
    """A text as HTML, in which each cell that has an address is a link.

    `cell 1, line 8 reads it` → `<a href="#cell-id=a1">cell 1, line 8</a> reads it`
    """
    from markupsafe import Markup

    return Markup("").join(_pieces(" ".join(text.split()), links))


def _pieces(text: str, links: Links) -> Iterator[Any]:
    from markupsafe import Markup, escape

    end = 0
    for match in _CELL.finditer(text):
        address = links.cells.get(int(match["number"]))
        if address is not None:
            yield escape(text[end : match.start()])
            yield Markup('<a href="{}">{}</a>').format(address, match[0])
            end = match.end()
    yield escape(text[end:])
