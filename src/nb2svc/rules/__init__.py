"""Rules: what in a notebook would surprise its service. One rule a file; its docstring is its documentation page."""

from types import ModuleType

from nb2svc.analysis.index import make_index
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.finding import Finding
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.outline import Outline
from nb2svc.rules import (
    absolute_path,
    chained_inplace,
    clock,
    feature_assert,
    frames_side_by_side,
    hidden_state,
    idle_check,
    ipython_effects,
    library_options,
    literal_secret,
    metric_criteria,
    module_path,
    open_for_writing,
    out_of_order,
    target_in_features,
    unseeded_random,
    unused_tag,
)
from nb2svc.rules.context import Context

RULES: tuple[ModuleType, ...] = (
    out_of_order,
    unused_tag,
    absolute_path,
    literal_secret,
    clock,
    unseeded_random,
    hidden_state,
    feature_assert,
    library_options,
    chained_inplace,
    target_in_features,
    ipython_effects,
    frames_side_by_side,
    open_for_writing,
    module_path,
    idle_check,
    metric_criteria,
)
"""Every rule, by its code."""


def check(notebook: Notebook, dataflow: Dataflow, outline: Outline | None) -> tuple[Finding, ...]:
    """The findings of all rules, in the notebook's order; without an outline only those that need none."""
    parts = dict(outline.parts) if outline else {}
    context = Context(index=make_index(notebook, dataflow), outline=outline, parts=parts)
    found = dict.fromkeys(finding for rule in RULES for finding in rule.check(context))
    return tuple(sorted(found, key=_place))


def _place(finding: Finding) -> tuple[int, int, int, str]:
    span = finding.span
    return (span.cell, span.line, span.column, finding.code) if span else (0, 0, 0, finding.code)
