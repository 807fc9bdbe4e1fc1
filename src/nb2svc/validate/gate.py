"""A challenger and the champion: may the model of this validation take the place of the one in service? Pure.

Only declared margins decide, and only on the same data: numbers on other rows say nothing of which model is better.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nb2svc.ir.judgement import Criteria, Gated, Outcome
from nb2svc.ir.validation import Validation
from nb2svc.validate.compared import compared_with, doubtful, rejected, uncompared
from nb2svc.validate.comparing import comparisons
from nb2svc.validate.judge import ended_runs, varying
from nb2svc.validate.moves import given

CHAMPION = "champion"
STATED = "--other-data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Champion:
    """The validation of the model in service, read at `source`; `other_data` says that it may have read other files."""

    validation: Validation
    source: str
    other_data: bool = False
    name: str = CHAMPION


def judge_gate(validation: Validation, champion: Champion, criteria: Criteria) -> Gated:
    """Whether it can be shown to be no worse than the champion, metric by metric."""
    # What is the same in all runs of each is what tells the two models apart: their runs still pair, by seed.
    within = varying(run.spec for run in validation.runs) | varying(run.spec for run in champion.validation.runs)
    compared = comparisons(validation, champion.validation, criteria, by=within)
    other = differing_data(validation, champion.validation)
    bad = (*_other_data(other, champion), *uncompared(criteria, compared, of="the champion"), *rejected(compared))
    left = len(validation.runs) - len(ended_runs(validation))
    open_ = (f"{left} of {len(validation.runs)} runs were not made",) if left else ()
    warned = tuple(doubtful(compared))
    outcome: Outcome = "fail" if bad else "open" if open_ else "warn" if warned else "pass"
    return Gated(
        name=champion.name,
        champion=compared_with(champion.validation, champion.source),
        comparisons=compared,
        outcome=outcome,
        reasons=(*bad, *open_, *warned),
        other_data=other,
        data_stated=bool(other) and champion.other_data,
        parameters=tuple(_other_parameters(validation, champion.validation)),
    )


def differing_data(
    validation: Validation, champion: Validation, *, one: str = "the challenger", other: str = "the champion"
) -> tuple[str, ...]:
    """How the files that two validations read differ, in words; the author's modules are code. `one` and `other` are their names.

    A file of another name with the same content is the same data.
    """
    now, before = data_of(validation), data_of(champion)
    if not before and not any(run.inputs for run in champion.runs) and now:
        return (f"it is not known which files {other} read",)
    new, old = set(now.values()), set(before.values())
    changed = [path for path, digest in now.items() if digest not in old and path in before and before[path] not in new]
    return (
        *(f"{path} is another file" for path in changed),
        *(f"only {one} read {path}" for path, digest in now.items() if digest not in old and path not in changed),
        *(f"only {other} read {path}" for path, digest in before.items() if digest not in new and path not in changed),
    )


def data_of(validation: Validation) -> dict[str, str]:
    """The files that the runs read, with their digests: data, no code."""
    files = {(file.path, file.sha256) for run in validation.runs for file in run.inputs if not file.path.endswith(".py")}
    return dict(sorted(files))


def _other_parameters(validation: Validation, champion: Validation) -> Iterator[str]:
    """What all runs of each set otherwise."""
    now, before = _fixed(validation), _fixed(champion)
    for name in sorted(now.keys() & before.keys()):
        if now[name] != before[name]:
            yield f"{name}={now[name]}, was {before[name]}"


def _fixed(validation: Validation) -> dict[str, str]:
    """The parameters that have one value in all runs."""
    own = {each.name: each.shown for each in validation.defaults}
    values = {name: {given(run, name, own) for run in validation.runs} for name in own}
    return {name: str(next(iter(found))) for name, found in values.items() if len(found) == 1}


def _other_data(other: Sequence[str], champion: Champion) -> Iterator[str]:
    if other and not champion.other_data:
        yield (
            f"the champion was validated on other data ({'; '.join(other)}): validate its notebook on these files,"
            f" or say {STATED} where that is meant"
        )
