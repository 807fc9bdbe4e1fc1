"""OPS-05: a model that is not good enough is stopped before it serves: by floors of its own, and by the model in service."""

from dataclasses import dataclass
from typing import Literal

from nb2svc.readiness.checks.outcome import Outcome, counted, listed

Statuses = tuple[tuple[str, str], ...]
"""Each check by name, with `pass`, `fail` or `skip`."""

Compared = Literal["", "pass", "warn", "fail", "open"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityGate:
    """The author's checks on the model at the gate, and on models of the same training whose labels were shuffled.

    `certain` are checks that compare answers with the truth, as the source says. `compared` is what a validation said of the
    model against the one in `service` (or an earlier validation), `margins` by which metrics; "" where nothing was compared, and
    `uncompared` says why. `problem` says why the checks could not be tried.
    """

    checks: Statuses = ()
    shuffled: tuple[Statuses, ...] = ()
    certain: tuple[str, ...] = ()
    compared: Compared = ""
    service: str = ""
    margins: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    uncompared: str = ""
    problem: str = ""


def judge_quality_gate(gate: QualityGate) -> Outcome:
    """Pass where floors hold, models that learned nothing are rejected, and the model is no worse than the one in service."""
    if gate.problem:
        return _open(gate.problem, "Write a check cell with the lowest metric that may go live.")
    failing = tuple(name for name, status in gate.checks if status == "fail")
    if failing:
        return _fail(gate, f"The model does not pass {listed(failing)}.", "Train a better model, or change the floor on purpose.")
    held = tuple(name for name, status in gate.checks if status == "pass")
    if not held:
        return _open("no check could be evaluated", "Write a check cell with the lowest metric that may go live.")
    if not _rejected(gate):
        return _unstopped(gate, held)
    if gate.compared == "fail":
        why = gate.reasons[0] if gate.reasons else "it is worse"
        return _fail(
            gate, f"It is not shown to be as good as {gate.service}: {why}.", "Keep the model in service, or train a better one."
        )
    return _floors(gate, held)


def _unstopped(gate: QualityGate, held: tuple[str, ...]) -> Outcome:
    if gate.certain:
        return _fail(
            gate,
            f"The gate lets models through that learned nothing: all {len(gate.shuffled)} trained on shuffled labels"
            f" pass {listed(gate.certain)}.",
            "Raise the floor above what a model reaches that was trained on shuffled labels.",
        )
    return _open(
        f"{listed(held)} can't tell a model from one that was trained on shuffled labels",
        "Write a check cell with the lowest metric that may go live, on answers and truth of held-out rows.",
    )


def _floors(gate: QualityGate, held: tuple[str, ...]) -> Outcome:
    tried = len(gate.shuffled)
    stopped = f"{_rejected(gate)} of {tried} models trained on shuffled labels are stopped"
    floors = f"The model passes {counted(len(held), 'check')}, by which {stopped}"
    if 2 * _rejected(gate) <= tried:
        return _warn(
            gate, f"{floors}: the others pass by luck.", "Raise the floor: what learned nothing should pass it hardly ever."
        )
    if gate.compared == "pass":
        sentence = f"{floors}; it is no worse than {gate.service} by the margins of {listed(gate.margins)}."
        return Outcome(status="pass", sentence=sentence, details=_details(gate))
    why = gate.uncompared or (gate.reasons[0] if gate.reasons else f"against {gate.service} it can't be told")
    return _warn(
        gate,
        f"{floors}; but it was not compared with the model in service: {why}.",
        "Keep the validation.json of what goes live; validate with --gate champion=FILE, then build again.",
    )


def _rejected(gate: QualityGate) -> int:
    """How many models that learned nothing fail a check that the model itself passes."""
    good = {name for name, status in gate.checks if status == "pass"}
    return sum(any(status == "fail" for name, status in statuses if name in good) for statuses in gate.shuffled)


def _warn(gate: QualityGate, sentence: str, action: str) -> Outcome:
    return Outcome(status="warn", sentence=sentence, next_action=action, details=_details(gate))


def _open(why: str, action: str) -> Outcome:
    return Outcome(status="not_evaluated", sentence=f"No floor is known to hold: {why}.", next_action=action)


def _fail(gate: QualityGate, sentence: str, action: str) -> Outcome:
    return Outcome(status="fail", sentence=sentence, next_action=action, details=_details(gate))


def _details(gate: QualityGate) -> tuple[tuple[str, str], ...]:
    facts = [(f"check {name}", _stood(name, status, gate)) for name, status in gate.checks]
    if gate.compared:
        told = "; ".join(gate.reasons) or f"no worse in {listed(gate.margins, most=8)}"
        facts.append((f"against {gate.service}", told))
    elif gate.uncompared:
        facts.append(("against the model in service", gate.uncompared))
    return tuple(facts)


def _stood(name: str, status: str, gate: QualityGate) -> str:
    bad = sum(dict(statuses).get(name) == "fail" for statuses in gate.shuffled)
    words = {"pass": "passes", "fail": "fails", "skip": "could not be evaluated"}[status]
    return words + (f"; fails on {bad} of {len(gate.shuffled)} models trained on shuffled labels" if gate.shuffled else "")
