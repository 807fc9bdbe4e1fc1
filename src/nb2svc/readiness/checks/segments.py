"""GOV-07: it is good enough in every segment, of those that somebody named and of those that its errors show."""

from dataclasses import dataclass

from nb2svc.readiness.checks.outcome import Outcome, counted, listed

# So rare must a segment as bad be among errors dealt out at random, and so many searches among such errors may find one.
LEVEL, LUCKY = 0.01, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSegment:
    """Rows in which the model errs more, as half of the held-out rows tell it and the other half confirms.

    `error` is the share of wrong answers there, or the mean distance, with its 95 % interval; `others` that of the other rows.
    `chance` is how often errors dealt out at random are as bad in it.
    """

    text: str
    rows: int
    error: float
    low: float
    high: float
    others: float
    chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentCheck:
    """A check in a segment over the runs of a validation: `fewest` are its rows in the run that has fewest."""

    check: str
    segment: str
    passed: int
    failed: int
    unknown: int
    fewest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """`declared` are the checks by segment, `worst` each metric's worst segment in words; `undeclared` says why there are none.

    `found` is the worst segment of the search, `random` counts the searches of `tries` among errors dealt out at random that
    called something a segment; `unsearched` says why nothing was looked for. `kind` tells what an error is.
    """

    declared: tuple[SegmentCheck, ...] = ()
    worst: tuple[str, ...] = ()
    undeclared: str = ""
    found: FoundSegment | None = None
    random: int = 0
    tries: int = 0
    kind: str = ""
    searched: int = 0
    unsearched: str = ""


def judge_segments(run: Segments) -> Outcome:
    """Pass where each check holds in each named segment and no other segment stands out."""
    details = _details(run)
    failing = [one for one in run.declared if one.failed]
    if failing:
        first = max(failing, key=lambda one: one.failed / max(1, one.failed + one.passed))
        runs = f"{first.failed} of {counted(first.failed + first.passed + first.unknown, 'run')}"
        sentence = f"Check {first.check} fails in {first.segment} in {runs} (with {first.fewest:,} rows or more)"
        more = f", and {len(failing) - 1} more fail" if len(failing) > 1 else ""
        action = f"Look at the rows of {first.segment}: more of them, or a model that knows them better."
        return Outcome(status="fail", sentence=f"{sentence}{more}.", next_action=action, details=details)
    found = _standing_out(run)
    known = [one for one in run.declared if one.passed]
    if found is not None:
        begin = f"{_held(known)} But the" if known else "The"
        sentence = f"{begin} model errs more where {_told(found, run)}."
        action = "Decide whether that is good enough there; name the segment with --segments, so that the checks hold in it."
        return Outcome(status="warn", sentence=sentence, next_action=action, details=details)
    if not known:
        why = run.undeclared or "no check could be evaluated in a segment"
        return Outcome(
            status="not_evaluated",
            sentence=f"No segment has a floor: {why}.",
            next_action="Name the segments that matter: nb2svc validate NOTEBOOK --segments COLUMN, then build again.",
            details=details,
        )
    unknown = sorted({one.segment for one in run.declared if one.unknown and not one.passed})
    if unknown:
        sentence = f"{_held(known)} But none could be evaluated in {listed(tuple(unknown))}."
        action = "Hold out more rows of these segments."
        return Outcome(status="warn", sentence=sentence, next_action=action, details=details)
    return Outcome(status="pass", sentence=f"{_held(known)} {_searched(run)}", details=details)


def _held(known: list[SegmentCheck]) -> str:
    segments, checks = {one.segment for one in known}, {one.check for one in known}
    return f"{listed(tuple(sorted(checks)))} hold{'s' if len(checks) == 1 else ''} in {counted(len(segments), 'segment')}."


def _searched(run: Segments) -> str:
    if run.unsearched:
        return f"No other was looked for: {run.unsearched}."
    return f"Its errors on {counted(run.searched, 'held-out row')} show no other."


def _standing_out(run: Segments) -> FoundSegment | None:
    """What the search found, unless it finds as much where there is nothing."""
    if run.found is None or run.random > LUCKY or run.found.chance > LEVEL or run.found.error <= run.found.others:
        return None
    return run.found


def _told(found: FoundSegment, run: Segments) -> str:
    number = "{:.0%}".format if run.kind == "classifier" else "{:.3g}".format
    what = "of its answers are wrong" if run.kind == "classifier" else "off on average"
    likely = f"{number(found.low)} to {number(found.high)} is likely"
    return f"{found.text}: {number(found.error)} {what} in {found.rows:,} rows ({likely}), {number(found.others)} elsewhere"


def _details(run: Segments) -> tuple[tuple[str, str], ...]:
    facts = [("worst segment", each) for each in run.worst]
    if run.undeclared:
        facts.append(("named segments", run.undeclared))
    if run.unsearched:
        facts.append(("found segments", run.unsearched))
    elif run.found is not None:
        facts.append(("worst segment of the search", f"{_told(run.found, run)}; by chance in {run.found.chance:.1%}"))
    if run.tries:
        facts.append(("searches among random errors that found one", f"{run.random} of {run.tries}"))
    return tuple(facts)
