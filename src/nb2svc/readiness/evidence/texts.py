"""What GOV-03 looks at: every text of the notebook file and of the generated tree, and copies with a planted token."""

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import Any

from nb2svc.readiness.checks.controlled import Trial
from nb2svc.readiness.checks.secrets import ScannedText, Texts
from nb2svc.readiness.evidence.digests import PAPERS
from nb2svc.readiness.inputs import AssessInputs

_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "video/", "audio/")


def observe_texts(inputs: AssessInputs) -> Texts:
    """Source, outputs, attachments' names and metadata of the notebook file, and all files of the tree that hold text."""
    try:
        content = Path(inputs.notebook.path).read_bytes()
    except OSError as error:
        return Texts(texts=(), problem=f"{inputs.notebook.name} can't be read ({error.strerror})")
    if hashlib.sha256(content).hexdigest() != inputs.notebook.file_digest:
        return Texts(texts=(), problem=f"{inputs.notebook.name} was changed while it was built")
    tree, skipped = _tree(inputs.project_dir)
    return Texts(texts=(*_notebook(_document(content)), *tree), skipped=skipped)


def spoil_texts(inputs: AssessInputs, good: Texts) -> Iterator[Trial[Texts]]:
    """A made-up token planted in turn in a source, an output, the metadata and a generated file, and read the same way."""
    document = _document(Path(inputs.notebook.path).read_bytes())
    tree = tuple(text for text in good.texts if text.where.startswith(_TREE))
    for place, spoiled in _planted(document, f'token = "{_made_up_token()}"\n'):
        evidence = Texts(texts=(*_notebook(spoiled), *tree), skipped=good.skipped)
        yield Trial(description=f"a made-up token planted in {place}", evidence=evidence)
    yield Trial(description="a made-up token planted in a generated file", evidence=_planted_tree(good))


def _made_up_token() -> str:
    """A token of a known form that was never issued; put together here, so that no literal of ours looks like one."""
    return "gh" + "p_" + hashlib.sha256(b"nb2svc negative control").hexdigest()[:36]


def _planted(document: dict[str, Any], line: str) -> Iterator[tuple[str, dict[str, Any]]]:
    source = deepcopy(document)
    source.setdefault("cells", []).append({"cell_type": "code", "source": line, "outputs": [], "metadata": {}})
    yield "a cell", source
    output = deepcopy(document)
    shown = {"output_type": "execute_result", "data": {"text/plain": [line]}, "metadata": {}}
    output.setdefault("cells", []).append({"cell_type": "code", "source": "", "outputs": [shown], "metadata": {}})
    yield "an output", output
    metadata = deepcopy(document)
    metadata.setdefault("metadata", {})["nb2svc_control"] = {"note": line}
    yield "the metadata", metadata


def _planted_tree(good: Texts) -> Texts:
    planted = _file_texts("control.py", f'TOKEN = "{_made_up_token()}"\n'.encode())
    return Texts(texts=(*good.texts, *planted), skipped=good.skipped)


_TREE = "the project's "


def _document(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    # A notebook that is no JSON document is a script: its text is its source.
    if not isinstance(document, dict):
        text = content.decode(errors="replace")
        document = {"cells": [{"cell_type": "code", "source": text, "outputs": [], "metadata": {}}], "metadata": {}}
    return document


def _notebook(document: dict[str, Any]) -> Iterator[ScannedText]:
    code = other = 0
    for cell in document.get("cells", []):
        if cell.get("cell_type") == "code":
            code += 1
            name = f"cell {code}"
        else:
            other += 1
            name = f"text cell {other}"
        yield ScannedText(where=name, text=_joined(cell.get("source", "")))
        for output in cell.get("outputs", []):
            yield ScannedText(where=f"the output of {name}", text=_output(output))
        if cell.get("metadata"):
            yield ScannedText(where=f"the metadata of {name}", text=json.dumps(cell["metadata"], indent=1, ensure_ascii=False))
    rest = {key: value for key, value in document.items() if key != "cells"}
    yield ScannedText(where="the notebook's metadata", text=json.dumps(rest, indent=1, ensure_ascii=False))


def _output(output: dict[str, Any]) -> str:
    """All text of an output: streams, every representation but pictures, tracebacks without their colours."""
    parts = [_joined(output.get("text", ""))]
    parts += [_joined(data) for kind, data in output.get("data", {}).items() if not kind.startswith(_PICTURES)]
    parts += [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in output.get("traceback", [])]
    if output.get("metadata"):
        parts.append(json.dumps(output["metadata"], indent=1, ensure_ascii=False))
    return "\n".join(part for part in parts if part)


def _joined(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return json.dumps(value, indent=1, ensure_ascii=False)


def _tree(project_dir: Path) -> tuple[tuple[ScannedText, ...], int]:
    texts: list[ScannedText] = []
    skipped = 0
    for path in sorted(project_dir.rglob("*")):
        relative = path.relative_to(project_dir)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in relative.parts[:-1])
        if hidden or not path.is_file() or relative.as_posix() in PAPERS:
            continue
        found = list(_file_texts(relative.as_posix(), path.read_bytes()))
        texts += found
        skipped += not found
    return tuple(texts), skipped


def _file_texts(name: str, content: bytes) -> Iterator[ScannedText]:
    """The text of a file; of an archive (a skops artifact) that of its JSON members; nothing of other binary files."""
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for member in sorted(archive.namelist()):
                if member.endswith(".json"):
                    yield ScannedText(where=f"{_TREE}{name} ({member})", text=archive.read(member).decode(errors="replace"))
        return
    try:
        yield ScannedText(where=f"{_TREE}{name}", text=content.decode("utf-8"))
    except UnicodeDecodeError:
        return
