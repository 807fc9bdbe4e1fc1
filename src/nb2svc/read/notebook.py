"""An `.ipynb` file's bytes → a Notebook: code cells, their directives, and plain Python at the author's own lines."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nb2svc.errors import NotebookError
from nb2svc.ir.finding import Finding
from nb2svc.ir.notebook import Cell, Directive, Notebook
from nb2svc.ir.span import Span
from nb2svc.read.directives import TAG_PREFIX, metadata_directive, misplaced_comments, resolve, source_directive
from nb2svc.read.escapes import clean
from nb2svc.read.headings import heading
from nb2svc.read.ipython import mask
from nb2svc.read.lines import join_lines, split_lines


def parse_notebook(content: bytes, *, path: str) -> tuple[Notebook, tuple[Finding, ...]]:
    """Read a notebook; nothing in it is run.

    Raises:
        NotebookError: it is no notebook that can be compiled: broken or empty file, another format or language, no code.
    """
    name = path.replace("\\", "/").rsplit("/", 1)[-1]
    document = _document(_json(content, name), name)
    metadata = _object(document.get("metadata"))
    _check_language(metadata, name)
    raw_cells = _raw_cells(document, name)
    cells, findings = _cells(raw_cells)
    kernel = _object(metadata.get("kernelspec")).get("name")
    notebook = Notebook(
        path=path,
        name=name,
        digest=hashlib.sha256(content).hexdigest(),
        kernel=kernel if isinstance(kernel, str) else "",
        cells=cells,
    )
    return notebook, (*findings, *_duplicate_names(cells))


@dataclass(frozen=True, slots=True, kw_only=True)
class _RawCell:
    kind: str
    id: str
    source: str
    tags: tuple[str, ...]
    settings: object
    execution_count: int | None


def _json(content: bytes, name: str) -> object:
    if not content.strip():
        fix = "Save the notebook in Jupyter again."
        raise NotebookError("The notebook file is empty", where=name, why="it has no content", fix=fix)
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _no_notebook(name, f"byte {error.start} is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        where = f"{name}, line {error.lineno}, column {error.colno}"
        why = f"{error.msg} (was the file cut off, or edited by hand?)"
        fix = "Open it in Jupyter, or take the last version that opened."
        if b"<<<<<<<" in content and b">>>>>>>" in content:
            why, fix = "it holds the marks of a merge conflict", "Resolve the conflict, then try again."
        raise NotebookError("The notebook is not valid JSON", where=where, why=why, fix=fix) from None
    except (RecursionError, ValueError):
        raise _no_notebook(name, "its JSON holds values that no notebook has") from None


def _document(document: object, name: str) -> dict[str, Any]:
    if not isinstance(document, dict) or not ("cells" in document or "worksheets" in document or "nbformat" in document):
        why = "it is JSON, but has no cells" if isinstance(document, dict) else f"it is JSON, but a {type(document).__name__}"
        raise _no_notebook(name, why)
    major = document.get("nbformat", 3 if "worksheets" in document else 4)
    if major == 4 and "cells" in document:
        return document
    fix = f"Convert it: `jupyter nbconvert --to notebook --nbformat 4 --inplace {name}`."
    if isinstance(major, int) and major > 4:
        fix = "Save it as format 4, or use a newer nb2svc."
    raise NotebookError(f"The notebook has format {major}", where=name, why="nb2svc reads format 4", fix=fix)


def _check_language(metadata: Mapping[str, Any], name: str) -> None:
    kernel = _object(metadata.get("kernelspec"))
    candidates = (_object(metadata.get("language_info")).get("name"), kernel.get("language"))
    language = next((text for text in candidates if isinstance(text, str) and text), "python")
    if language.lower() not in ("python", "ipython", "python3"):
        why = f"its kernel is {kernel.get('display_name') or kernel.get('name') or 'unnamed'}"
        fix = "nb2svc compiles Python notebooks."
        raise NotebookError(f"The notebook is written in {language}", where=name, why=why, fix=fix)


def _raw_cells(document: Mapping[str, Any], name: str) -> tuple[_RawCell, ...]:
    given = document["cells"]
    if not isinstance(given, list):
        raise _malformed(name, "cells", "a list of cells")
    cells: list[_RawCell] = []
    seen: set[str] = set()
    for position, entry in enumerate(given):
        cell = _raw_cell(entry, position, name)
        if cell.id in seen:
            cell = replace(cell, id=f"{cell.id}-{position}")
        seen.add(cell.id)
        cells.append(cell)
    if not any(cell.kind == "code" and cell.source.strip() for cell in cells):
        fix = "Give a notebook that trains a model."
        raise NotebookError("The notebook has no code", where=name, why="no code cell holds any text", fix=fix)
    return tuple(cells)


def _raw_cell(entry: object, position: int, name: str) -> _RawCell:
    where = f"cells[{position}]"
    if not isinstance(entry, dict):
        raise _malformed(name, where, "an object")
    kind = entry.get("cell_type")
    if not isinstance(kind, str):
        raise _malformed(name, f"{where}.cell_type", "a text")
    source = entry.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise _malformed(name, f"{where}.source", "a text or a list of lines")
    metadata = _object(entry.get("metadata"))
    tags = metadata.get("tags")
    count = entry.get("execution_count")
    identity = entry.get("id")
    return _RawCell(
        kind=kind,
        id=identity if isinstance(identity, str) and identity else _made_id(position, source),
        source=source,
        tags=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        settings=metadata.get("nb2svc"),
        execution_count=count if isinstance(count, int) and not isinstance(count, bool) else None,
    )


def _made_id(position: int, source: str) -> str:
    """Formats before 4.5 have no cell ids: made of place and text, so that the same file always gets the same ones."""
    return hashlib.sha256(f"{position}\n{source}".encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _cells(raw_cells: Sequence[_RawCell]) -> tuple[tuple[Cell, ...], tuple[Finding, ...]]:
    cells: list[Cell] = []
    findings: list[Finding] = []
    above = ""
    for raw in raw_cells:
        if raw.kind == "code":
            cell, problems = _code_cell(raw, len(cells) + 1, heading(above))
            cells.append(cell)
            findings.extend(problems)
        else:
            findings.extend(_tag_elsewhere(raw, after=len(cells)))
        above = raw.source if raw.kind == "markdown" else ""
    return tuple(cells), tuple(findings)


def _code_cell(raw: _RawCell, number: int, title: str) -> tuple[Cell, tuple[Finding, ...]]:
    given, ends = split_lines(raw.source)
    lines = clean(given)
    source = join_lines(lines, ends)
    from_source, markers, findings = source_directive(lines, cell=number)
    first = Span(number, 1, 0, 1, len(lines[0]))
    from_metadata, problems = metadata_directive(raw.tags, raw.settings, span=first)
    # A directive in the source that can't be read must not be replaced by the metadata's: its refusals stop the build.
    directive, clash = resolve(from_source, None if markers and from_source is None else from_metadata)
    masked = mask(source, cell=number)
    below = misplaced_comments(split_lines(masked.code)[0], cell=number) if "nb2svc" in source else ()
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
    )
    return cell, (*findings, *problems, *clash, *masked.findings, *below)


def _tag_elsewhere(raw: _RawCell, *, after: int) -> tuple[Finding, ...]:
    tag = next((tag for tag in raw.tags if tag.startswith(TAG_PREFIX)), None)
    if tag is None:
        return ()
    place = f"below code cell {after}" if after else "at the top"
    message = f"the tag `{tag}` is on a {raw.kind} cell {place}, where it means nothing"
    return (Finding(code="NB110", severity="warning", message=message, remedy="Put the tag on a code cell."),)


def _duplicate_names(cells: Sequence[Cell]) -> tuple[Finding, ...]:
    seen: dict[tuple[str, str], Cell] = {}
    findings = []
    for cell in cells:
        directive: Directive | None = cell.directive
        if directive is None or directive.name is None:
            continue
        first = seen.setdefault((directive.role, directive.name), cell)
        if first is not cell:
            message = f"the {directive.role} `{directive.name}` is already cell {first.number}"
            remedy = "Give one of them another name."
            findings.append(Finding(code="NB109", severity="refusal", message=message, remedy=remedy, span=directive.span))
    return tuple(findings)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _no_notebook(name: str, why: str) -> NotebookError:
    return NotebookError("The file is not a notebook", where=name, why=why, fix="Give an .ipynb file.")


def _malformed(name: str, where: str, expected: str) -> NotebookError:
    fix = "Save it in Jupyter again."
    return NotebookError("The notebook is malformed", where=f"{name}, {where}", why=f"{expected} is needed there", fix=fix)
