"""A file's bytes → a Notebook: code cells, their directives, and plain Python at the author's own lines."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from nb2svc.errors import NotebookError
from nb2svc.ir.finding import Finding
from nb2svc.ir.notebook import Cell, Notebook, Prose
from nb2svc.ir.span import Span
from nb2svc.read.directives import (
    header_length,
    marker_in,
    metadata_directive,
    misplaced_comments,
    own_tags,
    resolve,
    source_directive,
)
from nb2svc.read.duplicates import duplicate_names
from nb2svc.read.elsewhere import without_hosts_own
from nb2svc.read.escapes import clean
from nb2svc.read.headings import heading
from nb2svc.read.installs import installs
from nb2svc.read.ipynb import read_ipynb
from nb2svc.read.ipython import mask
from nb2svc.read.lines import join_lines, split_lines
from nb2svc.read.marks import statement_marks
from nb2svc.read.metadata_fixes import moved_off, without_metadata
from nb2svc.read.percent import read_script
from nb2svc.read.raw import RawCell, RawNotebook

_PROSE = ("markdown", "raw")


def parse_notebook(content: bytes, *, path: str) -> tuple[Notebook, tuple[Finding, ...]]:
    """Read a notebook, an `.ipynb` file or a `.py` percent script; nothing in it is run.

    Raises:
        NotebookError: it is no notebook that can be compiled: broken or empty file, another format or language, no code.
    """
    name = path.replace("\\", "/").rsplit("/", 1)[-1]
    raw = read_raw(content, name)
    read, findings = _cells(raw.cells)
    cells = without_hosts_own(read)
    notebook = Notebook(
        path=path,
        name=name,
        digest=raw.digest,
        kernel=raw.kernel,
        cells=cells,
        installs=installs(cells),
        prose=tuple(_prose(raw.cells)),
        file_digest=hashlib.sha256(content).hexdigest(),
    )
    return notebook, (*findings, *duplicate_names(cells), *_last_python(raw.python, cells))


def is_tagged(notebook: Notebook, findings: Iterable[Finding]) -> bool:
    """Whether somebody tagged a cell; a directive that can't be read is an attempt, and has its own finding."""
    tried = any(finding.code.startswith("NB10") and finding.severity == "refusal" for finding in findings)
    return tried or any(cell.directive is not None for cell in notebook.cells)


def read_raw(content: bytes, name: str) -> RawNotebook:
    """A notebook's cells as its file holds them.

    Raises:
        NotebookError: as `parse_notebook` raises it.
    """
    if not content.strip():
        raise NotebookError("The notebook file is empty", where=name, why="it has no content", fix="Save the notebook again.")
    raw = read_script(content, name) if name.endswith(".py") else read_ipynb(content, name)
    if not any(cell.kind == "code" and cell.source.strip() for cell in raw.cells):
        fix = "Give a notebook that trains a model."
        raise NotebookError("The notebook has no code", where=name, why="no code cell holds any text", fix=fix)
    return raw


def written_digest(content: bytes, name: str) -> str:
    """The digest of a notebook as `Notebook.digest` is it; of the bytes where they are no notebook."""
    try:
        return read_raw(content, name).digest
    except NotebookError:
        return hashlib.sha256(content).hexdigest()


def _cells(raw_cells: Sequence[RawCell]) -> tuple[tuple[Cell, ...], tuple[Finding, ...]]:
    cells: list[Cell] = []
    findings: list[Finding] = []
    above = ""
    for position, raw in enumerate(raw_cells):
        if raw.kind == "code":
            cell, problems = _code_cell(raw, len(cells) + 1, raw.title or heading(above))
            cells.append(cell)
            findings.extend(problems)
        else:
            findings.extend(_tag_elsewhere(raw, raw_cells[position + 1 :], after=len(cells)))
            findings.extend(_unknown_kind(raw, after=len(cells)))
        above = raw.source if raw.kind == "markdown" else ""
    return tuple(cells), tuple(findings)


