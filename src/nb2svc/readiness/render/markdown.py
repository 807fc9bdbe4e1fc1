"""READINESS.md: the checklist as a page to read, grouped by the seven steps."""

import re
from collections.abc import Iterator

from nb2svc.ir.readiness import Checklist, Evidence, ItemResult
from nb2svc.readiness.catalogue.item import STEPS, Step
from nb2svc.readiness.gate import next_actions
from nb2svc.readiness.items import by_id
from nb2svc.readiness.render.words import SHAPES, badge, control_line, tally, verdict

_LEGEND = (
    "A *pass* stands only on evidence that you can open or run again, and only if the check also caught an input that was made"
    " bad on purpose (its control). *Not evaluated* is not a pass: nobody has looked. There is no overall percentage, since one"
    " open blocker is enough to keep a service from its users."
)


def render_markdown(checklist: Checklist) -> str:
    """The whole page. It holds no date and no path, so the same build gives the same bytes."""
    lines = [
        f"# Readiness of {_text(checklist.service)}",
        "",
        f"Built from `{checklist.notebook}` by nb2svc. Of {len(checklist.items)} items: {tally(checklist)}.",
        "",
        f"**{verdict(checklist)}**",
        "",
        *_by_hand(checklist),
        _LEGEND,
        "",
        *_next(checklist),
        *_overview(checklist),
    ]
    for step in STEPS:
        lines += _step(step, tuple(item for item in checklist.items if item.step == step.number))
    return "\n".join(lines).rstrip("\n") + "\n"


def _by_hand(checklist: Checklist) -> Iterator[str]:
    if checklist.by_hand:
        files = ", ".join(f"`{path}`" for path in checklist.by_hand)
        yield from (f"Edited by hand, and judged so: {files}. Everything else is as the compiler wrote it.", "")


def _next(checklist: Checklist) -> Iterator[str]:
    actions = next_actions(checklist)
    if not actions:
        return
    yield from ("## What to do next", "")
    for place, item in enumerate(actions, start=1):
        yield f"{place}. **{item.id}** {_text(item.next_action)}"
    yield ""


def _overview(checklist: Checklist) -> Iterator[str]:
    yield from ("## The seven steps", "", "| step | items | |", "|---|---|---|")
    for step in STEPS:
        items = [item for item in checklist.items if item.step == step.number]
        if not items:
            continue
        shapes = "".join(SHAPES[item.status] for item in items)
        yield f"| {step.number}. {step.name} | {shapes} | {tally(Checklist(items=tuple(items)))} |"
    yield ""


def _step(step: Step, items: tuple[ItemResult, ...]) -> Iterator[str]:
    if not items:
        return
    yield from (f"## {step.number}. {step.name}", "")
    looked_at = [item for item in items if item.status != "not_evaluated" or item.evidence]
    for item in looked_at:
        yield from _evaluated(item)
    open_items = [item for item in items if item not in looked_at]
    if open_items:
        yield from ("### ◌ not evaluated", "")
        for item in open_items:
            yield from _open(item)


def _evaluated(item: ItemResult) -> Iterator[str]:
    yield from (f"### {badge(item.status)} · {item.id} {_text(item.title)}", "", _text(item.sentence), "")
    if item.next_action:
        yield f"- **Next:** {_text(item.next_action)}"
    yield f"- Why: {_text(item.why)}"
    if item.evidence:
        yield from _evidence(item.evidence)
    yield from (f"- {_facts(item)}", "")


def _evidence(evidence: Evidence) -> Iterator[str]:
    if evidence.control:
        yield f"- Control {_text(control_line(evidence.control))}"
    if evidence.command:
        yield f"- Repeat it: `{evidence.command}`"
    if evidence.subjects:
        yield f"- About: {', '.join(f'{name} `{digest[:12]}`' for name, digest in evidence.subjects)}"
    for path, digest in evidence.files:
        yield f"- Open: `{path}` beside the notebook (SHA-256 `{digest[:12]}`)"
    if evidence.details:
        yield "- Evidence:"
        yield from (f"  - {_text(name)}: {_text(value)}" for name, value in evidence.details)


def _open(item: ItemResult) -> Iterator[str]:
    yield f"- **{item.id} {_text(item.title)}** ({_facts(item)})  "
    yield f"  {_text(item.why)} {_text(item.sentence.removeprefix('Not evaluated. '))}  "
    yield from (f"  *Until then:* {_text(item.next_action)}", "")


def _facts(item: ItemResult) -> str:
    signer = by_id(item.id).attested_by
    parts = [item.severity, *([f"to be signed by {signer}"] if signer else []), *([f"maps to {item.maps}"] if item.maps else [])]
    return "; ".join(parts)


def _text(value: str) -> str:
    """Text that Markdown shows as it is: what a notebook says must not become a link, a tag or a table."""
    line = " ".join(value.split())
    line = re.sub(r"[\\`*<]|(?<!\w)_|_(?!\w)|(?<=\])\(|\](?=\[)|^[#>+|-]", _escaped, line)
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", line)


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match.group()}"
