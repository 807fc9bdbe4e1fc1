r"""Fixes as edits of a notebook's file: what no edit names stays, byte for byte.

x.ipynb, a fix that adds `random_state=0`:    "train, test = train_test_split(loans)\n",
                                           →  "train, test = train_test_split(loans, random_state=0)\n",
"""

import json
from collections.abc import Callable, Iterator, Sequence

from nb2svc.errors import NotebookError
from nb2svc.ir.fix import Edit, Fix, Retag
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.report import Region, Repair, Replacement
from nb2svc.ir.source import CellText, TextEdit, apply_edits
from nb2svc.read.json_places import elements, members
from nb2svc.read.lines import split_lines
from nb2svc.read.marker_tags import in_marker
from nb2svc.read.notebook import parse_notebook, read_raw
from nb2svc.read.places import holder
from nb2svc.read.retagging import in_json

_MARK = "\ufeff"


def mended(content: bytes, notebook: Notebook, fixes: Sequence[Fix]) -> bytes:
    """The file's bytes with these fixes, which do not meet.

    Raises:
        NotebookError: they can't be written: the file is of an old form, or would not say what was meant.
    """
    text = content.decode()
    mark = _MARK if text.startswith(_MARK) else ""
    edits_of = file_edits(content, notebook)
    edits = [edit for fix in fixes for edit in edits_of(fix)]
    after = (mark + apply_edits(text.removeprefix(_MARK), edits)).encode()
    _prove(after, notebook, fixes)
    return after


def apart(fixes: Sequence[Fix]) -> tuple[Fix, ...]:
    """Those of the fixes that can be made together: of two that meet the first."""
    chosen: list[Fix] = []
    for fix in fixes:
        if not any(_meet(fix, other) for other in chosen):
            chosen.append(fix)
    return tuple(chosen)


def file_edits(content: bytes, notebook: Notebook) -> Callable[[Fix], tuple[TextEdit, ...]]:
    """A function that gives a fix as edits of the file's text, which has no byte order mark.

    Raises:
        NotebookError: the file is of an old form; the function raises it, too, for a fix that can't be written.
    """
    text = content.decode().removeprefix(_MARK)
    if not notebook.name.endswith(".py"):
        _check_format(text, notebook)
    hold = holder(content, notebook)

    def in_source(edit: Edit) -> TextEdit:
        held = hold(edit.span)
        if held is None:
            raise _unwritable(notebook, f"cell {edit.cell}, line {edit.line} does not stand in the file as it is shown")
        end = _line_end(notebook, edit.cell)
        inside = edit.text.replace("\n", end)
        if held.escaped:
            inside = json.dumps(inside, ensure_ascii=text.isascii())[1:-1]
            written = json.dumps(end)[1:-1]
            if held.between:
                last = inside.endswith(written) and text[held.end] == '"'
                pieces = inside.split(written)
                inside = (written + held.between).join(pieces[:-1] if last else pieces) + (written if last else "")
        return TextEdit(held.start, held.end, inside)

    def edits(fix: Fix) -> tuple[TextEdit, ...]:
        metadata = [edit for retag in fix.metadata for edit in _retag_edits(text, content, notebook, retag)]
        return (*map(in_source, fix.edits), *metadata)

    return edits


def repairer(content: bytes, notebook: Notebook) -> Callable[[Fix], Repair | None]:
    """A function that gives a fix as changes of regions of the file; None where it can't be written there."""
    text = content.decode().removeprefix(_MARK)

    def repair(fix: Fix) -> Repair | None:
        try:
            edits = file_edits(content, notebook)(fix)
        except NotebookError:
            return None
        replacements = tuple(Replacement(region=_region(text, edit), text=edit.text) for edit in edits)
        return Repair(title=fix.title, replacements=replacements) if replacements else None

    return repair


def _region(text: str, edit: TextEdit) -> Region:
    (line, column), (end_line, end_column) = _place(text, edit.start), _place(text, edit.end)
    return Region(line=line, column=column, end_line=end_line, end_column=end_column)


def _place(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _retag_edits(text: str, content: bytes, notebook: Notebook, retag: Retag) -> Iterator[TextEdit]:
    raw = read_raw(content, notebook.name)
    at = next((number for number, cell in enumerate(raw.cells) if cell.id == retag.cell), None)
    if at is None:
        raise _unwritable(notebook, "the cell is not there any more")
    if notebook.name.endswith(".py"):
        yield in_marker(text, raw.cells[at], retag)
        return
    cells = members(text, len(text) - len(text.lstrip()))["cells"]
    yield from in_json(text, list(elements(text, cells.start))[at], retag, name=notebook.name)


def _check_format(text: str, notebook: Notebook) -> None:
    if "cells" not in members(text, len(text) - len(text.lstrip())):
        raise NotebookError(
            f"{notebook.name} is of an old format, which is not edited",
            where=notebook.name,
            why="only format 4 keeps its cells in one list",
            fix="open it in Jupyter and save it, then try again",
        )


def _line_end(notebook: Notebook, cell: int) -> str:
    return next(iter(split_lines(notebook.cell(cell).source)[1]), "\n")


def _meet(one: Fix, other: Fix) -> bool:
    if {retag.cell for retag in one.metadata} & {retag.cell for retag in other.metadata}:
        return True
    return any(_overlap(edit, taken) for edit in one.edits for taken in other.edits)


def _overlap(one: Edit, other: Edit) -> bool:
    """Two edits that have a place in common; that one ends where the other begins is enough: both may be insertions."""
    first, second = sorted((one.span, other.span))
    return first.cell == second.cell and (second.line, second.column) <= (first.end_line, first.end_column)


def _prove(content: bytes, notebook: Notebook, fixes: Sequence[Fix]) -> None:
    """The new bytes, read again: each cell must be what the edits make of it, and no other one changed."""
    again, _ = parse_notebook(content, path=notebook.path)
    texts = {cell.number: cell.source for cell in notebook.cells}
    for number, source in texts.items():
        text = CellText(source)
        edits = [edit for fix in fixes for edit in fix.edits if edit.cell == number]
        end = _line_end(notebook, number)
        texts[number] = apply_edits(source, [TextEdit(*text.bounds(edit.span), edit.text.replace("\n", end)) for edit in edits])
    if [cell.source for cell in again.cells] != list(texts.values()):
        raise _unwritable(notebook, "read again, the file would not say what was meant")


def _unwritable(notebook: Notebook, why: str) -> NotebookError:
    fix = "make the edit by hand; nothing was changed"
    return NotebookError(f"the fix can't be written into {notebook.name}", where=notebook.name, why=why, fix=fix)
