"""Which rows to replay one by one: each category, missing pattern, extreme and number of child rows, then chance."""

from __future__ import annotations

import random
from typing import Any, Dict, List, Optional

import numpy as np

from .compare import missing, plain
from .tables import Tables

CATEGORIES = 200


def stratified(tables: Tables, rows: Any, *, size: Optional[int], seed: int = 0) -> List[int]:
    """At most `size` of `rows` (all where None), in the run's order: what is rare first, the rest drawn by `seed`."""
    ordinals = [int(row) for row in rows]
    if size is None or size >= len(ordinals):
        return sorted(ordinals)
    chosen = list(dict.fromkeys(_strata(tables, ordinals)))[:size]
    rest = sorted(set(ordinals) - set(chosen))
    return sorted(chosen + random.Random(seed).sample(rest, size - len(chosen)))  # noqa: S311 - the same rows at every build


def _strata(tables: Tables, ordinals: List[int]) -> List[int]:
    picked: List[int] = []
    main = tables.values[tables.main["name"]]
    if hasattr(main, "columns"):
        patterns = []
        for place in range(main.shape[1]):
            values = plain(main.iloc[ordinals, place])
            lost = [missing(value) for value in values]
            patterns.append(lost)
            picked += [ordinals[at] for at in _firsts(lost)]
            picked += [ordinals[at] for at in _of_column(values, lost)]
        picked += [ordinals[at] for at in _firsts(list(zip(*patterns)))]
    for spec in tables.children:
        counts = tables.child_counts(spec)[ordinals]
        picked += [ordinals[at] for at in _firsts(np.minimum(counts, 2).tolist())] + [ordinals[int(np.argmax(counts))]]
    return picked


def _of_column(values: Any, lost: List[bool]) -> List[int]:
    known = [at for at, gone in enumerate(lost) if not gone]
    if not known:
        return []
    if values.dtype.kind in "iufmM":
        present = values[known]
        return [known[int(np.argmin(present))], known[int(np.argmax(present))]]
    try:
        firsts = _firsts([values[at] for at in known])
    except TypeError:  # unhashable entries
        return []
    return [known[at] for at in firsts] if len(firsts) <= CATEGORIES else []


def _firsts(values: List[Any]) -> List[int]:
    seen: Dict[Any, int] = {}
    for at, value in enumerate(values):
        seen.setdefault(value, at)
    return list(seen.values())
