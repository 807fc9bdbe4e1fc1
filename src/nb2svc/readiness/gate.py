"""What a checklist stops, what to do next, and what a changed digest takes away."""

from collections.abc import Mapping
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


def refreshed(checklist: Checklist, subjects: Mapping[str, str]) -> Checklist:
    """The checklist with every answer `stale` whose evidence is bound to a digest that is no longer so.

    pass, bound to notebook a0de…, while the notebook is now b71c… → stale
    """
    return replace(checklist, items=tuple(_refreshed(item, subjects) for item in checklist.items))


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


def _refreshed(item: ItemResult, subjects: Mapping[str, str]) -> ItemResult:
    bound = item.evidence.subjects if item.evidence else ()
    changed = [name for name, digest in bound if subjects.get(name) != digest]
    if not changed or item.status not in _DEPENDENT:
        return item
    sentence = f"Its evidence is about another {' and '.join(changed)} than the one here now."
    return replace(
        item, status="stale", sentence=sentence, next_action="Build again, so that the evidence is about what is here."
    )
