"""Row labels that became a column which nothing reads: `reset_index()` without `drop=True`, and `index` is never used.

Such a column is another one for each request, and it may be: neither the model input nor the answer depends on it.
"""

from __future__ import annotations

import ast
from typing import Any, Dict, List, Optional, Set

import pandas as pd

from .compare import equal
from .probing import Probing
from .program import Script, Stopped
from .record import Run
from .runs import Runner, Watch
from .sites import Site
from .tabular import snapshot
from .training import own

OTHER = "_nb2svc_other_labels"
# Methods that make columns of the row labels, and keep what the rows hold.
LABELLING = frozenset({"reset_index"})


def labels_are_unread(runner: Runner, found: Probing, site: Site) -> bool:
    """Whether model input and answer stay what they are when the labels in the new column are others."""
    if site.expr.method not in LABELLING or not isinstance(site.node, ast.Call) or not isinstance(site.node.func, ast.Attribute):
        return False
    columns = _held(site.value(site.node.func.value))
    value = site.value(site.node)
    if columns is None or not isinstance(value, pd.DataFrame) or not columns <= set(value.columns):
        return False
    as_it_is, changed = (_outcome(runner, found, site.number, columns, other=other) for other in (False, True))
    return as_it_is is not None and changed is not None and equal(as_it_is, changed)


def _held(value: Any) -> Optional[Set[Any]]:
    if isinstance(value, pd.DataFrame):
        return set(value.columns)
    return {value.name} if isinstance(value, pd.Series) and value.name is not None else None


def _outcome(runner: Runner, found: Probing, number: int, columns: Set[Any], *, other: bool) -> Optional[List[Any]]:
    """Model input and answer of the training run with the labels as they are, or with others; None where it stops."""

    def replace(wrapped: Dict[int, ast.expr]) -> ast.expr:
        return ast.Call(ast.Name(OTHER, ast.Load()), [wrapped[number]], [])

    def prepare(run: Run, watch: Watch) -> None:
        run.listener = lambda _, seen: own(seen)
        watch.draws_again = runner.program.request.draw_again

    script = Script(runner.program, replacements={number: replace}, served=False)
    runner.namespace[OTHER] = lambda value: _with_other_labels(value, columns) if other else value
    try:
        watch = runner.run(script, found.tables, prepare)
    except Stopped:
        return None
    finally:
        runner.namespace.pop(OTHER, None)
    return [watch.served, watch.output]


def _with_other_labels(value: pd.DataFrame, columns: Set[Any]) -> pd.DataFrame:
    """Each new column the other way round, and with values that it did not have."""
    changed: pd.DataFrame = snapshot(value)
    for name in [name for name in value.columns if name not in columns]:
        labels = value[name].to_numpy()[::-1]
        changed[name] = [-1 - label if isinstance(label, (int, float)) else "{}_".format(label) for label in labels.tolist()]
    return changed
