"""The checklist as HTML: a page of its own, or the same piece of it inside a notebook's output.

It loads nothing and runs nothing. A status is a sign and a word, never a colour alone; headings lead through the seven steps.
"""

from collections.abc import Collection, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

from nb2svc.ir.readiness import Checklist, ItemResult
from nb2svc.readiness.catalogue.item import STEPS
from nb2svc.readiness.gate import RED, next_actions
from nb2svc.readiness.items import by_id
from nb2svc.readiness.render.places import NOWHERE, Links, linked
from nb2svc.readiness.render.words import SHAPES, tally, verdict, word

Standing = Literal["bad", "open", "good"]

_HERE = Path(__file__).parent


def render_fragment(
    checklist: Checklist,
    links: Links = NOWHERE,
    *,
    notes: Sequence[str] = (),
    level: int = 3,
    only: Collection[str] | None = None,
) -> str:
    """The checklist as one element with its own style sheet; its first heading is of that level.

    Steps in which nothing is red are folded: there are sixty-one items, and a notebook has other things to show. `only` are the
    ids of the items that a reader asked for: no others are listed, but all count in what is said of a step and of the whole.
    """
    return _piece(checklist, links, notes=notes, level=level, unfolded=only is not None, only=only)


def render_page(checklist: Checklist, links: Links = NOWHERE, *, notes: Sequence[str] = ()) -> str:
    """The checklist as a page to keep: everything unfolded but the evidence."""
    body = _piece(checklist, links, notes=notes, level=1, unfolded=True)
    page: str = _environment().get_template("page.html.j2").render(service=checklist.service, body=body)
    return page


def standing(items: Sequence[ItemResult]) -> Standing:
    """What a step is worth as a whole: never good while something in it was not looked at."""
    if any(item.status in RED for item in items):
        return "bad"
    return "open" if any(item.status in ("not_evaluated", "warn") for item in items) else "good"


def _piece(
    checklist: Checklist, links: Links, *, notes: Sequence[str], level: int, unfolded: bool, only: Collection[str] | None = None
) -> str:
    steps = [(step, tuple(item for item in checklist.items if item.step == step.number)) for step in STEPS]
    shown = {item.id for item in checklist.items if only is None or item.id in only}
    piece: str = (
        _environment()
        .get_template("checklist.html.j2")
        .render(
            checklist=checklist,
            styles=(_HERE / "checklist.css").read_text(encoding="utf-8"),
            steps=[(step, items) for step, items in steps if any(item.id in shown for item in items)],
            shown=shown,
            next=next_actions(checklist),
            verdict=verdict(checklist),
            is_red=any(item.status in RED and item.severity == "blocker" for item in checklist.items),
            notes=notes,
            level=level,
            unfolded=unfolded,
            files=links.files,
            link=partial(linked, links=links),
        )
    )
    return piece


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, loader=FileSystemLoader(_HERE), trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.update(
        shapes=SHAPES,
        word=word,
        standing=standing,
        tally=lambda items: tally(Checklist(items=tuple(items))),
        signer=lambda item: by_id(item.id).attested_by,
    )
    return environment
