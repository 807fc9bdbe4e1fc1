"""The report as Markdown, for a comment on a pull request: what breaks callers first, long parts folded."""

from collections.abc import Iterator, Sequence

from nb2svc.compare.render.sections import Patch, Section, headline, sections
from nb2svc.compare.render.text import bars
from nb2svc.ir.difference import BuildDifference

# A comment on GitHub holds 65,536 characters.
LONGEST = 60_000
_PATCH_LINES = 120
_MARKS = {"breaking": "**breaking**", "stricter": "stricter", "compatible": "compatible"}
_OPEN = frozenset({"Request", "Predictions"})


def render_markdown(difference: BuildDifference) -> str:
    """The whole report; code that makes it too long for a comment is left out, and said to be."""
    text = _render(difference, sections(difference))
    if len(text) <= LONGEST:
        return text
    short = [section if not section.patches else _without_patches(section) for section in sections(difference)]
    return _render(difference, short)


def _render(difference: BuildDifference, parts: Sequence[Section]) -> str:
    old, new = difference.old, difference.new
    lines = [f"### {_escaped(new.notebook or new.package)}: {headline(difference)}", ""]
    lines += [f"`{old.label}` (`{old.version}`) → `{new.label}` (`{new.version}`)", ""]
    for section in parts:
        lines += list(_section(section))
    return "\n".join(lines).rstrip("\n")


def _without_patches(section: Section) -> Section:
    titles = tuple(patch.title for patch in section.patches)
    note = "the changed lines are too long for a comment: nb2svc diff prints them"
    return Section(title=section.title, summary=section.summary, lines=(*titles, *section.lines, note))


def _section(section: Section) -> Iterator[str]:
    body = [*_table(section), *_lines(section.lines)]
    for picture in section.pictures:
        body += ["", "```text", *bars(picture), "```"]
    for patch in section.patches:
        body += list(_patch(patch))
    if section.title in _OPEN or not body or not section.summary:
        yield f"**{section.title}**" + (f": {_escaped(section.summary)}" if section.summary else "")
        yield from ("", *body, *[""] * bool(body))
    else:
        summary = f"<summary><b>{section.title}</b>: {_html(section.summary)}</summary>"
        yield from (f"<details>{summary}", "", *body, "", "</details>", "")


def _table(section: Section) -> Iterator[str]:
    if not section.rows:
        return
    yield f"| {' | '.join(section.columns)} |"
    yield f"|{'---|' * len(section.columns)}"
    for row in section.rows:
        cells = [_MARKS.get(row[0], _cell(row[0])), *map(_cell, row[1:])]
        yield f"| {' | '.join(cells)} |"
    yield ""


def _lines(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        indent = len(line) - len(line.lstrip())
        yield f"{'  ' * indent}- {_escaped(line.strip())}"


def _patch(patch: Patch) -> Iterator[str]:
    lines = list(patch.lines[:_PATCH_LINES])
    if len(patch.lines) > len(lines):
        lines.append(f"… {len(patch.lines) - len(lines)} more lines")
    # A fence that no line of the code can end.
    fence = "`" * (8 if any("```" in line for line in lines) else 3)
    yield from ("", _escaped(patch.title), "", f"{fence}diff", *lines, fence)


def _cell(text: str) -> str:
    return _escaped(text).replace("|", "\\|").replace("\n", " ")


def _escaped(text: str) -> str:
    """Text of others (names of columns) that must not become formatting, links or mentions."""
    for sign in ("\\", "`", "*", "_", "[", "]", "<", ">", "#", "@"):
        text = text.replace(sign, f"\\{sign}" if sign not in "<>@" else {"<": "&lt;", ">": "&gt;", "@": "&#64;"}[sign])
    return text


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
