"""One run, from its task to its result, in a process that runs nothing else meanwhile: the only module that starts a kernel."""

import json
import os
import resource
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.capture import facts
from nb2svc.capture.copy import ExecutedCopy, cell_id, copy_notebook
from nb2svc.capture.driver import kept_values
from nb2svc.capture.failure import Ran, not_started
from nb2svc.capture.libraries import Installed
from nb2svc.capture.listening import without_warning
from nb2svc.capture.outcome import Outcome, execution_counts
from nb2svc.capture.settings import FACTS, CellState, Run
from nb2svc.ir.capture import InputFile
from nb2svc.ir.codec import from_json, to_json
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.dependence import Dependence
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import RunResult
from nb2svc.read.notebook import parse_notebook
from nb2svc.system import clock
from nb2svc.system.files import disk_errors, write_synced
from nb2svc.validate.apart import shared_files
from nb2svc.validate.document import run_document, written_document
from nb2svc.validate.folder import EXECUTED, LOG, NOTED, place_of
from nb2svc.validate.forking.imports import Import, imports_beforehand
from nb2svc.validate.forking.way import Way
from nb2svc.validate.keys import dependence_of, expected_facts
from nb2svc.validate.reading import check_outcomes, ended_as, metric_values, told
from nb2svc.validate.secrets import struck
from nb2svc.validate.segments.telling import with_segments
from nb2svc.validate.task import RunTask
from nb2svc.validate.watched import Watched, watched

if TYPE_CHECKING:
    from nb2svc.validate.service.trial import Asked

_LOOK = 0.25
_LONGEST = 16_384

Tell = Callable[[int, CellState], None]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is known of a notebook before it runs, in all runs alike."""

    notebook: Notebook
    dataflow: Dataflow
    copy: ExecutedCopy
    looked: Watched
    dependence: Dependence
    imports: tuple[Import, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A task's notebook as it was read, the copy of it to run; `say` hears of the built service."""

    task: RunTask
    source: Source
    copy: ExecutedCopy
    tell: Tell
    say: Say = lambda _: None
    service: "Asked | None" = None

    @property
    def notebook(self) -> Notebook:
        """The notebook."""
        return self.source.notebook


def read_task(task: RunTask, tell: Tell, say: Say) -> Reading:
    """Read a task's notebook; `tell` hears of each cell by its number, `say` what is done with the built service afterwards."""
    source = _source(task.content, task.path, task.segments)
    if task.service is None:
        return Reading(task=task, source=source, copy=source.copy, tell=tell, say=say)
    from nb2svc.validate.service.trial import asked_service

    service = asked_service(task, source.notebook, source.dataflow)
    copy = copy_notebook(source.notebook, source.dataflow, service.points if service else ())
    return Reading(task=task, source=source, copy=copy, tell=tell, say=say, service=service)


@lru_cache(maxsize=4)
def _source(content: bytes, path: str, segments: tuple[str, ...]) -> Source:
    notebook, _ = parse_notebook(content, path=path)
    dataflow = build_dataflow(notebook)
    return Source(
        notebook=notebook,
        dataflow=dataflow,
        copy=copy_notebook(notebook, dataflow, ()),
        looked=watched(notebook, dataflow, columns=segments),
        dependence=dependence_of(notebook),
        imports=imports_beforehand(notebook),
    )


