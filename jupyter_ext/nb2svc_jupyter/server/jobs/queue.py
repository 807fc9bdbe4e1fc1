"""All jobs of a server: a few run at once, the others wait their turn, and the last that ended are kept to be found again."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from traitlets import Float, Int
from traitlets.config import LoggingConfigurable

from nb2svc.cli.documents import error_only
from nb2svc.errors import EnvironmentProblem, InternalError
from nb2svc.system.clock import readable
from nb2svc_jupyter.server.jobs.commands import run_arguments
from nb2svc_jupyter.server.jobs.events import event_of
from nb2svc_jupyter.server.jobs.job import ENDED, Job
from nb2svc_jupyter.server.jobs.process import JobProcess
from nb2svc_jupyter.server.jobs.supervisor import OVER_TIME

_TAIL = 4_000


class QueueFull(Exception):
    """Too many jobs wait already."""


class Nb2svcJobs(LoggingConfigurable):
    """Jobs, with what an administrator may set in `jupyter_server_config.py`: `c.Nb2svcJobs.at_once = 2`."""

    at_once = Int(1, min=1, config=True, help="So many jobs run at once; the others wait.")
    waiting = Int(20, min=0, config=True, help="So many jobs may wait.")
    kept = Int(30, min=0, config=True, help="So many jobs that have ended can be found again.")
    hours = Float(12.0, config=True, help="A job that runs longer is ended.")
    memory = Int(0, min=0, config=True, help="The address space of each process of a job, in bytes; 0: no limit.")

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._jobs: dict[str, Job] = {}
        self._queue: list[Job] = []
        self._running: dict[str, JobProcess | None] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, arguments: tuple[str, ...], *, path: str, folder: Path, options: Mapping[str, Any]) -> Job:
        """A new job at the end of the queue, which runs at once where there is room.

        Raises:
            QueueFull: too many wait.
        """
        if len(self._queue) >= self.waiting and len(self._running) >= self.at_once:
            raise QueueFull
        job = Job(arguments, path=path, folder=folder, options=options)
        self._jobs[job.id] = job
        self._queue.append(job)
        self._start_next()
        return job

    def find(self, identifier: str) -> Job | None:
        """The job with that id."""
        return self._jobs.get(identifier)

    def of(self, path: str | None) -> list[Job]:
        """The jobs about a notebook or a project, or all of them; the newest first."""
        return [job for job in reversed(self._jobs.values()) if path in (None, job.path)]

    def facts(self, job: Job, *, whole: bool = False) -> dict[str, Any]:
        """What is told of a job."""
        position = self._queue.index(job) + 1 if job in self._queue else 0
        return job.facts(position=position, whole=whole)

    def cancel(self, job: Job) -> None:
        """End a job, whether it waits or runs; one that has ended stays as it is."""
        if job.state in ENDED:
            return
        job.cancelled = True
        if job in self._queue:
            self._queue.remove(job)
            job.finish(None, None)
            return
        process = self._running.get(job.id)
        if process is not None:
            process.close()

    async def close(self) -> None:
        """End all jobs, and wait for it."""
        for job in list(self._jobs.values()):
            self.cancel(job)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start_next(self) -> None:
        while self._queue and len(self._running) < self.at_once:
            job = self._queue.pop(0)
            self._running[job.id] = None
            job.begin()
            task = asyncio.ensure_future(self._run(job))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, job: Job) -> None:
        self.log.info("nb2svc: job %s begins: %s of %s", job.id, job.arguments[0], job.path)
        try:
            code, printed = await self._outcome(job)
            job.finish(code, self._over_time(job, code) or _document(printed) or self._lost(job, code))
        except Exception as error:
            self.log.exception("nb2svc: job %s can't run", job.id)
            job.finish(70, error_only(EnvironmentProblem("the job could not be run", why=str(error) or type(error).__name__)))
        finally:
            self.log.info("nb2svc: job %s has ended: %s, exit code %s", job.id, job.state, job.exit_code)
            self._running.pop(job.id, None)
            self._forget()
            self._start_next()

    async def _outcome(self, job: Job) -> tuple[int, bytes]:
        process = JobProcess(
            run_arguments(job.arguments), name=job.id, cwd=job.folder, seconds=self.hours * 3600, memory=self.memory
        )
        self._running[job.id] = process
        if job.cancelled:
            process.close()

        def hear(line: bytes) -> None:
            event = event_of(line, seconds=job.seconds)
            if event is not None:
                job.events.add(event)

        return await process.run(hear)

    def _over_time(self, job: Job, code: int) -> Mapping[str, Any] | None:
        if code != OVER_TIME:
            return None
        what = f"the job ran longer than {readable(self.hours * 3600)} and was ended"
        return error_only(EnvironmentProblem(what, where=job.path, fix="run it in a terminal"))

    def _lost(self, job: Job, code: int) -> Mapping[str, Any] | None:
        """What is told where a job left no document of its own."""
        if job.cancelled:
            return None
        said = "".join(event.get("output", "") for event in job.events.after(0))[-_TAIL:]
        error = InternalError(
            f"the job ended without a result, with exit code {code}",
            where=job.path,
            why="its process was killed, perhaps for want of memory" if code in (137, -9) else "",
            fix="run the command line in a terminal",
            details=said,
        )
        return error_only(error)

    def _forget(self) -> None:
        ended = [job for job in self._jobs.values() if job.state in ENDED]
        for job in ended[: max(0, len(ended) - self.kept)]:
            del self._jobs[job.id]


def _document(printed: bytes) -> Mapping[str, Any] | None:
    try:
        document = json.loads(printed)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
