"""OPS-02: the notebook runs from the top in a clean kernel, and training again gives the same model."""

from dataclasses import dataclass, replace

from nb2svc.ir.verdict import Mode
from nb2svc.readiness.checks.outcome import Outcome, counted, listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """The last validation of this notebook on these data, by the start of its `digest`: more runs from the top in clean kernels.

    `whole` of its `runs` came to their end. `sets` of parameters were run several times; `apart` says of those whose runs differ
    in a metric or a check what differs.
    """

    digest: str
    runs: int
    whole: int
    sets: int
    apart: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduction:
    """The clean run (`captured`: its capture's digest, "" where there is none) and the second training's comparison.

    `cells` is the number of code cells that ran, `changed` are those of the notebook that are another text since. `order` are the
    execution counts that the author's file was saved with (None: a cell that was not run). `unused` are the cells that neither
    the service nor a check needs. `reason` says why there was no second training. `page` is the executed notebook as a page: its
    path, as seen from the notebook's folder, and its SHA-256; None where none was kept. `validated` is what a validation adds.
    """

    captured: str
    cells: int
    order: tuple[int | None, ...]
    unused: tuple[str, ...]
    retrain: Mode | None
    reason: str = ""
    page: tuple[str, str] | None = None
    changed: tuple[str, ...] = ()
    validated: Repeats | None = None


def judge_reproduction(run: Reproduction) -> Outcome:
    """Pass where all cells ran in a clean kernel and the second training's predictions agree."""
    return replace(_judged(run), files=(run.page,) if run.page else ())


def _judged(run: Reproduction) -> Outcome:
    if not run.captured:
        return Outcome(
            status="not_evaluated",
            sentence="The notebook was not run in a clean kernel.",
            next_action="Build again, so that the notebook is run from the top.",
        )
    details = _details(run)
    retrain = run.retrain
    if retrain is None or (retrain.status != "fail" and not _compared(retrain)):
        reason = run.reason or (retrain.note if retrain else "") or "training.py was not run again"
        return Outcome(
            status="not_evaluated",
            sentence=f"All {counted(run.cells, 'cell')} ran in a clean kernel, but training was not repeated: {reason}.",
            next_action="Build with the second training: leave out --no-retrain.",
            details=details,
        )
    if not _compared(retrain):
        return Outcome(
            status="fail",
            sentence=f"training.py can't train again{_because(retrain)}.",
            next_action="Run training.py by hand on the notebook's data, and mend what it stops at.",
            details=details,
        )
    # Even where the proof only warns (a missing seed does not change what is served), this item's question is answered: no.
    if retrain.status == "fail" or retrain.different:
        return Outcome(
            status="fail",
            sentence=f"Training again gives another model: {retrain.different:,} of {retrain.compared:,} predictions differ"
            f"{_because(retrain)}.",
            next_action="Give every random step of the notebook a seed (random_state=0), and build again.",
            details=details,
        )
    agree = f"{retrain.compared:,} of {retrain.total:,} predictions agree"
    if retrain.status == "warn":
        return Outcome(
            status="warn",
            sentence=f"Training again gives the same model only within a wider tolerance: {agree}{_because(retrain)}.",
            next_action="Read the note of the second training, and build again after the edit that it names.",
            details=details,
        )
    if run.validated is not None and run.validated.apart:
        return Outcome(
            status="warn",
            sentence=f"training.py trained the same model again, and {agree}; but runs of the same parameters differ in the last"
            f" validation: {listed(run.validated.apart)}.",
            next_action="Give what is drawn outside training a seed, too, and validate with --repeat again.",
            details=details,
        )
    return Outcome(
        status="pass",
        sentence=f"All {counted(run.cells, 'cell')} ran from the top in a clean kernel{_since(run)}; training.py trained again,"
        f" and {agree}.{_validated(run.validated)}",
        details=details,
    )


def order_fact(order: tuple[int | None, ...]) -> str:
    """How the author's file was executed when it was saved: a fact for the reader, since the clean run has the say.

    (1, 2, 3) → "in order"; (1, 7, 3) → "out of order (1, 7, 3)"; (None, None) → "never run"
    """
    ran = [number for number in order if number is not None]
    if not ran:
        return "never run"
    missed = f", {counted(len(order) - len(ran), 'cell')} not run" if len(ran) < len(order) else ""
    if ran == sorted(ran) and len(set(ran)) == len(ran):
        return f"in order{missed}"
    shown = ", ".join(str(number) for number in ran[:12]) + (", …" if len(ran) > 12 else "")
    return f"out of order ({shown}){missed}"


def _details(run: Reproduction) -> tuple[tuple[str, str], ...]:
    unused = listed(run.unused, most=8) if run.unused else "none"
    facts: tuple[tuple[str, str], ...] = (("cells as saved", order_fact(run.order)), ("cells that nothing served needs", unused))
    if run.page is None:
        facts = (*facts, ("the executed notebook", "its page is not there as the run left it"))
    if run.changed:
        # The run was not repeated for them: what they do reaches neither the model nor a value that was kept.
        facts = (*facts, ("cells changed since that run", listed(run.changed, most=8)))
    if run.validated is not None:
        facts = (*facts, ("validation", _runs(run.validated)))
    if run.retrain is None:
        return facts
    mode = run.retrain
    return (*facts, ("second training", f"{mode.compared:,} of {mode.total:,} compared, {mode.different:,} different"))


def _runs(seen: Repeats) -> str:
    told = f"{seen.whole} of {counted(seen.runs, 'run')} came from the top to their end in clean kernels"
    if seen.sets:
        told += f"; {counted(seen.sets, 'set')} repeated, {len(seen.apart)} with other numbers"
    return f"{told} (digest {seen.digest[:12]})"


def _validated(seen: Repeats | None) -> str:
    if seen is None or not seen.whole:
        return ""
    same = f", and {counted(seen.sets, 'repeated set')} gave equal numbers" if seen.sets else ""
    return f" {seen.whole} of {counted(seen.runs, 'run')} of the last validation came from the top to their end, too{same}."


def _since(run: Reproduction) -> str:
    return f" ({counted(len(run.changed), 'cell')} changed since, which it does not depend on)" if run.changed else ""


def _compared(mode: Mode) -> bool:
    return mode.status != "not_evaluated" and mode.compared > 0


def _because(mode: Mode) -> str:
    return f" ({mode.note})" if mode.note else ""
