"""A check and its negative control are one function, called with good and with bad input."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from nb2svc.ir.readiness import Control
from nb2svc.readiness.checks.outcome import Outcome

E = TypeVar("E")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial(Generic[E]):
    """Evidence of input that was made bad on purpose: `judge` must fail it.

    `evidence` is None where the bad input could not be made or did not get as far as the check, with the `problem`. The
    figures of a `noisy` trial differ from run to run, so they are not told: the same build must give the same bytes.
    One that `opens` the question need not be failed: it must not be answered with yes.
    """

    description: str
    evidence: E | None
    problem: str = ""
    noisy: bool = False
    opens: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Controlled:
    """What a check answered of the good input, and what came of the bad (None: there was nothing to evaluate)."""

    outcome: Outcome
    control: Control | None


def evaluate(
    judge: Callable[[E], Outcome], good: E, *, trials: Callable[[E], Iterator[Trial[E]]], needed: Literal["all", "one"] = "all"
) -> Controlled:
    """Judge the good evidence, then the bad by the very same function.

    With `needed="one"` trials go on until one is caught: a mutation of code can be equivalent, and then nothing is wrong
    with a check that passes it.
    """
    outcome = judge(good)
    if outcome.status in ("not_evaluated", "not_applicable"):
        return Controlled(outcome=outcome, control=None)
    results: list[tuple[str, bool, str]] = []
    for trial in trials(good):
        results.append((trial.description, *_caught(judge, trial)))
        if needed == "one" and results[-1][1]:
            break
    return Controlled(outcome=outcome, control=_control(results, needed))


def _caught(judge: Callable[[E], Outcome], trial: Trial[E]) -> tuple[bool, str]:
    if trial.evidence is None:
        return False, trial.problem
    outcome = judge(trial.evidence)
    caught = outcome.status == "fail" or (trial.opens and outcome.status == "not_evaluated")
    return caught, "" if caught and trial.noisy else outcome.sentence


def _control(results: list[tuple[str, bool, str]], needed: Literal["all", "one"]) -> Control:
    if not results:
        return Control(description="none could be made", fired=False, detail="there was nothing to make bad")
    fired = any(caught for _, caught, _ in results) if needed == "one" else all(caught for _, caught, _ in results)
    described = results if not fired or needed == "all" else [result for result in results if result[1]]
    lines = (f"{what}: {'caught' if caught else 'NOT caught'}{_bracketed(detail)}" for what, caught, detail in results)
    return Control(description="; ".join(what for what, _, _ in described), fired=fired, detail="; ".join(lines))


def _bracketed(detail: str) -> str:
    return f" ({detail.rstrip('.')})" if detail else ""
