"""Facts of two builds, and the statuses of two checklists: only what differs."""

import re
from collections.abc import Sequence

from nb2svc.compare.estimators import read_fitted
from nb2svc.compare.words import number, pair, relative
from nb2svc.ir.difference import FactChange
from nb2svc.ir.snapshot import Fact, ItemStatus, Stored

# The groups in which facts are told.
GROUPS = ("model", "settings", "checks", "data", "parameters", "libraries", "build")
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e-?\d+)?")


def fact_changes(old: Sequence[Fact], new: Sequence[Fact]) -> tuple[FactChange, ...]:
    """Facts that differ, in the order of their groups."""
    before, after = ({(each.group, each.name): each.value for each in side} for side in (old, new))
    keys = sorted(dict.fromkeys([*before, *after]), key=lambda key: GROUPS.index(key[0]))
    return tuple(
        FactChange(group=key[0], name=key[1], old=before.get(key, ""), new=after.get(key, ""))
        for key in keys
        if before.get(key) != after.get(key)
    )


def model_facts(stored: Sequence[Stored]) -> tuple[Fact, ...]:
    """The class and the settings of each fitted model."""
    found = []
    for each in stored:
        fitted = read_fitted(each.content) if each.role == "model" and each.content else None
        if fitted is not None:
            prefix = "" if each.name == "model" else f"{each.name}."
            found.append(Fact(group="model", name=each.name, value=fitted.kind))
            found += [Fact(group="settings", name=f"{prefix}{name}", value=value) for name, value in fitted.settings.items()]
    return tuple(found)


def item_changes(old: Sequence[ItemStatus], new: Sequence[ItemStatus]) -> tuple[FactChange, ...]:
    """Items of the checklist whose status is another; of items that only one side has the status there."""
    before, after = {each.id: each for each in old}, {each.id: each for each in new}
    found = []
    for name in dict.fromkeys([*before, *after]):
        statuses = [side[name].status.replace("_", " ") if name in side else "" for side in (before, after)]
        if statuses[0] != statuses[1]:
            title = (after.get(name) or before[name]).title
            found.append(FactChange(group=name, name=title, old=statuses[0], new=statuses[1]))
    return tuple(found)


def fact_text(change: FactChange) -> str:
    """`0.731 → 0.744 (+1.7 %)`; `3.1.0 → 3.1.1`; `new: 2`."""
    if not change.old or not change.new:
        only = change.old or change.new
        told = number(float(f"{float(only):.4g}")) if change.group == "checks" and _NUMBER.fullmatch(only) else only
        return f"new: {told}" if change.new else f"gone; it was {told}"
    if change.group == "checks" and _NUMBER.fullmatch(change.old) and _NUMBER.fullmatch(change.new):
        one, two = float(change.old), float(change.new)
        texts, share = pair(one, two), relative(one, two)
        return f"{texts[0]} → {texts[1]}" + (f" ({share})" if share else "")
    return f"{change.old} → {change.new}"
