"""The whole checklist on a terminal: the seven steps, or what stops a gate."""

from collections.abc import Iterator
from textwrap import wrap

from nb2svc.ir.readiness import Checklist, Evidence, ItemResult
from nb2svc.readiness.catalogue.item import STEPS, Step
from nb2svc.readiness.gate import Gate, blocking, next_actions
from nb2svc.readiness.render.words import SHAPES, badge, tally, verdict

_INDENT = 4


def render_steps(checklist: Checklist, *, width: int) -> str:
    """All items by their steps, each with its status, what was seen, and what to do.

    2  Data readiness  ●●●●◌◌◌◌◌  4 pass, 5 not evaluated

    ● DAT-01  Every input dataset is pinned  (pass, blocker)
        3 files (1,204 bytes) read again and equal.
    ◌ DAT-05  No leakage  (not evaluated, blocker)
        → Look through the feature cells for statistics over all rows.
    """
    lines = [f"{checklist.service}, built from {checklist.notebook}", tally(checklist), ""]
    for step in STEPS:
        lines += _step(step, tuple(item for item in checklist.items if item.step == step.number), width)
    lines += _text(verdict(checklist), width, "")
    actions = next_actions(checklist)
    for place, item in enumerate(actions, start=1):
        lines += _text(f"{item.id}  {item.next_action}", width, "next  " if place == 1 else "      ")
    return "\n".join(lines)


def render_gate(checklist: Checklist, gate: Gate, *, width: int) -> str:
    """What stops a gate, each with what to do; one line where nothing does."""
    stops = blocking(checklist, gate)
    if not stops:
        return f"gate {gate}: open for {checklist.service} ({tally(checklist)})"
    number = "1 blocker" if len(stops) == 1 else f"{len(stops)} blockers"
    lines = [f"gate {gate}: closed for {checklist.service} by {number} ({tally(checklist)})", ""]
    for item in stops:
        lines += _item(item, width)
    return "\n".join(lines)


def _step(step: Step, items: tuple[ItemResult, ...], width: int) -> Iterator[str]:
    if not items:
        return
    shapes = "".join(SHAPES[item.status] for item in items)
    yield from (*_text(f"{step.name}  {shapes}  {tally(Checklist(items=items))}", width, f"{step.number}  "), "")
    for item in items:
        yield from _item(item, width)
    yield ""


def _item(item: ItemResult, width: int) -> Iterator[str]:
    shape, _, word = badge(item.status).partition(" ")
    yield from _text(f"{item.title}  ({word}, {item.severity})", width, f"{shape} {item.id}  ")
    if item.status != "not_evaluated" or not item.sentence.startswith("Not evaluated."):
        yield from _text(item.sentence, width, " " * _INDENT)
    if item.evidence and item.status in ("pass", "warn", "fail", "broken"):
        yield from _text(_evidence(item.evidence), width, " " * _INDENT)
    if item.next_action:
        yield from _text(item.next_action, width, " " * _INDENT + "→ ")


def _evidence(evidence: Evidence) -> str:
    """What the answer stands on, in one line."""
    about = ", ".join(f"{name} {digest[:8]}" for name, digest in evidence.subjects)
    parts = [f"about {about}"] if about else []
    if evidence.control:
        parts.append("its control fired" if evidence.control.fired else "its control did not fire")
    parts += [f"open {path}" for path, _ in evidence.files]
    return "evidence: " + "; ".join(parts) if parts else ""


def _text(text: str, width: int, lead: str) -> list[str]:
    return wrap(
        text, width, initial_indent=lead, subsequent_indent=" " * len(lead), break_long_words=False, break_on_hyphens=False
    )
