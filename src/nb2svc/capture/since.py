"""What changed since a capture: whether it still says what the notebook does, and which other cells were edited."""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path
from typing import Any

from nb2svc.capture.cache import MANIFEST
from nb2svc.capture.copy import RECORDER, copy_notebook
from nb2svc.capture.driver import EXECUTED
from nb2svc.capture.probe_request import hints, probed_statements
from nb2svc.ir.capture import Capture, KeepPoint
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.outline import Outline

# The calls that the copy has between the author's statements, with what parts them.
_OURS = re.compile(rf"; {RECORDER}\.\w+\(\d+\)|{RECORDER}\.\w+\(\d+\);? ?")
_INJECTED = "injected-parameters"


def when(capture: Capture) -> str:
    """The time of a capture's run: `2026-11-26T18:39:02Z`."""
    folder = Path(capture.folder)
    try:
        said = _document(folder / EXECUTED)["metadata"]["papermill"]["end_time"]
        moment = datetime.fromisoformat(said).astimezone(UTC)
    except (OSError, ValueError, KeyError, TypeError):
        moment = datetime.fromtimestamp((folder / MANIFEST).stat().st_mtime, tz=UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=16)
def _parsed(path: Path, seen: int) -> Any:
    """A JSON file of a capture; `seen` is its time. It is asked again at each key that somebody types."""
    del seen
    return json.loads(path.read_bytes())


def _document(path: Path) -> Any:
    return _parsed(path, path.stat().st_mtime_ns)


def probed_then(capture: Capture) -> list[dict[str, Any]]:
    """The statements that were probed, as they stood; [] where the record can't be read."""
    try:
        request = _document(Path(capture.folder) / "probe_request.json")
        return [dict(each) for each in request["statements"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def hints_then(capture: Capture) -> dict[str, Any]:
    """What the tags said of the data when it was probed; a capture of before an option was known had none of it."""
    try:
        request = _document(Path(capture.folder) / "probe_request.json")
        return {name: value for name, value in request.items() if name.endswith("_hint") and value}
    except (OSError, ValueError, AttributeError):
        return {}


def outdated(capture: Capture, notebook: Notebook, dataflow: Dataflow, outline: Outline, *, points: Sequence[KeepPoint]) -> str:
    """Why what a capture saw is not what the notebook does now; "" where it is. `points` are what a run would keep today.

    Statements may stand elsewhere in the notebook than they did: they are compared in their order.
    """
    changed = changed_files(capture, Path(notebook.path).parent)
    if changed:
        return f"{', '.join(changed)} changed"
    then = [_said_by(each) for each in probed_then(capture)]
    statements = probed_statements(capture, notebook, dataflow, outline)
    now = [_said_by(each) for each in statements]
    if not then:
        return "its record can't be read"
    if then != now:
        fresh = [each["span"]["cell"] for each, said in zip(statements, now, strict=True) if said not in then]
        return _changed(fresh) if fresh else "lines of the service or of training were taken out, or stand in another order"
    if hints_then(capture) != {name: value for name, value in hints(outline).items() if value}:
        return "the options of a tag changed"
    loads = {dataflow.statements[number].span.cell for number, part in outline.parts if part == "load"}
    edited = loads & set(changed_cells(capture, notebook, dataflow))
    if edited:
        return _changed(sorted(edited))
    return "" if _kept(points) == _kept(capture.points) else "what a run has to keep changed"


def _kept(points: Sequence[KeepPoint]) -> list[tuple[str, str, str]]:
    """What a run keeps for the service; what only checks read makes no difference to it."""
    return [(each.kind, each.expression, each.when) for each in points if each.kind != "check_value"]


def changed_files(capture: Capture, beside: Path) -> tuple[str, ...]:
    """The files that the run read and that are not there as they were, or beside the notebook, with which they may have moved."""
    places = (Path(capture.cwd), beside)
    return tuple(
        file.path for file in capture.inputs if not any(_is_same(at / file.path, file.size, file.sha256) for at in places)
    )


def changed_cells(capture: Capture, notebook: Notebook, dataflow: Dataflow) -> tuple[int, ...]:
    """The code cells that are not as they ran, or were not there; all where that can't be told."""
    now = [_own(cell.source) for cell in copy_notebook(notebook, dataflow, ()).cells]
    try:
        document = _document(Path(capture.folder) / EXECUTED)
        cells = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
        then = [_own(_text(cell["source"])) for cell in cells if _INJECTED not in cell["metadata"].get("tags", ())]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return tuple(range(1, len(now) + 1))
    blocks = SequenceMatcher(None, then, now, autojunk=False).get_matching_blocks()
    same = {place for _, start, size in blocks for place in range(start, start + size)}
    return tuple(place + 1 for place in range(len(now)) if place not in same)


def _said_by(statement: dict[str, Any]) -> tuple[Any, ...]:
    return statement.get("source"), statement.get("part"), statement.get("feature")


def _changed(cells: Sequence[int]) -> str:
    numbers = list(dict.fromkeys(cells))
    return f"cell{'' if len(numbers) == 1 else 's'} {', '.join(map(str, numbers))} changed"


def _own(source: str) -> str:
    return _OURS.sub("", source).strip()


def _text(source: Any) -> str:
    return source if isinstance(source, str) else "".join(source)


def _is_same(path: Path, size: int, digest: str) -> bool:
    try:
        found = path.stat()
        return found.st_size == size and _digest(path, found.st_size, found.st_mtime_ns) == digest
    except OSError:
        return False


@lru_cache(maxsize=256)
def _digest(path: Path, size: int, seen: int) -> str:
    """A file's digest; of one that has the size and the time that it had it is known."""
    del size, seen
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
