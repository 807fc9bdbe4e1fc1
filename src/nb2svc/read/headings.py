"""The heading that a Markdown cell gives to the code below it."""

import re

_HEADING = re.compile(r" {0,3}#{1,6}\s+(?P<text>.*?)\s*#*\s*$")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def heading(markdown: str) -> str:
    r"""The last heading of a Markdown text as plain text, "" where it has none.

    "# Loans\nSome words\n## **Data**" → "Data"
    """
    last, fenced = "", False
    for line in markdown.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        match = None if fenced else _HEADING.match(line)
        if match:
            last = match["text"]
    return re.sub(r"[*`]|<[^>]*>", "", _LINK.sub(r"\1", last)).strip()
