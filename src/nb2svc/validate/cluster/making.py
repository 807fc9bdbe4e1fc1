"""An executor on a Dask cluster for the runs of a command."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from nb2svc.capture.driver import imported
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import Failure, RunResult
from nb2svc.system.digests import file_digest
from nb2svc.system.files import disk_errors
from nb2svc.validate.cluster.executor import DaskExecutor
from nb2svc.validate.cluster.link import Link
from nb2svc.validate.cluster.roll import what_counts
from nb2svc.validate.cluster.roster import Roster
from nb2svc.validate.cluster.travel import Return, luggage
from nb2svc.validate.folder import commit, place_of, staged_run
from nb2svc.validate.perform import Hear, put
from nb2svc.validate.task import RunTask
from nb2svc.validate.url import UrlOutput, shown_url

# What another machine does not see under the same URL.
_OF_ONE_MACHINE = re.compile(r"(file|local|memory)(://|::)")


def dask_executor(
    address: str,
    task: RunTask,
    *,
    notebook: Notebook,
    secrets: frozenset[str],
    jobs: int | None,
    hear: Hear,
    note: Callable[[str], None],
) -> DaskExecutor:
    """Connect to a scheduler and ask its workers; `task` is any of those to come, `secrets` the variables that they read.

    Raises:
        UsageError: it is no address, or the author's modules are too large to travel.
        EnvironmentProblem: Dask is not installed, nobody answers, or no worker can make the runs.
    """
    taken = luggage(notebook, cwd=Path(task.cwd))
    link = Link(address)
    asked = what_counts(task.kernel, imported(notebook), secrets)
    return DaskExecutor(
        link=link,
        roster=Roster(link=link, asked=asked, note=note),
        luggage=taken,
        session=task.session,
        puts_there=puts_there(task.output),
        hear=hear,
        keep=keep,
        jobs=jobs,
    )


def puts_there(url: str) -> bool:
    """Whether workers put their runs to a URL themselves: where they see the same, and no password has to be sent to them."""
    return bool(url) and not _OF_ONE_MACHINE.match(url) and shown_url(url) == url


def keep(task: RunTask, came: Return) -> RunResult:
    """Keep a run that came back with its files, unless its worker did.

    Raises:
        EnvironmentProblem: it can't be written.
    """
    assert came.result is not None
    result = of_same_data(came.result, task) if came.moved else came.result
    output, folder = UrlOutput(task.output) if task.output else None, Path(task.folder)
    kept = output.committed(task.spec, session=task.session) if output else None
    if kept is not None:
        return kept if result is came.result else replace(result, folder=kept.folder)
    with staged_run(folder) as staged, disk_errors("keep the run", where=folder / place_of(task.spec)):
        for name, content in came.files:
            path = staged / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o600)
        commit(staged, folder, result)
    return put(output, task, result) if output else result


def of_same_data(result: RunResult, task: RunTask) -> RunResult:
    """The result, or an error in its place where the run read another file than lies here: a copy that was not kept up."""
    for file in result.inputs:
        here = Path(task.cwd) / file.path
        # Modules travelled, and a person may go on with them meanwhile.
        if file.path.endswith(".py") or not here.is_file() or _digest(here, here.stat().st_mtime_ns) == file.sha256:
            continue
        failure = Failure(
            what=f"the worker {result.worker} read another {file.path}",
            where=str(here),
            why="it is not the file that lies where the command was given: the run is about other data",
            fix="copy the file there anew, or keep it on a disk that all workers share",
        )
        return replace(result, status="error", failure=failure)
    return result


@lru_cache(maxsize=256)
def _digest(path: Path, _: int) -> str:
    return file_digest(path)
