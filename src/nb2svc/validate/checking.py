"""A check over all runs: how often it fails, and whether that is chance or a parameter. Pure.

Flaky is a check that says different things where nothing but the seed or the repeat differs. One that always says the same with
one set of parameters depends on them: `fails at threshold ≥ 0.7, on all 8 seeds`.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from nb2svc.ir.judgement import CheckCount, JudgedCheck
from nb2svc.ir.validation import Parameter, RunResult
from nb2svc.validate.intervals import share_interval
from nb2svc.validate.judge import varying
from nb2svc.validate.keys import is_seed
from nb2svc.validate.moves import given, rank
from nb2svc.validate.units import sample_words, units

Said = tuple[RunResult, bool]
"""A run, and whether the check passed in it."""

_MOST = 3


def judged_check(count: CheckCount, runs: Sequence[RunResult], defaults: Sequence[Parameter] = ()) -> JudgedCheck:
    """A check with the share of runs that it does not pass in, and what that depends on.

    The seeds are the sample. Each is one voice, divided by the share of its own runs: 24 runs of 8 seeds, of which each fails one
    in three, are 2.67 of 8. Divided voices vary no more than whole ones, so whole ones say how sure it is (as Korn and Graubard,
    *Survey Methodology* 24, 1998, with as many as there are seeds).
    """
    said = [(run, check.outcome) for run in runs if (check := run.check(count.name, count.segment)) is not None]
    told = [(run, outcome == "pass") for run, outcome in said if outcome != "not_reached"]
    voices = units((run.spec, passed) for run, passed in told)
    failing = math.fsum(unit.count(False) / len(unit) for unit in voices)
    flaky, depends = _why(told, {each.name: each.shown for each in defaults})
    return JudgedCheck(
        count=count,
        failing=share_interval(failing, len(voices)),
        flaky=flaky,
        depends=depends,
        sample=sample_words((run.spec, passed) for run, passed in told),
    )


def check_name(check: JudgedCheck) -> str:
    """`good_auc`, or `good_auc [region=north]`."""
    return f"{check.count.name} [{check.count.segment}]" if check.count.segment else check.count.name


def failing_words(check: JudgedCheck) -> str:
    """`2 of 20 (between 1% and 32% is likely)`; of more runs than seeds `8 of 24 (between 7% and 72% is likely, by 8 seeds)`."""
    count = check.count
    bad, seen = count.failed + count.errors, count.passed + count.failed + count.errors
    if check.failing is None:
        return "no run came to it"
    # Of sets nobody drew any by chance.
    told = check.sample and (check.sample.endswith("parameters") or not check.sample.startswith(f"{seen} "))
    by = f", by {check.sample}" if told else ""
    if bad == 0:
        return f"none of {seen} (up to {check.failing.high:.0%} is likely{by})"
    return f"{bad} of {seen} (between {check.failing.low:.0%} and {check.failing.high:.0%} is likely{by})"


def _why(told: Sequence[Said], own: Mapping[str, str]) -> tuple[bool, str]:
    """Whether a check is flaky, and what it depends on where it is not, or ""."""
    if len({passed for _, passed in told}) < 2:
        return False, ""
    names = sorted(varying(run.spec for run, _ in told))
    seeds, settings = [name for name in names if is_seed(name)], [name for name in names if not is_seed(name)]
    if not _decides(settings, told, own):
        return True, ""
    if seeds and _decides(seeds, told, own):
        differ = " and ".join([*seeds, *settings])
        return False, f"passes in some runs only, which differ in {differ} at once: which it depends on can't be told"
    alone = [name for name in settings if _decides([name], told, own)]
    if not alone:
        return False, f"fails with {_sets(settings, told, own)}"
    places = " or ".join(_levels(name, told, own) for name in alone)
    together = " (they differ together)" if len(alone) > 1 else ""
    return False, f"fails at {places}{together}{_evidence(alone[0], seeds, told, own)}"


def _decides(names: Sequence[str], told: Sequence[Said], own: Mapping[str, str]) -> bool:
    """Whether runs that have the same values of these parameters say the same."""
    return all(len(set(said)) == 1 for said in _by(_values(names, own), told).values())


def _levels(name: str, told: Sequence[Said], own: Mapping[str, str]) -> str:
    """The values at which it fails: `threshold ≥ 0.7`, `model='lr'`."""
    levels = sorted(_by(_values([name], own), told).items(), key=lambda level: rank(level[0][0]))
    values, failing = [value for (value,), _ in levels], [not said[0] for _, said in levels]
    bad = [value for value, fails in zip(values, failing, strict=True) if fails]
    if not any(rank(value)[0] for value in values):
        # One step: all that fails lies on one side of all that does not.
        if failing == sorted(failing):
            return f"{name} ≥ {bad[0]}"
        if failing == sorted(failing, reverse=True):
            return f"{name} ≤ {bad[-1]}"
    return " and ".join([f"{name}={value}" for value in bad[:_MOST]] + _more(bad))


def _sets(names: Sequence[str], told: Sequence[Said], own: Mapping[str, str]) -> str:
    """The sets of parameters with which it fails, where no parameter alone decides."""
    bad = sorted(values for values, said in _by(_values(names, own), told).items() if not said[0])
    shown = [" ".join(f"{name}={value}" for name, value in zip(names, values, strict=True)) for values in bad[:_MOST]]
    return ", ".join(shown + _more(bad))


def _more(found: Sequence[object]) -> list[str]:
    return [f"{len(found) - _MOST} more"] if len(found) > _MOST else []


def _evidence(name: str, seeds: Sequence[str], told: Sequence[Said], own: Mapping[str, str]) -> str:
    """How often it was seen that this parameter decides."""
    failed = _by(_values([name], own), [(run, passed) for run, passed in told if not passed])
    every = {_values(seeds, own)(run) for run, _ in told}
    by_level = [
        {_values(seeds, own)(run) for run, passed in told if not passed and _values([name], own)(run) == level}
        for level in failed
    ]
    if len(every) > 1 and all(found == every for found in by_level):
        return f", on all {len(every)} seeds"
    if min(len(said) for said in _by(_values([name], own), told).values()) > 1:
        return ", each time"
    return "; it was seen once, which may be chance: seeds would tell"


def _values(names: Iterable[str], own: Mapping[str, str]) -> Callable[[RunResult], tuple[str, ...]]:
    asked = tuple(names)
    return lambda run: tuple(given(run, name, own) for name in asked)


def _by(key: Callable[[RunResult], tuple[str, ...]], told: Iterable[Said]) -> dict[tuple[str, ...], list[bool]]:
    found: dict[tuple[str, ...], list[bool]] = {}
    for run, passed in told:
        found.setdefault(key(run), []).append(passed)
    return found
