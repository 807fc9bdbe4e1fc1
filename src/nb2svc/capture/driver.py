"""One run of a notebook, and what it leaves: `run_notebook` returns the Capture.

The notebook's file is neither read nor written here: a copy is made from what was parsed, and run in a kernel.
"""

import ast
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nb2svc.capture import cache, facts, failure
from nb2svc.capture.copy import ExecutedCopy, cell_id, copy_notebook, document
from nb2svc.capture.libraries import kernel_language
from nb2svc.capture.listening import without_warning
from nb2svc.capture.outcome import Outcome, execution_counts, failure_of
from nb2svc.capture.parameters import as_source, resolve_parameters
from nb2svc.capture.settings import FACTS, CellProgress, CellState, Run, RunSettings
from nb2svc.errors import UsageError
from nb2svc.ir.capture import EXECUTED_PAGE, Capture, InputFile, KeepPoint, Kept
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.dependence import Dependence
from nb2svc.ir.notebook import Cell, Notebook
from nb2svc.ir.outline import Outline
from nb2svc.system import clock, processes
from nb2svc.system.digests import digest_of
from nb2svc.system.files import DISK_FULL, disk_errors, disk_problem, write_synced

__all__ = ["CellProgress", "RunSettings", "captured", "kept_values", "run_notebook"]

EXECUTED = "executed.ipynb"
_LOG = "kernel.log"


def run_notebook(
    notebook: Notebook,
    dataflow: Dataflow,
    outline: Outline,
    points: Sequence[KeepPoint],
    *,
    settings: RunSettings,
    dependence: Dependence | None = None,
) -> Capture:
    """Run a copy of the notebook once and keep the values at `points`, with what the run read and under which versions.

    With `dependence` it is written down what the run depended on, so that a later build can tell whether it must run again.

    Raises:
        UsageError: a parameter or the folder to run in is wrong.
        RunError: a cell failed, a module or a file is missing, the kernel died, or the time is over.
        EnvironmentProblem: no such kernel, or the disk is full or not writable.
    """
    parameters = resolve_parameters(notebook, settings.parameters)
    path = Path(notebook.path).absolute()
    cwd = run_place(path, settings.cwd)
    kernel = kernel_to_run(notebook, settings.kernel)
    known = facts.settings(dependence, kernel=kernel, cwd=cwd, parameters=parameters) if dependence is not None else None
    copy = copy_notebook(notebook, dataflow, points)
    begin = clock.seconds()

    with cache.run_folder(path) as folder:
        run = Run(
            document=document(copy, notebook, kernel=kernel),
            kernel=kernel,
            parameters=parameters,
            config=_config(folder, points, imported=imported(notebook), measured=_measured(dataflow, outline)),
            cwd=cwd,
            log=folder / _LOG,
            timeout=settings.timeout,
            on_cell=_teller(notebook, settings),
            on_output=_output_teller(notebook, settings),
        )
        outcome = _execute(run, folder, notebook=notebook, copy=copy)
        record = _read_json(folder / "run.json")
        _raise_for(outcome, record, run=run, notebook=notebook, copy=copy)

        made = captured(
            record,
            notebook,
            folder=folder,
            cwd=cwd,
            parameters=((name, as_source(value)) for name, value in parameters.items()),
            points=points,
            inputs=_inputs(record, dataflow, cwd),
            dependence=dependence,
        )
        capture = replace(made, seconds=round(clock.seconds() - begin, 3))
        cache.commit(folder, capture, facts=_noted(known, folder, capture, dependence))
    return capture


