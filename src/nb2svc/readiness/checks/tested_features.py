"""DAT-04: the generated tests of the feature code fail where that code is wrong."""

from collections import Counter
from dataclasses import dataclass

from nb2svc.readiness.checks.outcome import Outcome, counted, listed

# Of the mutants that could be made, so many have to be caught.
NEEDED = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedMutant:
    """One edit of the feature code: where it stands in the notebook, and which test noticed it ("" where none did).

    `why` says of a survivor what is known of it; `problem` why a mutant could not be tried.
    """

    kind: str
    where: str
    what: str
    caught_by: str
    why: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureTests:
    """What the tests did on the good code (`tests`: name → pass, fail or skip) and on each mutant.

    `emptied` are the same mutants under the same tests without their bodies, for the control. `ran` and `taken` are the
    statements and the branches of the module that the tests ran, each with how many there are. `absent` says why there is no
    feature code, `problem` why the tests could not be run.
    """

    tests: tuple[tuple[str, str], ...] = ()
    mutants: tuple[TriedMutant, ...] = ()
    emptied: tuple[TriedMutant, ...] = ()
    possible: int = 0
    ran: tuple[int, int] = (0, 0)
    taken: tuple[int, int] = (0, 0)
    absent: str = ""
    problem: str = ""


def judge_feature_tests(run: FeatureTests) -> Outcome:
    """Pass where the tests hold on the good code and catch at least three of five mutants."""
    if run.absent:
        return Outcome(status="not_applicable", sentence=f"{run.absent}.")
    tried = tuple(mutant for mutant in run.mutants if not mutant.problem)
    failing = tuple(name for name, status in run.tests if status == "fail")
    if failing:
        return Outcome(
            status="fail",
            sentence=f"{counted(len(failing), 'test')} of features.py fails on the code as it is: {listed(failing)}.",
            next_action="Run nb2svc test on the project, and mend the first test that fails.",
            details=_details(run, tried),
        )
    if run.problem or not tried:
        return Outcome(
            status="not_evaluated",
            sentence=f"The tests of features.py were not tried: {run.problem or 'nothing in it could be changed'}.",
            next_action="Run nb2svc test on the project, and read what it stops at.",
        )
    caught = sum(1 for mutant in tried if mutant.caught_by)
    sentence = (
        f"The generated tests caught {caught} of {counted(len(tried), 'mutant')} of features.py ({caught / len(tried):.0%});"
        f" they run {_share(run.ran, 'statement')} and {_share(run.taken, 'branch', plural='branches')}."
    )
    if caught < NEEDED * len(tried):
        action = "Add a check cell that asserts what a feature must be for one row that you know."
        return Outcome(status="fail", sentence=sentence, next_action=action, details=_details(run, tried))
    return Outcome(status="pass", sentence=sentence, details=_details(run, tried))


def survivors(run: FeatureTests) -> tuple[TriedMutant, ...]:
    """The mutants that no test noticed."""
    return tuple(mutant for mutant in run.mutants if not mutant.caught_by and not mutant.problem)


def _share(figures: tuple[int, int], noun: str, *, plural: str = "") -> str:
    return f"{figures[0]} of {counted(figures[1], noun, plural=plural)}"


def _details(run: FeatureTests, tried: tuple[TriedMutant, ...]) -> tuple[tuple[str, str], ...]:
    statuses = Counter(status for _, status in run.tests)
    totals = Counter(mutant.kind for mutant in tried)
    caught = Counter(mutant.kind for mutant in tried if mutant.caught_by)
    return (
        ("tests", ", ".join(f"{number} {_WORDS[status]}" for status, number in sorted(statuses.items()))),
        ("mutants", f"{len(tried)} tried of {run.possible} that could be made"),
        *((f"{kind} mutants", f"{caught[kind]} of {total} caught") for kind, total in sorted(totals.items())),
        *(
            (f"survived {each.where}", f"{each.kind}: {each.what}{f' ({each.why})' if each.why else ''}")
            for each in survivors(run)
        ),
        *((f"not tried {each.where}", f"{each.kind}: {each.what} ({each.problem})") for each in run.mutants if each.problem),
    )


_WORDS = {"pass": "pass", "fail": "fail", "skip": "skipped"}
