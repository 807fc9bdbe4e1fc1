"""What tells the runs apart is not there while cells run that they share.

    wanted = "income > @floor"
    loans.query(wanted)         reads `floor`, which the source does not say, and would find what the parameters cell gives it

So the names are taken away below that cell: a cell that looks for one all the same fails, and each run makes it itself.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List


class Hidden:
    """Names that are taken out of a namespace until `end`."""

    def __init__(self, space: Dict[str, Any], names: List[str]) -> None:
        self._space = space
        self._names = names
        self._order = list(space)
        self._values = {name: space.pop(name) for name in names if name in space}

    def found(self) -> str:
        """The first of them that is there again; "" where none is."""
        return next((name for name in self._names if name in self._space), "")

    def named(self, text: str) -> str:
        """The first of them that a message is about."""
        return next((name for name in self._names if re.search(r"\b%s\b" % re.escape(name), text)), "")

    def end(self) -> None:
        """Put them back, each where it stood: a run may list its names."""
        found = {**dict.fromkeys(self._order), **self._space}
        known = {**self._space, **self._values}
        self._space.clear()
        self._space.update((name, known[name]) for name in found if name in known)
