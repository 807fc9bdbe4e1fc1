"""Which captured rows are worth a look, and why: what the proof would look at first, in words.

17: ["lowest age", "no transactions"]
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Sequence

import numpy as np

from .compare import missing, plain, text
from .tables import Tables

# A column with more categories than these is text, of which no entry is notable for itself.
CATEGORIES = 30
DROPPED = 5
# Numbers of so few values are a code, of which none is the highest.
FEW = 10
# What is told first; a row that stands in several lists has each reason.
ORDER = ("differs", "knife edge", "dropped", "missing", "extreme", "children", "category")


class Reason:
    """Why a row is notable; `kind` is one of `ORDER`."""

    def __init__(self, kind: str, text: str) -> None:
        self.kind = kind
        self.text = text


def notable(
    tables: Tables, *, dropped: Mapping[int, str], differing: Sequence[int] = (), edges: Sequence[int] = ()
) -> Dict[int, List[Reason]]:
    """Reasons by row; `dropped` says of rows which statement dropped them."""
    found: Dict[int, List[Reason]] = {}

    def add(row: int, kind: str, text: str) -> None:
        found.setdefault(int(row), []).append(Reason(kind, text))

    for row in differing:
        add(row, "differs", "the service answers otherwise")
    for row in edges:
        add(row, "knife edge", "on a knife edge")
    told: Dict[str, int] = {}
    for row, where in sorted(dropped.items()):
        told[where] = told.get(where, 0) + 1
        if told[where] <= DROPPED:
            add(row, "dropped", where)
    main = tables.values[tables.main["name"]]
    for spec in tables.main["columns"] if hasattr(main, "columns") else ():
        if spec["use"] in ("read", "unused") and spec["name"] in set(map(str, main.columns)):
            _of_column(plain(main[spec["name"]]), spec["name"], add)
    for spec in tables.children:
        counts = tables.child_counts(spec)
        if len(counts) and counts.max() > counts.min():
            add(int(np.argmax(counts)), "children", "most {} ({})".format(spec["name"], int(counts.max())))
            add(int(np.argmin(counts)), "children", "fewest {} ({})".format(spec["name"], int(counts.min())))
    for reasons in found.values():
        reasons.sort(key=lambda reason: ORDER.index(reason.kind))
    return found


def rank(reasons: Sequence[Reason]) -> int:
    """Where a row stands in the list: by its best reason; rows without one come last."""
    return ORDER.index(reasons[0].kind) if reasons else len(ORDER)


def _of_column(values: Any, name: str, add: Any) -> None:
    lost = np.array([missing(value) for value in values], dtype=bool)
    if lost.any():
        add(int(np.argmax(lost)), "missing", "{} is missing".format(name))
    known = np.flatnonzero(~lost)
    if not len(known):
        return
    present = values[known]
    if values.dtype.kind in "iufmM" and len(np.unique(present)) > FEW:
        add(int(known[int(np.argmin(present))]), "extreme", "lowest {}".format(name))
        add(int(known[int(np.argmax(present))]), "extreme", "highest {}".format(name))
        return
    firsts: Dict[Any, int] = {}
    try:
        for place in known.tolist():
            firsts.setdefault(values[place], place)
            if len(firsts) > CATEGORIES:
                return
    except TypeError:  # unhashable entries
        return
    if len(firsts) > 1:
        for value, place in firsts.items():
            add(place, "category", "{} = {}".format(name, text(value)))
