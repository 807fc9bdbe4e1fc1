"""All runs of a validation: which are at hand, which are to be made, and what came of them."""

import os
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from secrets import token_hex
from typing import Any

from nb2svc import __version__
from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.capture import cache
from nb2svc.capture.driver import kernel_to_run, run_place
from nb2svc.errors import RefusalError
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.dependence import Dependence
from nb2svc.ir.finding import refusals
from nb2svc.ir.judgement import UNDECLARED, Criteria
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.progress import Progress, ProgressEvent
from nb2svc.ir.validation import RunResult, RunSpec, Validation
from nb2svc.read.notebook import parse_notebook
from nb2svc.system import clock
from nb2svc.system.digests import digest_of
from nb2svc.validate.apart import Apart, TogetherError
from nb2svc.validate.baseline import check_criteria, read_baseline
from nb2svc.validate.champion import read_champion
from nb2svc.validate.cluster.link import scheduler_address
from nb2svc.validate.declared import declared, together
from nb2svc.validate.gate import Champion
from nb2svc.validate.keys import changed_since, dependence_of, expected_facts, run_specs
from nb2svc.validate.output import Output, output_at
from nb2svc.validate.perform import LocalExecutor, StoppedError, perform
from nb2svc.validate.prefix import Prefix, plan_prefix
from nb2svc.validate.progress import Board
from nb2svc.validate.secrets import resolve_secrets
from nb2svc.validate.segments.asking import First, check_columns
from nb2svc.validate.service.wanted import as_asked, service_tasks
from nb2svc.validate.sets import Asked, default_parameters, parameter_sets, secrets_of
from nb2svc.validate.task import RunTask, ServiceTask
from nb2svc.validate.verdict import judge
from nb2svc.validate.watched import idle_checks

