"""A status as a shape and a word: never colour alone."""

from nb2svc.ir.readiness import Checklist, Control, Status
from nb2svc.readiness.gate import blocking, counts

SHAPES: dict[Status, str] = {
    "pass": "●",
    "fail": "✖",
    "broken": "✖",
    "warn": "▲",
    "stale": "◔",
    "expired": "◔",
    "attested": "◆",
    "waived": "◇",
    "not_applicable": "–",  # noqa: RUF001 - a dash on purpose: nothing to see here
    "not_evaluated": "◌",
}


def word(status: Status) -> str:
    """The word of a status: "not_evaluated" → "not evaluated"."""
    return status.replace("_", " ")


def badge(status: Status) -> str:
    """Shape and word: "pass" → "● pass"."""
    return f"{SHAPES[status]} {word(status)}"


def tally(checklist: Checklist) -> str:
    """The counts in words: "5 pass, 56 not evaluated"."""
    return ", ".join(f"{number} {word(status)}" for status, number in counts(checklist))


def verdict(checklist: Checklist) -> str:
    """One line for both gates: the worst blocker decides, and nothing is averaged."""
    build, release = blocking(checklist, "build"), blocking(checklist, "release")
    if build:
        return f"NOT READY: {_blockers(len(build))} in what was evaluated ({', '.join(item.id for item in build)})."
    if release:
        return f"Nothing that was evaluated stops this build. NOT READY for release: {_blockers(len(release))} not evaluated."
    return "READY for release: every blocker is answered."


def control_line(control: Control) -> str:
    """What the control did: "✓ fired: one byte changed in a copy of loans.csv"."""
    return f"{'✓ fired' if control.fired else '✖ did not fire'}: {control.description}"


def _blockers(number: int) -> str:
    return f"{number} blocker{'' if number == 1 else 's'}"
