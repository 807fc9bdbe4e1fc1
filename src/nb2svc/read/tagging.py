r"""Tags written into a notebook's bytes: the inverse of reading them. Nothing else of the file changes, not one byte.

x.ipynb, cell 3, `feature applicant`, as a comment:      "source": [             "source": [
                                                           "X = 1"          →     "# nb2svc: feature applicant\n",
                                                         ]                        "X = 1"
                                                                                 ]
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Literal

from nb2svc.errors import NotebookError, UsageError
from nb2svc.ir.finding import refusals
from nb2svc.ir.fix import Fix, Retag, inserted, top_of
from nb2svc.ir.notebook import TAG_PREFIX, Directive, Notebook
from nb2svc.ir.source import TextEdit, apply_edits
from nb2svc.read.directives import spell
from nb2svc.read.lines import split_lines
from nb2svc.read.mending import file_edits
from nb2svc.read.notebook import parse_notebook

Written = Literal["comment", "tag"]
# What must stay on top of a script's cell: a cell magic, and of a whole script what says who runs it in which encoding.
_ON_TOP = re.compile(r"\s*(?:#\s*)?%%\w|#!|#.*coding[:=]")


def with_tags(content: bytes, notebook: Notebook, tags: Sequence[tuple[int, Directive]], *, spelling: Written) -> bytes:
    """The file's bytes with directives for these code cells (by number), as comments or in the cells' metadata.

    Raises:
        UsageError: a script has no metadata that could hold a tag.
        NotebookError: the file is of a form that can't be edited in place.
    """
    script = notebook.name.endswith(".py")
    if script and spelling == "tag":
        raise UsageError("a script has no cell tags", where="--spelling", fix="leave --spelling out: a tag is a comment there")
    text = content.decode().removeprefix("\ufeff")
    if script:
        edits = list(_script_edits(text, notebook, tags))
    else:
        edits_of = file_edits(content, notebook)
        edits = [edit for number, directive in tags for edit in edits_of(_as_fix(notebook, number, directive, spelling))]
    mark = content[: len(content) - len(text.encode())]
    return _proved(mark + apply_edits(text, edits).encode(), notebook, tags, was=content)


def _as_fix(notebook: Notebook, number: int, directive: Directive, spelling: Written) -> Fix:
    """The comment as a line of its own on top, below cell magics; or the tag, and what there is more to say in the settings."""
    cell = notebook.cell(number)
    if spelling == "comment":
        lines, _ = split_lines(cell.source)
        return Fix(title="", edits=(inserted(number, top_of(lines), 0, text=f"# nb2svc: {spell(directive)}\n"),))
    told = {"name": directive.name, "options": dict(directive.options)}
    settings = {key: value for key, value in told.items() if value}
    retag = Retag(cell=cell.id, add=(TAG_PREFIX + directive.role,), settings=json.dumps(settings) if settings else "")
    return Fix(title="", metadata=(retag,))


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


def _script_edits(text: str, notebook: Notebook, tags: Sequence[tuple[int, Directive]]) -> Iterator[TextEdit]:
    lines, ends = split_lines(text)
    starts = [0]
    for line, end in zip(lines, ends, strict=False):
        starts.append(starts[-1] + len(line) + len(end))
    for number, directive in tags:
        first = notebook.cell(number).file_line - 1
        while first < len(lines) and _ON_TOP.match(lines[first]):
            first += 1
        newline = ends[first] if first < len(ends) else (ends[-1] if ends else "\n")
        yield TextEdit(starts[first], starts[first], f"# nb2svc: {spell(directive)}{newline}")
