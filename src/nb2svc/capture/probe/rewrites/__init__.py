"""Rewrites of row-aligned calls that depend on the other rows: one explicit table, tried in order, each checked alone.

Known calls only choose the *wording*; where none fits, `lookup` (R0) asks no name at all.
"""

from __future__ import annotations

from typing import Callable, Dict, Iterator, Tuple

from ..sites import Candidate, Site
from .bins import bins
from .category import category
from .child_widths import child_widths
from .dummies import dummies
from .fit_transform import fit_transform
from .group_lambda import group_lambda
from .group_transform import group_transform
from .levels import levels
from .lookup import lookup
from .no_rows import no_rows
from .rank import rank
from .scale import scale
from .widths import widths

Proposer = Callable[[Site], Iterator[Candidate]]

# Where all rewrites stand. R4 is R3 in a loop (the key makes it so); R12 is a row selection, whose operand stands for both files.
TABLE: Dict[str, Proposer] = {
    "R1": dummies,
    "R2": category,
    "R3": fit_transform,
    "R5": bins,
    "R6": rank,
    "R7": group_transform,
    "R8": group_lambda,
    "R9": levels,
    "R10": widths,
    "R11": scale,
    "R13": child_widths,
    "R14": no_rows,
    "R0": lookup,
}


def proposals(site: Site, *, knowledge: bool) -> Iterator[Candidate]:
    """Every rewrite that could serve a site, the best first; without knowledge only R0."""
    for rule, proposer in TABLE.items():
        if knowledge or rule == "R0":
            yield from proposer(site)


def rules() -> Tuple[str, ...]:
    """The names of the rewrites that are written."""
    return tuple(TABLE)
