"""R14: a function applied to rows, of which a request may have none left: pandas then gives a frame, and not a column."""

from __future__ import annotations

from typing import Iterator

import pandas as pd

from ..edits import text
from ..sites import Candidate, Site
from .shape import called


def no_rows(site: Site) -> Iterator[Candidate]:
    """`odd.apply(fill, axis=1)` → `odd.apply(fill, axis=1, result_type="reduce")`."""
    blame = site.found.blames.get(site.number)
    if called(site.node) != "apply" or blame is None or blame.had_rows or not isinstance(site.value(site.node), pd.Series):
        return
    if {item.arg for item in site.node.keywords} != {"axis"} or len(site.node.args) != 1:
        return
    *parts, last = site.compose(site.node)
    if last["is"] == "Text" and last["text"].endswith(")"):
        own = last["text"][:-1].rstrip().rstrip(",")
        yield Candidate("R14", [*parts, text(own + ', result_type="reduce")')])
