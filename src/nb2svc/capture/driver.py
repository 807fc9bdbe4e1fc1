"""One run of a notebook, and what it leaves: `run_notebook` returns the Capture.

The notebook's file is neither read nor written here: a copy is made from what was parsed, and run in a kernel.
"""

import ast
import errno
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nb2svc.capture import cache, failure
from nb2svc.capture.copy import ExecutedCopy, copy_notebook, document
from nb2svc.capture.parameters import resolve_parameters
from nb2svc.capture.settings import CellProgress, RunSettings
from nb2svc.errors import EnvironmentProblem, InternalError, RunError, UsageError
from nb2svc.ir.capture import Capture, InputFile, KeepPoint, Kept
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Cell, Notebook
from nb2svc.ir.outline import Outline
from nb2svc.system import clock, processes
from nb2svc.system.files import disk_errors, disk_problem

__all__ = ["CellProgress", "RunSettings", "run_notebook"]

EXECUTED = "executed.ipynb"
_LOG = "kernel.log"


def run_notebook(
    notebook: Notebook, dataflow: Dataflow, outline: Outline, points: Sequence[KeepPoint], *, settings: RunSettings
) -> Capture:
    """Run a copy of the notebook once and keep the values at `points`, with what the run read and under which versions.

    Raises:
        UsageError: a parameter or the folder to run in is wrong.
        RunError: a cell failed, a module or a file is missing, the kernel died, or the time is over.
        EnvironmentProblem: no such kernel, or the disk is full or not writable.
    """
    parameters = resolve_parameters(notebook, settings.parameters)
    path = Path(notebook.path).absolute()
    cwd = _cwd(path, settings.cwd)
    kernel = _kernel(notebook, settings)
    copy = copy_notebook(notebook, dataflow, points)
    begin = clock.seconds()

    with cache.run_folder(path) as folder:
        config = {
            "folder": str(folder),
            "points": [{"kind": point.kind, "label": point.label, "expression": point.expression} for point in points],
            "modules": sorted(_imported(notebook)),
            "measures": sorted(_measured(dataflow, outline)),
        }
        outcome = _execute(notebook, copy, folder, settings, kernel=kernel, parameters=parameters, config=config, cwd=cwd)
        _write_executed(folder, outcome.document)
        record = _read_record(folder)
        _raise_for(outcome, record, notebook=notebook, copy=copy, folder=folder, cwd=cwd, settings=settings, kernel=kernel)

        kept = tuple(_kept(number, point, record, copy) for number, point in enumerate(points))
        inputs = _inputs(record, dataflow, cwd)
        versions = tuple(sorted(record["versions"].items()))
        digest = _digest(notebook, parameters, inputs=inputs, versions=versions, python=record["python"], points=points)
        capture = Capture(
            folder=str(folder.with_name(digest[:12])),
            digest=digest,
            notebook_digest=notebook.digest,
            parameters=settings.parameters,
            interpreter=record["interpreter"],
            python=record["python"],
            versions=versions,
            modules=tuple(sorted(record["modules"].items())),
            kept=kept,
            inputs=inputs,
            metrics=tuple(sorted(record["metrics"].items())),
            seconds=round(clock.seconds() - begin, 3),
            cwd=str(cwd),
            points=tuple(points),
        )
        cache.commit(folder, capture)
    return capture


def _cwd(notebook: Path, wanted: str | None) -> Path:
    cwd = Path(wanted).absolute() if wanted else notebook.parent
    if not cwd.is_dir():
        raise UsageError(
            f"there is no folder {wanted or cwd.name} to run in", where="--cwd", why=str(cwd), fix="name an existing folder"
        )
    return cwd


def _kernel(notebook: Notebook, settings: RunSettings) -> str:
    from jupyter_client.kernelspec import KernelSpecManager

    kernel = settings.kernel or notebook.kernel or "python3"
    manager = KernelSpecManager()
    known = sorted(manager.find_kernel_specs())
    if kernel not in known:
        raise failure.no_such_kernel(kernel, known)
    language = manager.get_kernel_spec(kernel).language
    if language.lower() not in ("python", ""):
        raise UsageError(f"the kernel {kernel} speaks {language}", where="--kernel", fix="choose a Python kernel")
    return kernel


def _execute(
    notebook: Notebook,
    copy: ExecutedCopy,
    folder: Path,
    settings: RunSettings,
    *,
    kernel: str,
    parameters: Mapping[str, object],
    config: Mapping[str, object],
    cwd: Path,
) -> Any:
    from nb2svc.capture.engine import Run, execute

    begin = clock.seconds()
    numbers = {cell.id: cell.number for cell in copy.cells}

    def on_cell(identifier: str, ended: bool) -> None:
        if settings.progress and identifier in numbers:
            cell = notebook.cell(numbers[identifier])
            settings.progress(
                CellProgress(
                    state="ended" if ended else "started",
                    number=cell.number,
                    total=len(copy.cells),
                    title=cell.title,
                    seconds=clock.seconds() - begin,
                )
            )

    run = Run(
        document=document(copy, notebook, kernel=kernel),
        kernel=kernel,
        parameters=parameters,
        config=config,
        cwd=cwd,
        log=folder / _LOG,
        timeout=settings.timeout,
        on_cell=on_cell,
    )
    with disk_errors("run the notebook", where=folder):
        return execute(run)


