"""Tags and settings in the line that begins a script's cell: `# %% Load tags=["nb2svc:feature"]`."""

import json
import re
from collections.abc import Mapping

from nb2svc.ir.fix import Retag
from nb2svc.ir.source import CellText, TextEdit
from nb2svc.read.raw import RawCell
from nb2svc.read.retagging import retagged, settled

_OBJECT = re.compile(r'\{\s*"')


def in_marker(text: str, cell: RawCell, retag: Retag) -> TextEdit:
    """The edit of a script that changes what the marker of a cell says."""
    file = CellText(text)
    number = cell.first_line - 1
    line = file.lines[number - 1]
    after = {"tags": retagged(cell.tags, retag) or None, "nb2svc": settled(cell.settings, retag)}
    start = file.offset(number, 0)
    return TextEdit(start, start + len(line), _respelt(line, after))


def _respelt(line: str, values: Mapping[str, object]) -> str:
    whole = _OBJECT.search(line)
    if whole and not re.search(r"\s(?:tags|nb2svc)=", line):
        said = json.loads(line[whole.start() :])
        left = {key: value for key, value in {**said, **values}.items() if value is not None}
        return (line[: whole.start()] + (json.dumps(left, ensure_ascii=False) if left else "")).rstrip()
    for key, value in values.items():
        line = _with_value(line, key, value)
    return line


def _with_value(line: str, key: str, value: object) -> str:
    written = f" {key}={json.dumps(value, ensure_ascii=False)}" if value is not None else ""
    found = re.search(rf"\s+{key}=", line)
    if found is None:
        return line.rstrip() + written
    _, end = json.JSONDecoder().raw_decode(line, found.end())
    return line[: found.start()] + written + line[end:]
