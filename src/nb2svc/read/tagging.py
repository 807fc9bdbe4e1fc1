r"""Tags written into a notebook's bytes: the inverse of reading them. Nothing else of the file changes, not one byte.

x.ipynb, cell 3, `feature applicant`, as a comment:      "source": [             "source": [
                                                           "X = 1"          →     "# nb2svc: feature applicant\n",
                                                         ]                        "X = 1"
                                                                                 ]
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from nb2svc.errors import NotebookError, UsageError
from nb2svc.ir.finding import refusals
from nb2svc.ir.notebook import Directive, Notebook
from nb2svc.read.directives import TAG_PREFIX, spell
from nb2svc.read.json_places import Place, elements, inside_string, members
from nb2svc.read.lines import split_lines
from nb2svc.read.notebook import parse_notebook

Written = Literal["comment", "tag"]
# What must stay on top of a script's cell: a cell magic, and of a whole script what says who runs it in which encoding.
_ON_TOP = re.compile(r"\s*(?:#\s*)?%%\w|#!|#.*coding[:=]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edit:
    """What stands between two places of a text is replaced."""

    start: int
    end: int
    text: str


def with_tags(content: bytes, notebook: Notebook, tags: Sequence[tuple[int, Directive]], *, spelling: Written) -> bytes:
    """The file's bytes with directives for these code cells (by number), as comments or in the cells' metadata.

    Raises:
        UsageError: a script has no metadata that could hold a tag.
        NotebookError: the file is of a form that can't be edited in place.
    """
    script = notebook.name.endswith(".py")
    if script and spelling == "tag":
        raise UsageError("a script has no cell tags", where="--spelling", fix="leave --spelling out: a tag is a comment there")
    marked, text = _decoded(content)
    edits = list(_script_edits(text, notebook, tags) if script else _ipynb_edits(text, notebook, tags, spelling=spelling))
    for edit in sorted(edits, key=lambda one: one.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return _proved((marked + text).encode(), notebook, tags, was=content)


def _decoded(content: bytes) -> tuple[str, str]:
    text = content.decode()
    return ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)


def _proved(content: bytes, notebook: Notebook, tags: Sequence[tuple[int, Directive]], *, was: bytes) -> bytes:
    """The new bytes, read again: each tag must be found, nothing be refused that was not, and each cell's code be what it was."""
    again, findings = parse_notebook(content, path=notebook.path)
    refused = len(refusals(findings)) > len(refusals(parse_notebook(was, path=notebook.path)[1]))
    wanted = {number: _told(directive) for number, directive in tags}
    for before, after in zip(notebook.cells, again.cells, strict=True):
        meant = wanted.get(before.number, _told(before.directive))
        spoilt = refused and before.number in wanted
        if spoilt or _told(after.directive) != meant or _code(before.code) != _code(after.code):
            raise NotebookError(
                f"the tag of cell {before.number} can't be written into {notebook.name}",
                where=before.title,
                why="read again, the file would not say what was meant",
                fix="write the tag by hand, as the first line of the cell; nothing was changed",
            )
    return content


def _told(directive: Directive | None) -> tuple[object, ...]:
    return (directive.role, directive.name, sorted(directive.options)) if directive else ()


def _code(code: str) -> list[str]:
    return [line for line in split_lines(code)[0] if line.strip() and not line.lstrip().startswith("#")]


def _ipynb_edits(text: str, notebook: Notebook, tags: Sequence[tuple[int, Directive]], *, spelling: Written) -> Iterator[_Edit]:
    cells = list(_code_cells(text, notebook))
    for number, directive in tags:
        parts = members(text, cells[number - 1].start)
        if spelling == "tag":
            yield from _in_metadata(text, parts, directive, notebook)
        else:
            yield _in_source(text, parts["source"], directive)


def _code_cells(text: str, notebook: Notebook) -> Iterator[Place]:
    whole = members(text, len(text) - len(text.lstrip()))
    if "cells" not in whole:
        raise NotebookError(
            f"{notebook.name} is of an old format, which is not edited",
            where=notebook.name,
            why="only format 4 keeps its cells in one list",
            fix="open it in Jupyter and save it, then try again",
        )
    for cell in elements(text, whole["cells"].start):
        kind = members(text, cell.start).get("cell_type")
        if kind is not None and json.loads(text[kind.start : kind.end]) == "code":
            yield cell


