"""A `.py` percent script → its cells; each line of a cell is a line of the file.

    # %% Load the data                         code cell "Load the data"
    # %matplotlib inline              →            %matplotlib inline
    loans = pd.read_csv("loans.csv")               loans = pd.read_csv("loans.csv")
    # %% [markdown]
    # ## Features                              Markdown cell "## Features"

Code above the first marker is a cell, and a script without markers is one cell.
"""

import re
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from nb2svc.errors import NotebookError
from nb2svc.read.commented import uncomment, uncomment_magics
from nb2svc.read.language import check_language
from nb2svc.read.lines import lines_in_strings, split_lines
from nb2svc.read.marker import CellMarker, cell_marker
from nb2svc.read.raw import RawCell, RawNotebook, made_id, tags_in
from nb2svc.read.script_header import Header, read_header

# Scripts of other tools, by a line that only they have.
_FOREIGN = (
    (re.compile(r"# Databricks notebook source"), "Databricks", "Export it from Databricks as an IPython notebook (.ipynb)."),
    (re.compile(r"app = marimo\.App\("), "marimo", "Export it: `marimo export ipynb {name} -o {stem}.ipynb`."),
    (re.compile(r"# \+\s*(?:$|\{|[\w.]+=)"), "jupytext's light form", "Convert it: `jupytext --to py:percent {name}`."),
)
_DOCSTRING = re.compile(r"""\s*[rR]?(?P<quote>\"{3}|'{3})(?P<text>.*)(?P=quote)\s*$""", re.DOTALL)


def read_script(content: bytes, name: str) -> RawNotebook:
    """Read a percent script.

    Raises:
        NotebookError: it is no text, of another language, or a script of another form.
    """
    lines, _ = split_lines(_text(content, name))
    header = read_header(lines)
    kernel = header.entries.get("kernelspec.name", "")
    check_language(header.entries.get("kernelspec.language", ""), kernel=kernel, name=name)
    in_string = lines_in_strings(lines)
    parts = _parts(lines, in_string, begin=header.length)
    _check_form(lines, header, name=name, is_percent=any(part.marker for part in parts))
    return RawNotebook(cells=tuple(_cell(part, at, header=header) for at, part in enumerate(parts)), kernel=kernel)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """The lines of one cell: `first` is the file's line (from 1) of the first of them, below the marker if there is one."""

    marker: CellMarker | None
    first: int
    lines: Sequence[str]


def _text(content: bytes, name: str) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(content).readline)
        return content.decode(encoding).removeprefix("\ufeff")
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise NotebookError("The script is no text", where=name, why=str(error), fix="Save it as UTF-8.") from None


def _check_form(lines: Sequence[str], header: Header, *, name: str, is_percent: bool) -> None:
    fix = "Convert it: `jupytext --to py:percent {name}`."
    form = f"jupytext's {header.form} form" if header.form not in ("", "percent", "hydrogen") else ""
    if not form and not is_percent:
        form, fix = next(((tool, remedy) for sign, tool, remedy in _FOREIGN if any(map(sign.match, lines))), ("", ""))
    if form:
        stem = name.removesuffix(".py")
        why = "nb2svc reads scripts whose cells begin with `# %%`"
        raise NotebookError(f"The script is one of {form}", where=name, why=why, fix=fix.format(name=name, stem=stem))


def _parts(lines: Sequence[str], in_string: Sequence[bool], *, begin: int) -> list[_Part]:
    parts: list[_Part] = []
    marker: CellMarker | None = None
    first = begin
    for number in range(begin, len(lines) + 1):
        found = None if number == len(lines) or in_string[number] else cell_marker(lines[number])
        if found is None and number < len(lines):
            continue
        part = _part(marker, lines, first, number)
        if marker or part.lines:
            parts.append(part)
        marker, first = found, number + 1
    return parts


def _part(marker: CellMarker | None, lines: Sequence[str], first: int, end: int) -> _Part:
    """A cell's lines without the blank ones at its end, which only hold the next marker at a distance."""
    while end > first and not lines[end - 1].strip():
        end -= 1
    return _Part(marker=marker, first=first + 1, lines=lines[first:end])


def _cell(part: _Part, position: int, *, header: Header) -> RawCell:
    marker = part.marker or CellMarker()
    lines, first = list(part.lines), part.first
    if marker.kind != "code":
        lines = _prose(lines)
    elif marker.magic:
        # The marker's own line becomes the magic's, so that the lines below stay where they are.
        lines, first = [marker.magic, *map(uncomment, lines)], first - 1
    else:
        lines = uncomment_magics(lines, written=header.comments_magics)
    source = "\n".join(lines)
    identity = marker.metadata.get("id")
    return RawCell(
        kind=marker.kind,
        id=identity if isinstance(identity, str) and identity else made_id(position, source),
        source=source,
        tags=tags_in(marker.metadata.get("tags")),
        settings=marker.metadata.get("nb2svc"),
        title=marker.title,
        first_line=first,
        broken=marker.broken,
    )


def _prose(lines: Sequence[str]) -> list[str]:
    """The text of a Markdown cell, which stands in comments or in one string."""
    string = _DOCSTRING.match("\n".join(lines))
    return string["text"].split("\n") if string else [uncomment(line) for line in lines]
