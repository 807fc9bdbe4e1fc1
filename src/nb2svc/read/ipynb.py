"""An `.ipynb` file's bytes → its cells; older formats are upgraded as Jupyter does."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nb2svc.errors import NotebookError
from nb2svc.read.language import check_language
from nb2svc.read.raw import RawCell, RawNotebook, made_id, tags_in


def read_ipynb(content: bytes, name: str) -> RawNotebook:
    """Read a notebook in Jupyter's own form.

    Raises:
        NotebookError: it is none: broken or empty, of a newer format or another language.
    """
    document = _document(_json(content, name), name)
    metadata = _object(document.get("metadata"))
    kernel = _object(metadata.get("kernelspec"))
    language = _object(metadata.get("language_info"))
    named = (language.get("name"), kernel.get("language"))
    shown = _text(kernel.get("display_name")) or _text(kernel.get("name"))
    check_language(next((text for text in map(_text, named) if text), ""), kernel=shown, name=name)
    return RawNotebook(cells=_raw_cells(document, name), kernel=_text(kernel.get("name")), python=_text(language.get("version")))


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
    if major in (1, 2, 3):
        return _upgraded({**document, "nbformat": major}, name)
    fix = "Save it as format 4, or use a newer nb2svc." if isinstance(major, int) else "Save it in Jupyter again."
    raise NotebookError(f"The notebook has format {major}", where=name, why="nb2svc reads the formats 1 to 4", fix=fix)


def _upgraded(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A document of format 1 to 3 as one of format 4: worksheets become one list of cells, headings Markdown."""
    import nbformat
    from jsonschema import ValidationError
    from nbformat.reader import reads

    sheets = [_without_outputs(sheet) for sheet in _list(document.get("worksheets"))]
    whole = {"nbformat_minor": 0, **document, "metadata": _object(document.get("metadata")), "worksheets": sheets}
    try:
        upgraded = nbformat.convert(reads(json.dumps(whole)), 4)  # type: ignore[no-untyped-call]
    except (ValidationError, AttributeError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        fix = f"Open it in Jupyter and save it, or try `jupyter nbconvert --to notebook --inplace {name}`."
        raise NotebookError(f"The notebook has format {document['nbformat']}", where=name, why=reason, fix=fix) from None
    # The upgrade makes up ids, other ones each time.
    return {**upgraded, "cells": [{**cell, "id": ""} for cell in upgraded["cells"]]}


def _without_outputs(sheet: object) -> dict[str, Any]:
    """A worksheet whose code cells have the parts that an upgrade insists on, and no results: they are not read."""
    cells = [
        {"metadata": {}, "input": "", "language": "python", **cell, "outputs": []}
        if _object(cell).get("cell_type") == "code"
        else cell
        for cell in _list(_object(sheet).get("cells"))
    ]
    return {"metadata": {}, **_object(sheet), "cells": cells}


def _raw_cells(document: Mapping[str, Any], name: str) -> tuple[RawCell, ...]:
    given = document["cells"]
    if not isinstance(given, list):
        raise _malformed(name, "cells", "a list of cells")
    cells: list[RawCell] = []
    seen: set[str] = set()
    for position, entry in enumerate(given):
        cell = _raw_cell(entry, position, name)
        if cell.id in seen:
            cell = replace(cell, id=f"{cell.id}-{position}")
        seen.add(cell.id)
        cells.append(cell)
    return tuple(cells)


def _raw_cell(entry: object, position: int, name: str) -> RawCell:
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
    count = entry.get("execution_count")
    identity = entry.get("id")
    return RawCell(
        kind=kind,
        id=identity if isinstance(identity, str) and identity else made_id(position, source),
        source=source,
        tags=tags_in(metadata.get("tags")),
        settings=metadata.get("nb2svc"),
        execution_count=count if isinstance(count, int) and not isinstance(count, bool) else None,
    )


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _no_notebook(name: str, why: str) -> NotebookError:
    return NotebookError("The file is not a notebook", where=name, why=why, fix="Give an .ipynb file, or a percent script (.py).")


def _malformed(name: str, where: str, expected: str) -> NotebookError:
    fix = "Save it in Jupyter again."
    return NotebookError("The notebook is malformed", where=f"{name}, {where}", why=f"{expected} is needed there", fix=fix)
