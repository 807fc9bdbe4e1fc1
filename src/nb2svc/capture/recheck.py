"""Check cells evaluated with the values that a run kept for them, in the kernel's Python: no kernel, no training."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nb2svc.capture import failure
from nb2svc.capture.copy import ExecutedCopy, cell_id, copy_notebook
from nb2svc.capture.probe_request import loaded_beside
from nb2svc.errors import Nb2svcError
from nb2svc.ir.capture import Capture
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.outline import CheckUse, Outline
from nb2svc.system.files import write_atomic
from nb2svc.system.processes import run

_SIDE = Path(__file__).with_name("recheck_side.py")
_FINDER = Path(__file__).parent / "probe" / "beside.py"
# As text, so that no folder of ours is where its imports are looked for; nor is the folder that it is started in.
_BOOT = """\
import sys
if sys.path[:1] == [""]:
    del sys.path[0]
exec(compile(sys.argv.pop(1), "recheck_side.py", "exec"))
"""


class NotEvaluatedError(Exception):
    """The checks could not be evaluated by themselves: the notebook has to run for them."""


def evaluate_checks(
    capture: Capture,
    notebook: Notebook,
    dataflow: Dataflow,
    outline: Outline,
    *,
    definitions: Sequence[int],
    timeout: float | None,
) -> tuple[tuple[str, float], ...]:
    """The numbers that the check cells read and make. `definitions` are statements to run before: imports, functions, classes.

    Raises:
        RunError: a check fails, as it would in a run.
        NotEvaluatedError: anything else went wrong.
    """
    if not outline.checks:
        return ()
    folder = Path(capture.folder)
    answer, log, request = folder / "checks_read.json", folder / "checks_read.log", folder / "checks_request.json"
    document = _request(capture, dataflow, outline, definitions=definitions)
    write_atomic(request, json.dumps({**document, "answer": str(answer)}).encode(), mode=0o600)
    log.touch(mode=0o600)
    environment = {**os.environ, "MPLBACKEND": "agg"}
    try:
        side = [_BOOT, _SIDE.read_text(encoding="utf-8")]
        run([capture.interpreter, "-c", *side, str(request)], log=log, timeout=timeout, cwd=Path(capture.cwd), env=environment)
        found = json.loads(answer.read_bytes())
    except (Nb2svcError, OSError, ValueError) as error:
        raise NotEvaluatedError("the checks can't be evaluated without a run") from error
    if found.get("problem"):
        raise NotEvaluatedError(f"the checks can't be evaluated without a run: {found['problem']}")
    if found["failure"]:
        raise _failed(found["failure"], capture, notebook, dataflow, log=log)
    return tuple(sorted((str(name), float(value)) for name, value in found["metrics"].items()))


def _request(capture: Capture, dataflow: Dataflow, outline: Outline, *, definitions: Sequence[int]) -> dict[str, Any]:
    inside = {number for check in outline.checks for number in check.statements}
    return {
        "folder": capture.folder,
        "cwd": capture.cwd,
        "beside": loaded_beside(capture),
        "finder": _FINDER.read_text(encoding="utf-8"),
        "definitions": [dataflow.statements[number].source for number in definitions if number not in inside],
        "checks": [_check(capture, dataflow, check) for check in outline.checks],
    }


def _check(capture: Capture, dataflow: Dataflow, check: CheckUse) -> dict[str, Any]:
    first = min(check.statements, default=-1)
    given = [
        {"name": point.expression, "file": kept.file, "sha256": kept.sha256}
        for point, kept in zip(capture.points, capture.kept, strict=True)
        if point.kind == "check_value" and point.statement == first and kept.file
    ]
    statements = [dataflow.statements[number] for number in check.statements]
    return {
        "given": given,
        "statements": [{"number": each.number, "source": each.source} for each in statements],
        "makes": sorted({name for each in statements for name in each.defines}),
    }


def _failed(found: Mapping[str, Any], capture: Capture, notebook: Notebook, dataflow: Dataflow, *, log: Path) -> Nb2svcError:
    """The error that a run would stop with."""
    statement = dataflow.statements[found["statement"]]
    cell = notebook.cell(statement.span.cell)
    copy = copy_notebook(notebook, dataflow, capture.points)
    line = _copied_line(copy, cell.number, statement.span.line + found["line"] - 1)
    ran = failure.Ran(
        notebook=notebook,
        copy=copy,
        counts={1: cell_id(cell)},
        cwd=Path(capture.cwd),
        interpreter=capture.interpreter,
        executed=log.parent.with_name("failed") / log.name,
    )
    seen = {**found, "count": 1, "frames": [{"count": 1, "magic": False, "line": line}], "syntax_line": None}
    return failure.cell_failed(ran, seen, cell_id(cell))


def _copied_line(copy: ExecutedCopy, cell: int, line: int) -> int:
    """The line of the copy that holds a line of the author's."""
    lines = next(each.lines for each in copy.cells if each.number == cell)
    return lines.index(line) + 1 if line in lines else 0