def captured(
    record: Mapping[str, Any],
    notebook: Notebook,
    *,
    folder: Path,
    cwd: Path,
    parameters: Iterable[tuple[str, str]],
    points: Sequence[KeepPoint],
    inputs: tuple[InputFile, ...] = (),
    dependence: Dependence | None = None,
) -> Capture:
    """The capture of a run that left its record and values in a folder, under its digest and in its place beside it."""
    capture = Capture(
        folder=str(folder),
        digest="",
        notebook_digest=notebook.digest,
        parameters=tuple(parameters),
        interpreter=record["interpreter"],
        python=record["python"],
        versions=tuple(sorted(record["versions"].items())),
        modules=tuple(sorted(record["modules"].items())),
        kept=tuple(_kept(number, point, record) for number, point in enumerate(points)),
        inputs=inputs,
        metrics=tuple(sorted(record["metrics"].items())),
        seconds=0.0,
        cwd=str(cwd),
        points=tuple(points),
        page=_page_digest(folder),
        cells=tuple(cell.digest for cell in notebook.cells),
    )
    return named(capture, dependence)


def _noted(
    known: Mapping[str, Any] | None, folder: Path, capture: Capture, dependence: Dependence | None
) -> Mapping[str, Any] | None:
    """The facts of a run, where its kernel could tell them."""
    seen = _read_json(folder / FACTS)
    if known is None or dependence is None or not seen:
        return None
    return facts.record(known, seen, dependence=dependence, interpreter=capture.interpreter, inputs=capture.inputs)


def named(capture: Capture, dependence: Dependence | None) -> Capture:
    """The capture under its digest, which tells what went in: two pickles of equal tables may differ in their bytes."""
    source = digest_of([[text.code for text in dependence.texts], *dependence.checks]) if dependence else capture.notebook_digest
    parts = {
        "notebook": source,
        "parameters": [list(pair) for pair in capture.parameters],
        "inputs": [[item.path, item.sha256] for item in capture.inputs],
        "versions": [list(pair) for pair in capture.versions],
        "python": capture.python,
        "points": [[point.kind, point.label, point.expression, point.statement, point.when] for point in capture.points],
    }
    digest = digest_of(parts)
    return replace(capture, digest=digest, folder=str(Path(capture.folder).with_name(digest[:12])))


def run_place(notebook: Path, wanted: str | None) -> Path:
    """The folder that a run is made in.

    Raises:
        UsageError: there is no such folder.
    """
    cwd = Path(wanted).absolute() if wanted else notebook.parent
    if not cwd.is_dir():
        raise UsageError(
            f"there is no folder {wanted or cwd.name} to run in", where="--cwd", why=str(cwd), fix="name an existing folder"
        )
    return cwd


def kernel_to_run(notebook: Notebook, wanted: str | None) -> str:
    """The name of the kernel that a run is made in.

    Raises:
        UsageError: it is none for Python.
        EnvironmentProblem: there is no such kernel.
    """
    kernel = wanted or notebook.kernel or "python3"
    language = kernel_language(kernel)
    if language is None:
        from jupyter_client.kernelspec import KernelSpecManager

        manager = KernelSpecManager()
        known = sorted(manager.find_kernel_specs())
        if kernel not in known:
            raise failure.no_such_kernel(kernel, known)
        language = manager.get_kernel_spec(kernel).language
    if language.lower() not in ("python", ""):
        raise UsageError(f"the kernel {kernel} speaks {language}", where="--kernel", fix="choose a Python kernel")
    return kernel


def kept_values(points: Sequence[KeepPoint]) -> list[dict[str, str]]:
    """What the recorder in the kernel is told of the points."""
    return [{"kind": point.kind, "label": point.label, "expression": point.expression} for point in points]


def _config(folder: Path, points: Sequence[KeepPoint], *, imported: set[str], measured: set[str]) -> dict[str, object]:
    """What the kernel's side is told."""
    return {"folder": str(folder), "points": kept_values(points), "modules": sorted(imported), "measures": sorted(measured)}


def _teller(notebook: Notebook, settings: RunSettings) -> Callable[[str, CellState], None]:
    """Tells the caller's progress function of the author's cells."""
    begin = clock.seconds()
    cells = {cell_id(cell): cell for cell in notebook.cells}

    def tell(identifier: str, state: CellState) -> None:
        cell = cells.get(identifier)
        if settings.progress and cell:
            seconds = clock.seconds() - begin
            settings.progress(CellProgress(state=state, number=cell.number, total=len(cells), title=cell.title, seconds=seconds))

    return tell


