"""`/nb2svc/jobs`: what runs code is authorized as a kernel is, and is about what the contents manager shows."""

import json
import posixpath
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import ensure_async
from tornado import web

from nb2svc_jupyter.server.jobs.commands import COMMANDS, AskedWrongly, arguments
from nb2svc_jupyter.server.jobs.job import Job
from nb2svc_jupyter.server.jobs.queue import Nb2svcJobs, QueueFull

JOBS = "nb2svc_jobs"
_LONGEST_BODY = 100_000
_LONGEST_WAIT = 60.0
_WAIT = 25.0


class _Handler(APIHandler):
    # Whoever may run code in a kernel may run a build: it is the same power.
    auth_resource = "kernels"

    @property
    def jobs(self) -> Nb2svcJobs:
        jobs: Nb2svcJobs = self.settings[JOBS]
        return jobs

    def job(self, identifier: str) -> Job:
        job = self.jobs.find(identifier)
        if job is None:
            raise web.HTTPError(404, f"there is no job {identifier}: it ended long ago, or the server was started since")
        return job

    def answer(self, document: Any, *, status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(document))


class JobsHandler(_Handler):
    """`POST {"command": "build", "path": "loans.ipynb", "options": {…}}` → the job; `GET [?path=…]` → jobs, newest first."""

    @web.authenticated
    @authorized("read")  # type: ignore[untyped-decorator]
    async def get(self) -> None:
        """The jobs about a path, or all."""
        path = self.get_query_argument("path", None)
        asked = self.jobs.of(None if path is None else _plain(path))
        self.answer({"jobs": [self.jobs.facts(job) for job in asked]})

    @web.authenticated
    @authorized("execute")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Begin a job, or let it wait its turn."""
        command, path, options = self._asked()
        folder, file = await self._place(path, command)
        try:
            given = arguments(command, file, options)
            job = self.jobs.submit(given, path=path, folder=folder, options=options)
        except AskedWrongly as error:
            raise web.HTTPError(400, str(error)) from error
        except QueueFull as error:
            raise web.HTTPError(429, "too many jobs wait already: cancel one, or wait until one has ended") from error
        self.answer(self.jobs.facts(job), status=201)

    def _asked(self) -> tuple[str, str, dict[str, Any]]:
        if len(self.request.body) > _LONGEST_BODY:
            raise web.HTTPError(413, "a job is told in fewer words")
        try:
            body = json.loads(self.request.body)
        except ValueError as error:
            raise web.HTTPError(400, f"the body is no JSON: {error}") from error
        options = body.get("options") or {} if isinstance(body, dict) else None
        if not isinstance(options, dict) or not isinstance(body.get("path"), str) or not body["path"].strip("/"):
            raise web.HTTPError(400, 'the body is no {"command": "build", "path": "loans.ipynb", "options": {…}}')
        if body.get("command") not in COMMANDS:
            raise web.HTTPError(400, f"no such command can be a job; these can: {', '.join(COMMANDS)}")
        return body["command"], _plain(body["path"]), options

    async def _place(self, path: str, command: str) -> tuple[Path, str]:
        """The server's folder on this disk, and the path of what the job is about as seen from there.

        The contents manager says 404 to what is not there, is hidden, or leads out of its root.
        """
        place = getattr(self.contents_manager, "_get_os_path", None)
        if place is None:
            raise web.HTTPError(400, "the server's files are not on its disk: there is nothing that a command could run on")
        model = await ensure_async(self.contents_manager.get(path, content=False))  # type: ignore[no-untyped-call]
        takes = COMMANDS[command].takes
        fits = model["type"] == "directory" if takes == "project" else path.endswith((".ipynb", ".py"))
        if not fits or (takes == "notebook" and model["type"] == "directory"):
            raise web.HTTPError(400, f"{path} is no {'folder of a project' if takes == 'project' else 'notebook'}")
        folder = Path(place(""))
        return folder, Path(place(path)).relative_to(folder).as_posix()


class JobHandler(_Handler):
    """`GET /nb2svc/jobs/ID[?after=12]` → the job with its events, after a number as soon as there is one; `DELETE` ends it."""

    @web.authenticated
    @authorized("read")  # type: ignore[untyped-decorator]
    async def get(self, identifier: str) -> None:
        """A job as it stands, with its document when it has ended."""
        job = self.job(identifier)
        after = self._number("after", -1)
        if after >= 0:
            await job.events.news(int(after), min(self._number("wait", _WAIT), _LONGEST_WAIT))
        facts = self.jobs.facts(job, whole=True)
        events = job.events.after(int(after))
        self.answer({**facts, "events": events, "last": job.events.last, "dropped": job.events.dropped})

    @web.authenticated
    @authorized("execute")  # type: ignore[untyped-decorator]
    async def delete(self, identifier: str) -> None:
        """End a job: the answer comes at once, the end when all that it started is gone."""
        job = self.job(identifier)
        self.jobs.cancel(job)
        self.answer(self.jobs.facts(job), status=202)

    def _number(self, name: str, default: float) -> float:
        try:
            return float(self.get_query_argument(name, str(default)))
        except ValueError as error:
            raise web.HTTPError(400, f"{name} is a number") from error


def _plain(path: str) -> str:
    return posixpath.normpath(path).strip("/") if ".." not in path.split("/") else path.strip("/")
