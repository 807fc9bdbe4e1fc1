"""All pages: a rule's is its docstring, and what no rule of its own finds has a file beside this one."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
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
    """Every page by its code, in the codes' order.

    Raises:
        ValueError: one of them can't be read, or two are of one code.
    """
    read = [read_page(text) for text in _texts()]
    found = {each.code: each for each in sorted(read, key=lambda each: each.code)}
    if len(found) != len(read):
        raise ValueError("two pages are of one code")
    return found


def _texts() -> Iterator[str]:
    from nb2svc.rules import RULES

    for rule in RULES:
        yield cleandoc(rule.__doc__ or "") + "\n"
    for file in files("nb2svc.pages").iterdir():
        if file.name.endswith(".md"):
            yield file.read_text(encoding="utf-8")