def _prose(raw_cells: Sequence[RawCell]) -> Iterator[Prose]:
    code = 0
    for raw in raw_cells:
        code += raw.kind == "code"
        if raw.kind == "markdown" and raw.source.strip():
            yield Prose(after=code, text=raw.source)


def _code_cell(raw: RawCell, number: int, title: str) -> tuple[Cell, tuple[Finding, ...]]:
    given, ends = split_lines(raw.source)
    lines = clean(given)
    source = join_lines(lines, ends)
    from_source, markers, findings = source_directive(lines, cell=number)
    first = Span(number, 1, 0, 1, len(lines[0]))
    from_metadata, problems = metadata_directive(
        raw.tags, raw.settings, span=first, cell=raw.id, said=from_source.role if from_source else None
    )
    # A directive in the source that can't be read must not be replaced by the metadata's: its refusals stop the build.
    fixes = without_metadata(raw.id, own_tags(raw.tags), settings=raw.settings is not None)
    directive, clash = resolve(from_source, None if markers and from_source is None else from_metadata, fixes=fixes)
    masked = mask(source, cell=number)
    plain = split_lines(masked.code)[0] if "nb2svc" in source else []
    marks, beside = statement_marks(plain, cell=number, role=directive.role if directive else None)
    cell = Cell(
        number=number,
        id=raw.id,
        label=(directive.name if directive and directive.name else title),
        source=source,
        code=masked.code,
        directive=directive,
        parameters="parameters" in raw.tags,
        execution_count=raw.execution_count,
        tags=raw.tags,
        masked=masked.masked,
        file_line=raw.first_line,
        marks=marks,
    )
    below = misplaced_comments(plain, cell=number)
    return cell, (*_unreadable_marker(raw, first), *findings, *problems, *clash, *masked.findings, *below, *beside)


def _tag_elsewhere(raw: RawCell, rest: Sequence[RawCell], *, after: int) -> tuple[Finding, ...]:
    tags = own_tags(raw.tags)
    if not tags:
        return ()
    below = next((one for one in rest if one.kind == "code"), None)
    fixes = moved_off(raw.id, tags, below=below.id if below and not _says_a_role(below) else None)
    message = f"the tag `{tags[0]}` is on a {raw.kind} cell {_below(after)}, where it means nothing"
    return (Finding(code="NB110", severity="warning", message=message, remedy="Put the tag on a code cell.", fixes=fixes),)


def _says_a_role(raw: RawCell) -> bool:
    lines, _ = split_lines(raw.source)
    return bool(own_tags(raw.tags)) or any(marker_in(line) for line in lines[: header_length(lines)])


def _unknown_kind(raw: RawCell, *, after: int) -> tuple[Finding, ...]:
    if raw.kind in _PROSE or not raw.source.strip():
        return ()
    message = f"the cell {_below(after)} is of the type `{raw.kind}`, which no kernel runs; it is skipped"
    return (Finding(code="NB112", severity="warning", message=message, remedy="Make it a code cell, or delete it."),)


def _below(after: int) -> str:
    return f"below code cell {after}" if after else "at the top"


def _unreadable_marker(raw: RawCell, span: Span) -> tuple[Finding, ...]:
    if not raw.broken:
        return ()
    message = f"the line above this cell was meant to say more than its title, but can't be read: `{raw.broken}`"
    remedy = 'Write values as JSON: `# %% tags=["nb2svc:feature"] id="ages"`.'
    return (Finding(code="NB111", severity="refusal", message=message, remedy=remedy, span=span),)


def _last_python(version: str, cells: Sequence[Cell]) -> tuple[Finding, ...]:
    """Python 2 divides integers otherwise, so what the notebook shows may not be what it does now."""
    if not version.startswith("2.") or not cells:
        return ()
    message = f"the notebook was last run by Python {version}; it is now run by Python 3, where `1 / 2` is 0.5"
    remedy = "Run it in Python 3 from top to bottom once, look at its results, and save it."
    span = Span(cells[0].number, 1, 0, 1, 0)
    return (Finding(code="NB113", severity="warning", message=message, remedy=remedy, span=span),)