def run_by(way: Way, read: Reading) -> tuple[RunResult, str]:
    """The run as that way made it, and why it is to be made once more by a slower way ("": it is not).

    The executed copy, the log and the facts go to the task's folder.

    Raises:
        EnvironmentProblem: the disk is full or not writable.
    """
    task, source, service = read.task, read.source, read.service
    notebook, looked = source.notebook, source.looked
    began, begin, clocks = clock.now().isoformat(), clock.seconds() - way.host.seconds, _Processor(way)
    with disk_errors("run the notebook", where=Path(task.folder)):
        # What the kernel writes by itself may hold a secret until it is struck out: it is gone before the run is kept.
        with tempfile.TemporaryDirectory(prefix=".kernel-", dir=task.folder) as scratch, _log(Path(scratch), task) as log:
            run = _run(read, scratch=scratch, log=log)
            executed = _execute(run, looked, way)
            record, said = _read(Path(scratch) / "run.json"), _said(log)
            seen = _read(Path(scratch) / FACTS)
            noted = _facts(task, source, way.host.installed, record, seen)
            whole = replace(
                _result(task, notebook, read.copy, looked, executed=executed, record=record, log=said),
                began=began,
                seconds=round(clock.seconds() - way.host.seconds - begin, 3),
                cpu_seconds=round(clocks.used(), 3),
                memory=executed.memory or None,
                versions=tuple(sorted(record.get("versions", {}).items())),
                python=record.get("python", ""),
                inputs=tuple(InputFile(**item) for item in record.get("inputs", ())),
                path=way.path,
                path_note=way.note,
                rewritten=() if task.alone else shared_files(seen.get("rewritten", ()), cwd=Path(task.cwd)),
            )
            trouble = way.trouble(executed.outcome)
            if service is not None and not trouble:
                from nb2svc.validate.service.outcome import with_service

                whole = with_service(whole, service.tried(whole, record, Path(scratch), say=read.say))
        secrets = dict(task.secrets)
        if not trouble:
            _write(Path(task.folder), executed.outcome, notebook, secrets=secrets, log=said, noted=noted)
    return from_json(RunResult, json.loads(struck(json.dumps(to_json(whole)), secrets))) if secrets else whole, trouble


class _Executed:
    """A run that ended: its outcome, what its client saw, and the kernel's peak of memory in bytes (0: unknown)."""

    def __init__(self) -> None:
        from nb2svc.validate.client import Seen

        self.outcome = Outcome(document=None)
        self.seen = Seen()
        self.memory = 0


def _run(read: Reading, *, scratch: str, log: Path) -> Run:
    task, notebook = read.task, read.notebook
    numbers = {cell_id(cell): cell.number for cell in notebook.cells}

    def on_cell(identifier: str, state: CellState) -> None:
        if identifier in numbers:
            read.tell(numbers[identifier], state)

    return Run(
        document=run_document(notebook, read.copy, kernel=task.kernel, parameters=task.spec.parameters),
        kernel=task.kernel,
        parameters={},
        config={
            "folder": scratch,
            "points": kept_values(read.service.points if read.service else ()),
            "modules": list(read.source.dependence.imports),
            "measures": [],
        },
        cwd=Path(task.cwd),
        log=log,
        timeout=task.timeout,
        on_cell=on_cell,
    )


def _execute(run: Run, looked: Watched, way: Way) -> _Executed:
    from nb2svc.capture.engine import execute
    from nb2svc.validate.bare_client import BareClient
    from nb2svc.validate.forking.provisioner import manager_by
    from nb2svc.validate.shared_client import SharedClient

    done, ended = _Executed(), threading.Event()

    def started(pid: int) -> None:
        threading.Thread(target=_watch_memory, args=(pid, done, ended), name="nb2svc-memory", daemon=True).start()

    way.scratch, way.config = str(run.config["folder"]), run.config
    of_run: dict[str, Any] = {"way": way, "watched": looked, "seen": done.seen, "started": started, "heard": way.stall.heard}
    client = partial(BareClient if way.bare else SharedClient, **of_run)
    if way.imports is not None and not way.bare:
        client = partial(client, kernel_manager_class=manager_by(way))
    try:
        # What loses its parent comes to this process, where it makes runs and nothing else: it is found without a mark.
        done.outcome = execute(run, client=client, sweeps=not way.host.lone)
    finally:
        ended.set()
        way.end()
    # After shared cells the kernel tells of the process in which these ran.
    way.host.room = done.seen.room if way.told is None else way.host.room
    way.learn(run.kernel, os.environ, str(run.cwd))
    return done


