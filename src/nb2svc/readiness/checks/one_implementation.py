"""DAT-03: there is one implementation of the features, shown by the proof."""

from nb2svc.ir.verdict import Mode, Verdict
from nb2svc.readiness.checks.outcome import Outcome, counted, listed

# At least one mode that compares with the notebook's own values, and every one of the others.
ORACLES = ("predictions", "inputs")
REPLAYS = ("alone", "shuffled", "json")
# Modes of the same verdict that other items answer for.
ELSEWHERE = frozenset({"retrain", "checks"})


def judge_verdict(verdict: Verdict) -> Outcome:
    """Pass where an oracle mode and every replay compared rows and none differed.

    predictions 488 of 488, inputs 1,947 of 1,947, alone 500 of 1,947, … → pass; one value of one mode differs → fail
    """
    modes = tuple(mode for mode in verdict.modes if mode.name not in ELSEWHERE)
    details = tuple((mode.name, _figures(mode)) for mode in modes)
    failed = tuple(mode for mode in modes if mode.status == "fail")
    if failed:
        return Outcome(status="fail", sentence=_failure(failed), next_action=_repair(verdict), details=details)
    missing = _missing(modes)
    if missing:
        return Outcome(
            status="not_evaluated",
            sentence=f"The proof compared nothing in {listed(missing)}.",
            next_action="Build again with every mode of the proof.",
            details=details,
        )
    compared = _compared(tuple(mode for mode in modes if _counts(mode)))
    if verdict.knife_edges or any(mode.status == "warn" for mode in modes):
        return Outcome(status="warn", sentence=_warning(verdict, compared), next_action=_rounding(verdict), details=details)
    return Outcome(status="pass", sentence=f"The notebook's rows give the notebook's values: {compared}.", details=details)


def _compared(modes: tuple[Mode, ...]) -> str:
    """The oracles and the rows alone with their figures, the other ways by number; the details have all.

    → "predictions 488 of 488, inputs 1,947 of 1,947, alone 500 of 1,947, and so in 3 more ways (shuffled, json, http)"
    """
    told = [mode for mode in modes if mode.name in (*ORACLES, "alone")]
    others = [mode.name for mode in modes if mode not in told]
    figures = ", ".join(f"{mode.name} {_share(mode)}" for mode in told)
    return f"{figures}, and so in {counted(len(others), 'more way')} ({', '.join(others)})"


def _counts(mode: Mode) -> bool:
    return mode.status in ("pass", "warn") and mode.compared > 0


def _missing(modes: tuple[Mode, ...]) -> tuple[str, ...]:
    """What did not run and has to: both oracles count as one."""
    ran = {mode.name for mode in modes if _counts(mode)}
    oracle = () if ran.intersection(ORACLES) else (" or ".join(ORACLES),)
    return (*oracle, *(name for name in REPLAYS if name not in ran))


def _figures(mode: Mode) -> str:
    figures = f"{mode.status}, {_share(mode)} compared, {mode.different:,} different"
    return f"{figures}; {mode.note}" if mode.note else figures


def _share(mode: Mode) -> str:
    return f"{mode.compared:,} of {mode.total:,}"


def _failure(failed: tuple[Mode, ...]) -> str:
    parts = ", ".join(f"{mode.name} {mode.different:,} of {mode.compared:,}" for mode in failed)
    return f"The generated code does not give the notebook's values; rows that differ: {parts}."


def _repair(verdict: Verdict) -> str:
    if verdict.divergence:
        where = verdict.divergence
        return f"Look at {where.span}, column {where.column}: it is the first place where service and notebook part."
    return "Read the log of the proof, and mend the first mode that failed."


def _warning(verdict: Verdict, compared: str) -> str:
    if not verdict.knife_edges:
        return f"The notebook's rows give the notebook's values within a wider tolerance: {compared}."
    rows = len({edge.row for edge in verdict.knife_edges})
    stand = "1 row stands" if rows == 1 else f"{rows:,} rows stand"
    return f"The notebook's rows give the notebook's values, but {stand} exactly on a threshold of the model: {compared}."


def _rounding(verdict: Verdict) -> str:
    if not verdict.knife_edges:
        return "Read the notes of the modes that warn."
    return f"Round {verdict.knife_edges[0].column} in the notebook, for example with .round(2)."