LOCAL = "local"
_MOMENT = 0.5
# With fewer for each worker what is made twice, to compare, costs more than is saved.
_WORTH_SHARING = 6
# A run that ended so is not made again while nothing changed; one that broke may go well the next time.
_FINISHED = frozenset({"ok", "failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateOptions:
    """What a person says of a validation.

    `output` is where its runs lie, a folder or a URL; None is the default folder. `baseline` is what they are compared with, or
    None. `gate` names what they must be no worse than, ("champion", FILE); `other_data` lets that have read other files.
    `executor` is where runs are made, `local` or `dask://HOST:PORT`, and `jobs` how many at the same time; None is all
    that a cluster can.
    `service` has the built service asked about each run: that in `project`, or beside the notebook. `compare_plain` has the
    first run that shares cells compared with one in a kernel of its own, not with one in a forked kernel.
    `stoppable` hears what ends the runs on this machine, for another thread to call.
    """

    notebook: Path
    asked: Asked
    output: str | None = None
    cwd: str | None = None
    kernel: str | None = None
    executor: str = LOCAL
    jobs: int | None = 1
    timeout: float | None = 600.0
    retries: int = 1
    fresh: bool = False
    baseline: str | None = None
    criteria: Criteria = UNDECLARED
    gate: tuple[tuple[str, str], ...] = ()
    other_data: bool = False
    segments: tuple[str, ...] = ()
    fork: bool = True
    service: bool = False
    project: Path | None = None
    reuse: bool = True
    compare_plain: bool = False
    stoppable: Callable[[Callable[[], None]], None] = lambda _: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """A validation and where it lies; `notebook` is the one that was read."""

    validation: Validation
    output: Output
    notebook: Notebook


def validate(content: bytes, options: ValidateOptions, *, environment: Mapping[str, str], progress: Progress) -> Validated:
    """Run the notebook with each set of parameters, but for runs that an earlier command finished.

    Interrupted, it keeps what was finished and says so.

    Raises:
        NotebookError: the notebook can't be read.
        UsageError: what was asked for is wrong: nothing was started, or one run where it is the segments.
        EnvironmentProblem: no such kernel, or the disk is full or not writable.
    """
    progress(ProgressEvent(stage="read", text=f"reading {options.notebook.name}"))
    notebook, dataflow = _read(content, options)
    sets = parameter_sets(notebook, options.asked)
    # Workers of a cluster have secrets in their own environment: none is sent.
    values = resolve_secrets(secrets_of(sets), environment) if options.executor == LOCAL else {}
    cwd = run_place(options.notebook.absolute(), options.cwd)
    kernel = kernel_to_run(notebook, options.kernel)
    defaults = default_parameters(notebook)
    specs = run_specs(notebook, sets, defaults=defaults, kernel=kernel, segments=options.segments)
    output = output_at(options.output or str(default_folder(options.notebook)))
    # Before the runs: the last validation is replaced by this one, and a misspelt metric must not cost an hour.
    earlier = read_baseline(options.baseline, output=output) if options.baseline else None
    check_criteria(options.criteria, earlier, gated=bool(options.gate))
    options = replace(options, criteria=together(options.criteria, declared(notebook, dataflow)))
    champion = read_champion(options.gate, options.criteria, output=output, cwd=cwd, other=options.other_data)
    services = service_tasks(notebook, specs, defaults=defaults, project=options.project) if options.service else {}
    began, begin, session = clock.now().isoformat(), clock.seconds(), token_hex(8)
    if not options.output:
        # Made now and not before: what was refused leaves nothing.
        cache.validation_of(options.notebook)
    with output.held(notebook.name) as folder:
        known = {} if options.fresh else _at_hand(notebook, specs, output, kernel=kernel, cwd=str(cwd), services=services)
        board = Board(specs, notebook=notebook, jobs=options.jobs or 1, known=known, progress=progress)
        todo = [spec for spec in specs if spec.key not in known]
        shared = _any_task(options, specs[0], content, kernel=kernel, cwd=cwd, folder=folder)
        shared = replace(shared, output=output.url, session=session)
        shared = _by_paths(shared, _prefix(notebook, dataflow, todo, options), options, count=len(todo))
        tasks = [_task(shared, spec, values, services) for spec in todo]
        made, interrupted = _make_apart(
            tasks, options, notebook=notebook, board=board, ended=First(board.ended, known=bool(known)).ended
        )
        validation = replace(
            _gathered(options, notebook, specs, {**known, **made}),
            defaults=defaults,
            began=began,
            seconds=round(clock.seconds() - begin, 3),
            interrupted=interrupted,
            notes=tuple(board.notes),
        )
        idle = idle_checks(notebook, dataflow)
        validation = _judged(validation, options, earlier=earlier, champion=champion, idle=idle)
        output.write_validation(validation)
    return Validated(validation=validation, output=output, notebook=notebook)


def _any_task(options: ValidateOptions, spec: RunSpec, content: bytes, *, kernel: str, cwd: Path, folder: Path) -> RunTask:
    return RunTask(
        spec=spec,
        content=content,
        path=str(options.notebook.absolute()),
        kernel=kernel,
        cwd=str(cwd),
        folder=str(folder),
        timeout=options.timeout,
        retries=options.retries,
        segments=options.segments,
        alone=options.jobs == 1,
    )


def _read(content: bytes, options: ValidateOptions) -> tuple[Notebook, Dataflow]:
    if options.executor != LOCAL:
        scheduler_address(options.executor)
    notebook, findings = parse_notebook(content, path=str(options.notebook))
    if refusals(findings):
        raise RefusalError(refusals(findings), can_not="be run")
    dataflow = build_dataflow(notebook)
    check_columns(notebook, dataflow, options.segments)
    return notebook, dataflow


def _gathered(
    options: ValidateOptions, notebook: Notebook, specs: Iterable[RunSpec], found: Mapping[str, RunResult]
) -> Validation:
    return Validation(
        notebook=str(options.notebook),
        notebook_digest=notebook.digest,
        runs=tuple(found.get(spec.key) or RunResult(key=spec.key, spec=spec, status="not_run") for spec in specs),
        segments=options.segments,
        nb2svc=__version__,
    )


def _judged(
    validation: Validation,
    options: ValidateOptions,
    *,
    earlier: Validation | None,
    champion: Champion | None,
    idle: Collection[str],
) -> Validation:
    source = options.baseline or ""
    judgement = judge(validation, criteria=options.criteria, baseline=earlier, source=source, champion=champion, idle=idle)
    return replace(validation, judgement=judgement)


def _by_paths(shared: RunTask, prefix: Prefix, options: ValidateOptions, *, count: int) -> RunTask:
    """A task that says which faster paths its run may take."""
    return replace(
        shared,
        plain=_plain(options, count),
        prefix=prefix if prefix.cells else None,
        shared_by=count // (options.jobs or 1),
        unshared=prefix.declined,
        compares_plain=options.compare_plain,
    )


def _plain(options: ValidateOptions, count: int) -> str:
    """Why kernels are not forked; "" where they may be."""
    if not options.fork:
        return "--no-fork"
    # A fork server costs about what one kernel does.
    return "" if count > (options.jobs or 1) else "so few runs are no faster forked"


def _prefix(notebook: Notebook, dataflow: Dataflow, todo: Sequence[RunSpec], options: ValidateOptions) -> Prefix:
    """What the runs share; nothing where it does not pay, or is not wanted."""
    if not options.reuse:
        return Prefix(declined="--no-reuse")
    # Each worker makes its first run plainly, too; how many a cluster has is not known. A service keeps values of all cells.
    if options.service or len(todo) < _WORTH_SHARING * (options.jobs or 1):
        return Prefix()
    if options.executor != LOCAL:
        return Prefix(declined="no cells are shared on the workers of a cluster")
    found = plan_prefix(notebook, dataflow, todo, environment=os.environ)
    return replace(found, declined=f"no cells are shared: {found.declined}") if found.declined else found


def default_folder(notebook: Path) -> Path:
    """Where runs are kept unless a person says: beside the captures. Nothing is made."""
    return cache.validation_at(notebook)


def run_all(
    tasks: Iterable[RunTask], executor: Executor, *, ended: Callable[[RunResult], None]
) -> tuple[dict[str, RunResult], bool]:
    """Have all tasks made; the results by key, and whether a person ended it. What is finished by then counts.

    Raises:
        EnvironmentProblem: a run can't be kept; the others are stopped.
    """
    found: dict[str, RunResult] = {}
    futures: list[Future[RunResult]] = []
    try:
        futures += [executor.submit(perform, task) for task in tasks]
        for future in _as_they_end(futures):
            result = future.result()
            found[result.key] = result
            ended(result)
    except KeyboardInterrupt:
        executor.shutdown(wait=True, cancel_futures=True)
        found |= {result.key: result for result in _done(futures)}
        return found, True
    except BaseException:
        executor.shutdown(wait=True, cancel_futures=True)
        raise
    return found, False


def _as_they_end(futures: Sequence[Future[RunResult]]) -> Iterator[Future[RunResult]]:
    """Each when it is done; a signal that another thread was told of is heard here within a moment, too.

    Raises:
        StoppedError: some were cancelled, and none of the others said so.
    """
    ended: SimpleQueue[Future[RunResult]] = SimpleQueue()
    for future in futures:
        future.add_done_callback(ended.put)
    left, cancelled = len(futures), False
    while left:
        with suppress(Empty):
            future = ended.get(timeout=_MOMENT)
            left -= 1
            cancelled = cancelled or future.cancelled()
            if not future.cancelled():
                yield future
    if cancelled:
        raise StoppedError


def _done(futures: Iterable[Future[RunResult]]) -> Iterator[RunResult]:
    """Those that had been finished when the others were stopped."""
    for future in futures:
        if future.done() and not future.cancelled() and future.exception() is None:
            yield future.result()


def _make_apart(
    tasks: list[RunTask], options: ValidateOptions, *, notebook: Notebook, board: Board, ended: Callable[[RunResult], None]
) -> tuple[dict[str, RunResult], bool]:
    """Have the tasks made, once more and one at a time where one run may have read what another wrote."""
    try:
        return _make(tasks, options, notebook=notebook, board=board, ended=Apart(ended).ended)
    except TogetherError as together_:
        board.restart(jobs=1, why=str(together_))
        again = [replace(task, alone=True, session=token_hex(8)) for task in tasks]
        return _make(again, replace(options, jobs=1), notebook=notebook, board=board, ended=ended)


def _make(
    tasks: list[RunTask], options: ValidateOptions, *, notebook: Notebook, board: Board, ended: Callable[[RunResult], None]
) -> tuple[dict[str, RunResult], bool]:
    """Have the tasks made where the options say."""
    if not tasks:
        return {}, False
    if options.executor == LOCAL:
        with _logs() as logs, LocalExecutor(jobs=options.jobs or 1, logs=logs, hear=board.hear) as executor:
            options.stoppable(partial(executor.shutdown, wait=False, cancel_futures=True))
            return run_all(tasks, executor, ended=ended)
    from nb2svc.validate.cluster.making import dask_executor

    secrets = frozenset(each.secret for task in tasks for each in task.spec.parameters if each.secret)
    with dask_executor(
        options.executor, tasks[0], notebook=notebook, secrets=secrets, jobs=options.jobs, hear=board.hear, note=board.note
    ) as cluster:
        board.jobs = cluster.threads
        return run_all(tasks, cluster, ended=ended)


def _task(shared: RunTask, spec: RunSpec, values: Mapping[str, str], services: Mapping[str, ServiceTask]) -> RunTask:
    secrets = tuple((each.secret, values[each.secret]) for each in spec.parameters if each.secret in values)
    return replace(shared, spec=spec, secrets=secrets, service=services.get(spec.key))


def _at_hand(
    notebook: Notebook, specs: Iterable[RunSpec], output: Output, *, kernel: str, cwd: str, services: Mapping[str, ServiceTask]
) -> dict[str, RunResult]:
    """The runs that an earlier command finished, and that nothing changed since."""
    found: dict[str, RunResult] = {}
    compared: dict[str, str] = {}
    dependence = dependence_of(notebook)
    for spec in specs:
        earlier = output.finished(spec)
        if earlier is None or not _is_finished(earlier[0]):
            continue
        result, noted = as_asked(earlier[0], services), earlier[1]
        if result is None:
            continue
        # Runs of one notebook mostly saw the same files: these are read once.
        same = digest_of({**noted, "parameters": None})
        if same not in compared:
            compared[same] = changed_since(noted, _expected(dependence, spec, noted, kernel=kernel, cwd=cwd))
        if not compared[same]:
            found[spec.key] = replace(result, spec=spec, reused=True)
    return found


def _is_finished(result: RunResult) -> bool:
    divided = result.segments is None or result.segments.problem is None
    return result.status in _FINISHED and divided and not result.rewritten


def _expected(dependence: Dependence, spec: RunSpec, noted: Mapping[str, Any], *, kernel: str, cwd: str) -> Mapping[str, Any]:
    # The parameters are part of the key, so they are the same.
    return {**expected_facts(dependence, spec, kernel=kernel, cwd=cwd), "parameters": noted["parameters"]}


@contextmanager
def _logs() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="nb2svc-validate-") as folder:
        yield Path(folder)


__all__ = ["StoppedError", "ValidateOptions", "Validated", "default_folder", "run_all", "validate"]
