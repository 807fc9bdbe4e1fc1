"""Which selections read the target: their rows change when the target's values are exchanged between rows."""

from __future__ import annotations

from typing import Dict, FrozenSet, Optional, Tuple

import numpy as np
import pandas as pd

from .probing import Trace, trace
from .rowids import Rows
from .runs import Runner
from .sample import Tables


def rows_by_target(runner: Runner, tables: Tables, traced: Trace, target: Optional[str]) -> Dict[int, bool]:
    """For each selection of the full run whether its rows depend on the target."""
    main = tables.values[tables.main]
    if target is None or not isinstance(main, pd.DataFrame) or not traced.selections:
        return {}
    other = trace(runner, with_other_target(tables, target))
    found = {}
    earlier = False
    for number, selection in traced.selections.items():
        again = other.selections.get(number)
        if again is None or len(again.parts) != len(selection.parts):
            differs = True
        else:
            # Only what this selection drops counts, not what one above it has dropped before.
            pairs = zip(selection.parts, again.parts)
            differs = any(_dropped(a) != _dropped(b) for a, b in pairs) and not earlier
        found[number] = differs
        earlier = earlier or differs
    return found


def _dropped(part: Tuple[int, Rows, Rows]) -> FrozenSet[int]:
    _, before, after = part
    return frozenset(np.setdiff1d(before.ids, after.ids).tolist())


def with_other_target(tables: Tables, target: str) -> Tables:
    """The tables with the target's values the other way round."""
    main = tables.values[tables.main]
    if not isinstance(main, pd.DataFrame) or target not in main.columns:
        return tables
    changed = main.copy()
    changed[target] = main[target].to_numpy()[::-1]
    changed[target] = changed[target].astype(main[target].dtype)
    return tables.with_values({tables.main: changed})
