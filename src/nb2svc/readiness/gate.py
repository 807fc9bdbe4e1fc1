"""What a checklist stops, what to do next, and what a changed digest takes away."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from nb2svc.ir.readiness import Checklist, ItemResult, Status
from nb2svc.readiness.items import by_id

Gate = Literal["build", "release"]

# What stops whatever is evaluated; `not_evaluated` joins at the release gate.
RED: tuple[Status, ...] = ("fail", "broken", "stale", "expired")
_DEPENDENT: tuple[Status, ...] = ("pass", "warn", "attested")


def blocking(checklist: Checklist, gate: Gate = "build") -> tuple[ItemResult, ...]:
    """The blockers that stop a build (those evaluated and red) or a release (also those not evaluated)."""
    stops = RED if gate == "build" else (*RED, "not_evaluated")
    return tuple(item for item in checklist.items if item.severity == "blocker" and item.status in stops)


def next_actions(checklist: Checklist, most: int = 3) -> tuple[ItemResult, ...]:
    """The items to act on first: red before warnings before what is open; blockers first, then the least effort."""
    waiting = [item for item in checklist.items if item.next_action and item.status in _URGENCY]
    return tuple(sorted(waiting, key=_urgency)[:most])


def counts(checklist: Checklist) -> tuple[tuple[Status, int], ...]:
    """How many items have each status that occurs, in a fixed order; never a percentage, which would hide a blocker."""
    numbers = ((status, len(checklist.with_status(status))) for status in ORDER)
    return tuple((status, number) for status, number in numbers if number)


def refreshed(
    checklist: Checklist, subjects: Mapping[str, str | None], *, files: Mapping[str, str | None] | None = None
) -> Checklist:
    """The checklist with no answer green whose evidence is not about what is here.

    pass, bound to notebook a0de…, while the notebook is now b71c… → stale
    pass, bound to a notebook that is not here (None)              → not_evaluated
    `files` are the digests of evidence that can be opened, by path; without it they are not looked at.
    """
    return replace(checklist, items=tuple(_refreshed(item, subjects, files) for item in checklist.items))


ORDER: tuple[Status, ...] = (
    "fail", "broken", "stale", "expired", "warn", "pass", "attested", "waived", "not_applicable", "not_evaluated",
)  # fmt: skip
_URGENCY: dict[Status, int] = {"fail": 0, "broken": 0, "stale": 1, "expired": 1, "warn": 2, "not_evaluated": 3}
_SEVERITIES = {"blocker": 0, "warning": 1, "info": 2}


def _urgency(item: ItemResult) -> tuple[int, int, int]:
    red = item.status in RED
    return (
        0 if red and item.severity == "blocker" else 1 + _URGENCY[item.status],
        _SEVERITIES[item.severity],
        by_id(item.id).effort,
    )


def _refreshed(item: ItemResult, subjects: Mapping[str, str | None], files: Mapping[str, str | None] | None) -> ItemResult:
    if item.evidence is None or item.status not in _DEPENDENT:
        return item
    now = [(name, digest, subjects.get(name, "")) for name, digest in item.evidence.subjects]
    changed = [name for name, digest, here in now if here is not None and here != digest]
    opened = [(path, digest, files.get(path)) for path, digest in item.evidence.files] if files is not None else []
    altered = [path for path, digest, here in opened if here is not None and here != digest]
    absent = [_CALLED.get(name, name) for name, _, here in now if here is None]
    absent += [path for path, _, here in opened if here is None]
    if changed or altered:
        parts = [f"Its evidence is about another {_and(changed)} than the one here now."] if changed else []
        parts += [f"{_and(altered)} is not the file that the build kept."] if altered else []
        action = "Build again, so that the evidence is about what is here."
        return replace(item, status="stale", sentence=" ".join(parts), next_action=action)
    if absent:
        verb = "is" if len(absent) == 1 else "are"
        sentence = f"It was a {item.status} when it was built, which can't be checked: {_and(absent)} {verb} not here."
        action = "Build again here, or say where the notebook (--notebook) and its captured run (NB2SVC_CAPTURE) lie."
        return replace(item, status="not_evaluated", sentence=sentence, next_action=action)
    return item


# What can be missing on another machine.
_CALLED = {
    "notebook": "the notebook",
    "notebook_file": "the notebook's file",
    "data": "the data that it read",
    "validation": "its validation",
}


def _and(names: Sequence[str]) -> str:
    return " and ".join(names)
