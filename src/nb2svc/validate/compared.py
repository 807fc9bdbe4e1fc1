"""What comparisons say in words, of the baseline and at the gate. Pure.

A declared margin that does not hold rejects; one that nobody declared only warns.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches

from nb2svc.ir.judgement import Baseline, Comparison, Criteria
from nb2svc.ir.validation import Validation
from nb2svc.validate.judge import ended_runs


def metric_name(one: Comparison) -> str:
    """`auc`, or `auc [region=north]`."""
    return f"{one.metric} [{one.segment}]" if one.segment else one.metric


def rejected(compared: Sequence[Comparison]) -> Iterator[str]:
    """The declared margins that do not hold."""
    for one in compared:
        if one.declared and one.outcome != "no_worse":
            yield f"{metric_name(one)}: {one.reason}"


def doubtful(compared: Sequence[Comparison]) -> Iterator[str]:
    """What only warns."""
    for one in compared:
        if not one.declared and one.outcome != "no_worse":
            yield f"{metric_name(one)}: {one.reason} (nobody declared a margin: it only warns)"


def uncompared(criteria: Criteria, compared: Sequence[Comparison], *, of: str) -> Iterator[str]:
    """The margins that nothing was compared with: a misspelt name must not pass."""
    names = {one.metric for one in compared}
    for name, _ in criteria.margins:
        if name not in names:
            yield unknown_metric(name, names, of=of)


def on_command_line(criteria: Criteria) -> Criteria:
    """Without the margins that tags declare."""
    declared = dict(criteria.places)
    return replace(criteria, margins=tuple(pair for pair in criteria.margins if pair[0] not in declared))


def new_metrics(criteria: Criteria, compared: Sequence[Comparison]) -> Iterator[str]:
    """The margins of tags for metrics that the baseline has not: they decide nothing yet."""
    names = {one.metric for one in compared}
    for name, place in criteria.places:
        if name not in names:
            yield f"{name}: the baseline does not have it, so its margin ({place}) decides nothing yet"


def undirected(criteria: Criteria, names: Collection[str]) -> Iterator[str]:
    """The directions of metrics that nobody told: a misspelt name must not be passed over."""
    for option, given in (("--lower-is-better", criteria.lower), ("--higher-is-better", criteria.higher)):
        for name in given:
            if name not in names:
                yield f"{option} {name}: {unknown_metric(name, names, of='this validation')}"


def nothing_compared(compared: Sequence[Comparison], *, told: Collection[str], before: Collection[str]) -> Iterator[str]:
    """That a baseline was asked for, and has no number that could be compared."""
    if not any(one.mean is not None and one.baseline_mean is not None for one in compared):
        ours, theirs = (", ".join(sorted(names)) or "no metric" for names in (told, before))
        yield f"nothing could be compared with the baseline: it has {theirs}, and these runs have {ours}"


def unknown_metric(name: str, names: Collection[str], *, of: str = "the baseline") -> str:
    """What is said of a margin for a metric that the validation compared with has not."""
    close = get_close_matches(name, sorted(names), n=1)
    told = f"; did you mean {close[0]}?" if close else f"; it has {', '.join(sorted(names)) or 'no metric'}"
    return f"{of} has no metric {name}{told}"


def compared_with(validation: Validation, source: str) -> Baseline:
    """What is kept of a validation that another one was compared with."""
    return Baseline(
        source=source,
        notebook=validation.notebook,
        notebook_digest=validation.notebook_digest,
        began=validation.began,
        runs=len(ended_runs(validation)),
    )