def _output_teller(notebook: Notebook, settings: RunSettings) -> Callable[[str, str], None] | None:
    if settings.output is None:
        return None
    hear = settings.output
    numbers = {cell_id(cell): cell.number for cell in notebook.cells}

    def tell(identifier: str, text: str) -> None:
        if identifier in numbers:
            hear(numbers[identifier], text)

    return tell


def _execute(run: Run, folder: Path, *, notebook: Notebook, copy: ExecutedCopy) -> Outcome:
    from nb2svc.capture.engine import execute

    with disk_errors("run the notebook", where=folder):
        outcome = execute(run)
        if outcome.document is not None:
            _write_executed(folder, outcome.document)
            _write_page(folder, outcome.document, notebook=notebook, copy=copy)
    return outcome


def _raise_for(outcome: Outcome, record: Mapping[str, Any], *, run: Run, notebook: Notebook, copy: ExecutedCopy) -> None:
    """Stop for whatever kept the run from its end, with what it left in the folder `failed`."""
    folder = run.log.parent
    log = _kernel_log(folder)
    if outcome.start_failed:
        raise failure.not_started(run.kernel, reason=outcome.start_failed, log=log, cwd=run.cwd)
    ran = failure.Ran(
        notebook=notebook,
        copy=copy,
        counts=execution_counts(outcome.document),
        cwd=run.cwd,
        interpreter=record.get("interpreter", sys.executable),
        executed=folder.with_name(cache.FAILED) / (EXECUTED_PAGE if (folder / EXECUTED_PAGE).exists() else EXECUTED),
    )
    error = failure_of(outcome, record, ran=ran, limit=run.timeout, log=log)
    if error:
        cache.set_aside(folder)
        raise error
    for kept in record["kept"].values():
        if kept.get("errno") in DISK_FULL:
            raise disk_problem(OSError(kept["errno"], kept["problem"]), "keep the notebook's values", where=folder.parent)


def _kernel_log(folder: Path) -> str:
    return without_warning(processes.tail(folder / _LOG))


def _write_executed(folder: Path, executed: Any) -> None:
    import nbformat

    # papermill writes the whole input in here.
    executed["metadata"].get("papermill", {}).pop("input_path", None)
    text: str = nbformat.writes(executed)  # type: ignore[no-untyped-call]
    write_synced(folder / EXECUTED, text.encode(), mode=0o600)


def _write_page(folder: Path, executed: Any, *, notebook: Notebook, copy: ExecutedCopy) -> None:
    from nb2svc.capture.page import executed_page

    try:
        page = executed_page(executed, notebook, copy)
    except Exception as error:  # noqa: BLE001 - an output of any form must not cost the run; the checklist misses the page
        page = ""
        (folder / _LOG).open("a").write(f"the executed notebook can't be shown as a page: {type(error).__name__}: {error}\n")
    if page:
        write_synced(folder / EXECUTED_PAGE, page.encode(), mode=0o600)


def _page_digest(folder: Path) -> str:
    page = folder / EXECUTED_PAGE
    return hashlib.sha256(page.read_bytes()).hexdigest() if page.exists() else ""


def _read_json(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return document


def _kept(number: int, point: KeepPoint, record: Mapping[str, Any]) -> Kept:
    found = record["kept"].get(str(number), {"problem": "the run never came to that statement"})
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
        known = str(path.resolve()) in seen or str(path.resolve()) in record["written"]
        if name and not known and path.is_file():
            content = path.read_bytes()
            seen[str(path.resolve())] = InputFile(path=name, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    return tuple(sorted(seen.values(), key=lambda item: item.path))


def imported(notebook: Notebook) -> set[str]:
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