def _raise_for(
    outcome: Any,
    record: Mapping[str, Any],
    *,
    notebook: Notebook,
    copy: ExecutedCopy,
    folder: Path,
    cwd: Path,
    settings: RunSettings,
    kernel: str,
) -> None:
    """Stop for whatever kept the run from its end. papermill's own verdict is not asked: it says yes to `sys.exit`."""
    log = _kernel_log(folder)
    if outcome.start_failed:
        raise failure.not_started(kernel, reason=outcome.start_failed, log=log)
    counts = {cell["execution_count"]: cell["id"] for cell in _code_cells(outcome.document) if cell["execution_count"]}
    ran = failure.Ran(
        notebook=notebook,
        copy=copy,
        counts=counts,
        cwd=cwd,
        interpreter=record.get("interpreter", sys.executable),
        executed=folder.with_name(cache.FAILED) / EXECUTED,
    )
    error = _failure_of(outcome, record, ran, settings=settings, log=log)
    if error:
        cache.set_aside(folder)
        raise error
    for kept in record["kept"].values():
        if kept.get("errno") in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise disk_problem(OSError(kept["errno"], kept["problem"]), "keep the notebook's values", where=folder.parent)


def _failure_of(
    outcome: Any, record: Mapping[str, Any], ran: failure.Ran, *, settings: RunSettings, log: str
) -> Exception | None:
    if outcome.over_time and settings.timeout is not None:
        return failure.over_time(ran, outcome.running, limit=settings.timeout)
    for seen in record.get("failures", ()):
        if not _is_expected(ran, seen):
            return failure.cell_failed(ran, seen, outcome.running)
    if outcome.died:
        return failure.kernel_died(ran, outcome.running, ended=outcome.ended, log=log)
    for cell in _code_cells(outcome.document):
        if cell["id"] in outcome.ended or not cell["source"].strip() or "skip-execution" in cell["metadata"]["tags"]:
            continue
        output = next((output for output in cell["outputs"] if output["output_type"] == "error"), None)
        if output:
            return failure.no_failure_recorded(ran, cell["id"], output)
        return RunError("the run ended early", where=ran.notebook.name, why=f"{cell['id']} never ran", details=log)
    return None if record else InternalError("the run left no record", where=str(ran.executed.parent), details=log)


def _code_cells(executed: Any) -> list[Any]:
    # papermill marks a failed notebook with Markdown cells of its own.
    return [cell for cell in executed["cells"] if cell["cell_type"] == "code"]


def _is_expected(ran: failure.Ran, seen: Mapping[str, Any]) -> bool:
    place = failure.locate(ran, seen, None)
    return place is not None and "raises-exception" in place.cell.tags


def _kernel_log(folder: Path) -> str:
    # ipykernel says this of every kernel on loopback; it would only frighten.
    lines = processes.tail(folder / _LOG).splitlines()
    return "\n".join(line for line in lines if "TCP without encryption" not in line)


def _write_executed(folder: Path, executed: Any) -> None:
    if executed is None:
        return
    import nbformat

    # papermill writes the whole input in here.
    executed["metadata"].get("papermill", {}).pop("input_path", None)
    with disk_errors("keep the executed notebook", where=folder):
        path = folder / EXECUTED
        path.touch(mode=0o600)
        path.write_text(nbformat.writes(executed), encoding="utf-8")


def _read_record(folder: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads((folder / "run.json").read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return document


def _kept(number: int, point: KeepPoint, record: Mapping[str, Any], copy: ExecutedCopy) -> Kept:
    unreached = dict(copy.unplaced).get(number, "the run never came to that statement")
    found = record["kept"].get(str(number), {"problem": unreached})
    return Kept(
        kind=point.kind,
        label=point.label,
        file=found.get("file", ""),
        sha256=found.get("sha256", ""),
        type=found.get("type", ""),
        problem=found.get("problem", ""),
    )


def _inputs(record: Mapping[str, Any], dataflow: Dataflow, cwd: Path) -> tuple[InputFile, ...]:
    """The files that the run opened, and those that the code names which a compiled library opened by itself."""
    seen = {str((cwd / item["path"]).resolve()): InputFile(**item) for item in record["inputs"]}
    named = (effect.detail for statement in dataflow.statements for effect in statement.effects if effect.kind == "file_read")
    for name in named:
        path = cwd / name
        if name and str(path.resolve()) not in seen and path.is_file():
            content = path.read_bytes()
            seen[str(path.resolve())] = InputFile(path=name, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    return tuple(sorted(seen.values(), key=lambda item: item.path))


def _digest(
    notebook: Notebook,
    parameters: Mapping[str, object],
    *,
    inputs: Sequence[InputFile],
    versions: Sequence[tuple[str, str]],
    python: str,
    points: Sequence[KeepPoint],
) -> str:
    """Names a capture by what went in: two pickles of equal tables may differ in their bytes, and so would their names."""
    parts = {
        "notebook": notebook.digest,
        "parameters": parameters,
        "inputs": [[item.path, item.sha256] for item in inputs],
        "versions": list(versions),
        "python": python,
        "points": [[point.kind, point.label, point.expression, point.statement, point.when] for point in points],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _imported(notebook: Notebook) -> set[str]:
    """Top-level modules that the notebook imports, anywhere in its code."""
    return {name.partition(".")[0] for cell in notebook.cells for name in _imports(cell)}


def _imports(cell: Cell) -> Iterator[str]:
    for node in ast.walk(ast.parse(cell.code)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module


def _measured(dataflow: Dataflow, outline: Outline) -> set[str]:
    """Names that check cells make: numbers among them are metrics, too."""
    numbers = {number for check in outline.checks for number in check.statements}
    return {name for number in numbers for name in dataflow.statements[number].defines}