def _result(
    task: RunTask,
    notebook: Notebook,
    copy: ExecutedCopy,
    looked: Watched,
    *,
    executed: _Executed,
    record: Mapping[str, Any],
    log: str,
) -> RunResult:
    outcome, place = executed.outcome, place_of(task.spec)
    made = RunResult(key=task.spec.key, spec=task.spec, status="died", folder=place)
    if outcome.start_failed or outcome.document is None:
        failure = not_started(task.kernel, reason=outcome.start_failed, log=log, cwd=Path(task.cwd))
        return replace(made, checks=_unreached(looked, notebook), failure=told(failure))
    ran = Ran(
        notebook=notebook,
        copy=copy,
        counts=execution_counts(outcome.document),
        cwd=Path(task.cwd),
        interpreter=record.get("interpreter", ""),
        executed=Path(place) / EXECUTED,
    )
    checks = check_outcomes(executed.seen.checks, ran=ran, watched=looked, record=record)
    status, why = ended_as(outcome, record, ran=ran, watched=looked, checks=checks, limit=task.timeout, log=log)
    asked = [name for names in looked.metrics.values() for name in names]
    metrics = metric_values(outcome.document, executed.seen.metrics, asked=asked)
    result = replace(made, status=status, failure=why, checks=checks, metrics=metrics)
    return with_segments(result, executed.seen.segments, watched=looked) if looked.segments else result


def _unreached(looked: Watched, notebook: Notebook) -> tuple[Any, ...]:
    from nb2svc.ir.validation import CheckOutcome

    numbers = {cell_id(cell): cell.number for cell in notebook.cells}
    return tuple(CheckOutcome(name=name, cell=numbers[at], outcome="not_reached") for at, name in looked.checks.items())


def _facts(
    task: RunTask, source: Source, installed: Installed, record: Mapping[str, Any], seen: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """What the run depended on; None where its kernel could not tell."""
    if not record or not seen:
        return None
    cwd = Path(task.cwd)
    known = expected_facts(source.dependence, task.spec, kernel=task.kernel, cwd=task.cwd)
    inputs = tuple(InputFile(**item) for item in record["inputs"] if (cwd / item["path"]).exists())
    interpreter = record["interpreter"]
    return facts.record(known, seen, dependence=source.dependence, interpreter=interpreter, inputs=inputs, installed=installed)


def _write(
    folder: Path, outcome: Outcome, notebook: Notebook, *, secrets: Mapping[str, str], log: str, noted: Mapping[str, Any] | None
) -> None:
    """Write what the run leaves, whatever became of it; no secret is in it."""
    import nbformat

    if outcome.document is not None:
        document = written_document(outcome.document, notebook, secrets=secrets)
        text: str = nbformat.writes(document)  # type: ignore[no-untyped-call]
        write_synced(folder / EXECUTED, text.encode("utf-8", "surrogatepass"), mode=0o600)
    write_synced(folder / LOG, struck(log, secrets).encode(), mode=0o600)
    if noted is not None:
        write_synced(folder / NOTED, json.dumps(noted).encode(), mode=0o600)


def withdraw(folder: Path) -> None:
    """Take back what a run left there that is not believed."""
    for name in (EXECUTED, LOG, NOTED):
        (folder / name).unlink(missing_ok=True)


@contextmanager
def _log(scratch: Path, task: RunTask) -> Iterator[Path]:
    """Where the kernel's own output goes: in memory while a secret may be in it."""
    if not task.secrets or not hasattr(os, "memfd_create"):
        yield scratch / LOG
        return
    descriptor = os.memfd_create("nb2svc-log")
    try:
        yield Path(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)


def _said(log: Path) -> str:
    """The last of what the kernel wrote by itself."""
    try:
        text = log.read_bytes()[-_LONGEST:].decode(errors="replace")
    except OSError:
        return ""
    return without_warning(text)


def _read(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return document


class _Processor:
    """Processor time of a run's kernel and of all that it started."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._before = self._children()

    def used(self) -> float:
        """Since the beginning, when the run is over."""
        kernel = self._way.kernel
        return kernel.cpu_seconds if kernel is not None else self._children() - self._before

    def _children(self) -> float:
        # All children that have ended, and theirs; a kernel of the run's own is one, a fork server is none of it.
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime - self._way.host.reaped


def _watch_memory(pid: int, done: _Executed, ended: threading.Event) -> None:
    """Look at the kernel's peak until the run is over: a kernel that was killed can't be asked."""
    while not ended.wait(_LOOK if done.memory else 0.01):
        with suppress(OSError, ValueError, IndexError):
            status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
            done.memory = int(status.partition("VmHWM:")[2].split()[0]) * 1024
