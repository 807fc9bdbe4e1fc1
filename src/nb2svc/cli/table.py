"""Rows below a title, in columns, as `nb2svc analyze` prints them."""

from collections.abc import Sequence

from nb2svc.ir.source import split_lines

_TEXT = 64


def section(title: str, rows: Sequence[tuple[str, ...]]) -> str:
    """The title and the rows below it; "" where there are none."""
    if not rows:
        return ""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join([title, *(line.rstrip() for line in lines)])


def first_line(text: str) -> str:
    """The first line that holds anything, cut to what fits; with `…` where there is more."""
    lines = split_lines(text)
    first = next((line.strip() for line in lines if line.strip()), "")
    more = "…" if len(first) > _TEXT or sum(1 for line in lines if line.strip()) > 1 else ""
    return first[:_TEXT] + (f" {more}" if more and len(first) <= _TEXT else more)
