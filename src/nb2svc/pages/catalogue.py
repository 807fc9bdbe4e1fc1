"""All pages: a rule's is its docstring."""

from collections.abc import Mapping
from functools import cache
from inspect import cleandoc

from nb2svc.pages.page import Page, read_page


def page(code: str) -> Page | None:
    """The page of a finding's code, or None where it has none."""
    return pages().get(code)


def title(code: str) -> str:
    """A code's title, or the code itself where it has no page."""
    found = page(code)
    return found.title if found else code


@cache
def pages() -> Mapping[str, Page]:
    """Every page by its code, in the codes' order."""
    from nb2svc.rules import RULES

    read = [read_page(cleandoc(rule.__doc__ or "")) for rule in RULES]
    return {each.code: each for each in sorted(read, key=lambda each: each.code)}
