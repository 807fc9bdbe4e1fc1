"""The report for a terminal.

breaking  1 breaking change of the request; 442 of 442 answers changed

Request      1 breaking
             BREAKING  tax_code  new: a text, required
                                 send it in each row: rows without it are invalid
"""

import textwrap
from collections.abc import Iterator, Sequence

from nb2svc.compare.render.sections import Picture, Section, headline, sections
from nb2svc.ir.difference import BuildDifference

WIDTH = 118
_LABEL = 13
_BAR = 40
_PATCH_LINES = 40
_BLOCKS = "▏▎▍▌▋▊▉█"


def render_text(difference: BuildDifference) -> str:
    """The whole report."""
    old, new = difference.old, difference.new
    versions = f"version {old.version} → {new.version}" if old.version != new.version else f"both of version {new.version}"
    notebook = new.notebook if old.notebook == new.notebook else f"{old.notebook} → {new.notebook}"
    head = [f"{old.label}  →  {new.label}", ", ".join(filter(None, [notebook, versions])), "", headline(difference)]
    blocks = ["\n".join(_section(section)) for section in sections(difference)]
    return "\n".join([*head, "", *blocks])


def _section(section: Section) -> Iterator[str]:
    body = [*_table(section.rows), *_lines(section.lines)]
    body += [line for picture in section.pictures for line in bars(picture)]
    for patch in section.patches:
        body += [patch.title, *(f"  {line}" for line in patch.lines[:_PATCH_LINES])]
        if len(patch.lines) > _PATCH_LINES:
            body.append(f"  … {len(patch.lines) - _PATCH_LINES} more lines")
    first, rest = (section.summary, body) if section.summary else (body[0] if body else "", body[1:])
    yield f"{section.title:<{_LABEL}}{first}".rstrip()
    yield from (f"{'':<{_LABEL}}{line}".rstrip() for line in rest)


def _lines(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        indent = len(line) - len(line.lstrip())
        yield from _wrapped(line.strip(), width=WIDTH - _LABEL, indent="  " * indent)


def _wrapped(text: str, *, width: int, indent: str = "") -> list[str]:
    hanging = indent + "  "
    return textwrap.wrap(text, width=width, initial_indent=indent, subsequent_indent=hanging, break_on_hyphens=False) or [""]


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """A table; the fourth cell of a row stands below its third."""
    if not rows:
        return
    widths = [min(34, max(len(row[place]) for row in rows)) for place in range(2)]
    for row in rows:
        level = row[0].upper() if row[0] == "breaking" else row[0]
        lead = f"{level:<{widths[0]}}  {row[1]:<{widths[1]}}  "
        width = max(40, WIDTH - _LABEL - len(lead))
        said = [line for cell in row[2:] for line in _wrapped(cell, width=width)]
        yield f"{lead}{said[0]}"
        yield from (f"{'':<{len(lead)}}{line}" for line in said[1:])


def bars(picture: Picture) -> Iterator[str]:
    """A picture as lines: `-20 to 0  ████████ 205`."""
    yield picture.title
    most = max((each.rows for each in picture.bars), default=0)
    names = max((len(each.name) for each in picture.bars), default=0)
    for each in picture.bars:
        yield f"  {each.name:>{names}}  {bar(each.rows, most)} {each.rows:,}"


def bar(rows: int, most: int, *, width: int = _BAR) -> str:
    """A bar of up to `width` characters, in eighths of one: (3, 8, width=1) → "▍"."""
    eighths = max(1, round(8 * width * rows / most)) if rows and most else 0
    return "█" * (eighths // 8) + (_BLOCKS[eighths % 8 - 1] if eighths % 8 else "")