def _in_source(text: str, source: Place, directive: Directive) -> _Edit:
    """The comment as a line of its own on top, below a cell magic that must stay in the first line."""
    value = json.loads(text[source.start : source.end])
    whole = value if isinstance(value, str) else "".join(value)
    above = _above(whole)
    newline = next(iter(split_lines(whole)[1]), "\n")
    line = json.dumps(f"# nb2svc: {spell(directive)}{newline}")
    if isinstance(value, str):
        inner = inside_string(text, source.start, above)
        return _Edit(start=inner, end=inner, text=line[1:-1])
    reached = 0
    places = list(elements(text, source.start))
    for place, element in zip(places, value, strict=True):
        if reached == above:
            return _Edit(start=place.start, end=place.start, text=line + _between(text, source, places))
        if reached + len(element) > above:
            inner = inside_string(text, place.start, above - reached)
            return _Edit(start=inner, end=inner, text=line[1:-1])
        reached += len(element)
    raise AssertionError("a cell that is proposed has code below its magics")


def _between(text: str, source: Place, places: Sequence[Place]) -> str:
    """What stands between two lines of a source: `,` and the line break with its indent."""
    if len(places) > 1:
        return text[places[0].end : places[1].start]
    lead = text[source.start + 1 : places[0].start]
    return "," + (lead if "\n" in lead else " ")


def _above(source: str) -> int:
    """How many characters stand above a directive's place: those of cell magics, which IPython finds in the first line only."""
    lines, ends = split_lines(source)
    count = 0
    for line, end in zip(lines, ends, strict=False):
        if not line.lstrip().startswith("%%"):
            break
        count += len(line) + len(end)
    return count


def _in_metadata(text: str, parts: dict[str, Place], directive: Directive, notebook: Notebook) -> Iterator[_Edit]:
    """The tag and, where there is more to say, `metadata.nb2svc`; what is in the metadata already stays as it is written."""
    if "metadata" not in parts:
        fix = "leave --spelling out: the tag is then a comment"
        raise NotebookError(f"a cell of {notebook.name} has no metadata", where=notebook.name, fix=fix)
    place = parts["metadata"]
    inner = members(text, place.start)
    told = {"name": directive.name, "options": dict(directive.options)}
    settings = {key: value for key, value in told.items() if value}
    new: dict[str, object] = {}
    if "tags" in inner:
        yield _one_more(text, inner["tags"], TAG_PREFIX + directive.role)
    else:
        new["tags"] = [TAG_PREFIX + directive.role]
    if settings and "nb2svc" in inner:
        yield _Edit(start=inner["nb2svc"].start, end=inner["nb2svc"].end, text=_dumped(settings, text, inner["nb2svc"]))
    elif settings:
        new["nb2svc"] = settings
    if new and inner:
        last = max(inner.values(), key=lambda one: one.end)
        yield _Edit(start=last.end, end=place.end, text="," + _dumped(new, text, place)[1:])
    elif new:
        yield _Edit(start=place.start, end=place.end, text=_dumped(new, text, place))


def _one_more(text: str, tags: Place, tag: str) -> _Edit:
    """A list of tags with one more at its end."""
    places = list(elements(text, tags.start)) if text[tags.start] == "[" else []
    if not places:
        return _Edit(start=tags.start, end=tags.end, text=_dumped([tag], text, tags))
    return _Edit(start=places[-1].end, end=places[-1].end, text=_between(text, tags, places) + json.dumps(tag))


def _dumped(value: object, text: str, place: Place) -> str:
    """JSON laid out as the file is: the indent of the line that the value begins in, and the file's own step."""
    line = text[text.rfind("\n", 0, place.start) + 1 : place.start]
    lead = line[: len(line) - len(line.lstrip())]
    step = re.search(r"^([ \t]+)\"", text, re.MULTILINE)
    if step is None:
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False, indent=step[1]).replace("\n", "\n" + lead)


def _script_edits(text: str, notebook: Notebook, tags: Sequence[tuple[int, Directive]]) -> Iterator[_Edit]:
    lines, ends = split_lines(text)
    starts = [0]
    for line, end in zip(lines, ends, strict=False):
        starts.append(starts[-1] + len(line) + len(end))
    for number, directive in tags:
        first = notebook.cell(number).file_line - 1
        while first < len(lines) and _ON_TOP.match(lines[first]):
            first += 1
        newline = ends[first] if first < len(ends) else (ends[-1] if ends else "\n")
        yield _Edit(start=starts[first], end=starts[first], text=f"# nb2svc: {spell(directive)}{newline}")
