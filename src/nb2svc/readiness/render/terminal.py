"""The checklist's few lines at the end of a build: what was evaluated, the counts, and the next three actions."""

from nb2svc.ir.readiness import Checklist
from nb2svc.readiness.gate import next_actions
from nb2svc.readiness.render.words import badge, tally

_LABEL = 9


def render_terminal(checklist: Checklist) -> str:
    """Plain text, as wide as its sentences.

    ready    5 pass, 56 not evaluated
             ● pass  DAT-01  3 files (1,204 bytes) read again and equal; …
    next     1  BIZ-01  Write down the decision, …
    """
    evaluated = [item for item in checklist.items if item.status != "not_evaluated"]
    width = max((len(badge(item.status)) for item in evaluated), default=0)
    lines = [_labelled("ready", tally(checklist))]
    for item in evaluated:
        lines.append(_labelled("", f"{badge(item.status).ljust(width)}  {item.id}  {item.sentence}"))
    for place, item in enumerate(next_actions(checklist), start=1):
        lines.append(_labelled("next" if place == 1 else "", f"{place}  {item.id}  {item.next_action}"))
    return "\n".join(lines) + "\n"


def _labelled(label: str, text: str) -> str:
    return f"{label.ljust(_LABEL)}{text}"
