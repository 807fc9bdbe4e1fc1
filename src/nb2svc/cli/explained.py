"""What `nb2svc explain` shows: pages of findings and items of the checklist, found by their codes, in each format."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from difflib import get_close_matches
from textwrap import fill
from typing import Any

from nb2svc.cli.output import document
from nb2svc.errors import UsageError
from nb2svc.pages.book import render_book, render_list
from nb2svc.pages.catalogue import pages
from nb2svc.pages.page import Page
from nb2svc.readiness.catalogue.item import STEPS, Item
from nb2svc.readiness.items import ITEMS

Entry = Page | Item

_FINDING = re.compile(r"(?:NB[ -]?)?(\d{3})")
_ITEM = re.compile(r"([A-Z]+)[ -]?(\d{1,2})")


def entries(codes: Sequence[str]) -> tuple[Entry, ...]:
    """What the codes stand for, each once, in the order asked; without a code everything that there is.

    Raises:
        UsageError: there is none of that code.
    """
    known: dict[str, Entry] = {**pages(), **{item.id: item for item in ITEMS}}
    wanted = {plain_code(text): text.strip() for text in codes}
    for code, text in wanted.items():
        if code not in known:
            close = get_close_matches(code, known, n=3, cutoff=0.7)
            fix = f"did you mean {' or '.join(close)}?" if close else "nb2svc explain lists all of them"
            raise UsageError(f"there is no finding and no item {text!r}", where="nb2svc explain", fix=fix)
    return tuple(known[code] for code in wanted) if codes else tuple(known.values())


def plain_code(text: str) -> str:
    """`nb229`, `229` → NB229; `dat-2`, `DAT02` → DAT-02; anything else in capitals."""
    code = text.strip().upper()
    finding, item = _FINDING.fullmatch(code), _ITEM.fullmatch(code)
    if finding:
        return f"NB{finding[1]}"
    return f"{item[1]}-{int(item[2]):02}" if item else code


def listing() -> str:
    """All codes, a line each: the findings by their stage, the items by their step."""
    items = [_step(step.number, step.name) for step in STEPS]
    end = "nb2svc explain CODE tells more of each."
    return "\n\n".join([render_list(pages().values()), *items, end])


def _step(number: int, name: str) -> str:
    lines = [f"  {item.id:<6}  {item.severity:<18}  {item.title}" for item in ITEMS if item.step == number]
    return "\n".join([f"The checklist, step {number}: {name.lower() if name != 'MLOps' else name}", *lines])


def book() -> str:
    """All findings as one Markdown document, which is the project's page of them."""
    return render_book(pages().values())


def as_text(asked: Sequence[Entry]) -> str:
    """The pages below each other as plain text."""
    return "\n\n\n".join(entry.text if isinstance(entry, Page) else _item_text(entry) for entry in asked)


def as_markdown(asked: Sequence[Entry]) -> str:
    """The pages below each other as Markdown."""
    return "\n\n".join(entry.markdown if isinstance(entry, Page) else _item_markdown(entry) for entry in asked)


def as_json(asked: Sequence[Entry]) -> str:
    """Pages and items as one JSON document."""
    told = [page_json(entry) for entry in asked if isinstance(entry, Page)]
    items = [{**asdict(entry), "step": entry.step, "evaluated": _evaluated(entry)} for entry in asked if isinstance(entry, Item)]
    return document(pages=told, items=items)


def show(asked: Sequence[Entry]) -> None:
    """The pages on a terminal, their code in colours."""
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(width=min(Console().width, 110))
    for entry in asked:
        head, _, body = (entry.markdown if isinstance(entry, Page) else _item_markdown(entry)).partition("\n\n")
        console.print(f"\n{head.removeprefix('## ')}", style="bold", markup=False, highlight=False)
        console.print(Markdown("\n" + body, code_theme="ansi_light" if console.no_color else "monokai"))


def _item_markdown(item: Item) -> str:
    parts = "\n\n".join(f"**{label}.** {text}" for label, text in _item_parts(item))
    return f"## {item.id}: {item.title}\n\n*{item.severity}, step {item.step} of the readiness checklist*\n\n{parts}"


def _item_text(item: Item) -> str:
    parts = [f"{label}\n{fill(text, 110, initial_indent='  ', subsequent_indent='  ')}" for label, text in _item_parts(item)]
    return "\n\n".join([f"{item.id} ({item.severity}, step {item.step} of the checklist): {item.title}", *parts])


def _item_parts(item: Item) -> list[tuple[str, str]]:
    how = f"{item.proof[0].upper()}{item.proof[1:]}."
    now = "Each build evaluates it." if _evaluated(item) else "No build evaluates it yet: it says not_evaluated."
    rises = "A blocker where the service's risk is high." if item.rises else ""
    signed = f"Besides, it is signed: by {item.attested_by}." if item.attested_by else ""
    parts = [
        ("Why it matters", item.why),
        ("How it is evaluated", " ".join(filter(None, (how, now, signed)))),
        ("What to do", " ".join(filter(None, (item.next_action, rises)))),
        ("Answers", item.maps),
    ]
    return [(label, text) for label, text in parts if text]


def _evaluated(item: Item) -> bool:
    from nb2svc.readiness.evaluators import EVALUATORS

    return any(evaluator.id == item.id for evaluator in EVALUATORS)


def page_json(page: Page) -> dict[str, Any]:
    """A finding's page as JSON values."""
    return {**asdict(page), "stage": page.stage, "example_cells": page.example_cells, "mended_cells": page.mended_cells}
