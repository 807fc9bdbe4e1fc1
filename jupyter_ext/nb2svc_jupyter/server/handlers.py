"""`/nb2svc/...`: authenticated and authorized on every verb; files are read through the contents manager only."""

import json
import os
import posixpath
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import ensure_async
from tornado import web

from nb2svc_jupyter.server.answers import QUESTIONS, page_document
from nb2svc_jupyter.server.jobs.commands import files_of, leads_out
from nb2svc_jupyter.server.workers import SupersededError, WorkerError, Workers

WORKERS = "nb2svc_workers"
# A notebook without its outputs, in bytes: five hundred cells have a tenth of a megabyte.
LIMIT = 16 << 20


class QuestionHandler(APIHandler):
    """`POST /nb2svc/analyze` and the like: `{"path": "loans.ipynb", "content": {…}?}` → the command line's JSON document.

    `content` is the notebook as it is on the screen; without it the file is read. Whoever asks again and again says a `client` of
    its own: its earlier question that still waits is answered with 409 then.
    """

    auth_resource = "contents"

    @web.authenticated
    @authorized("read")  # type: ignore[untyped-decorator]
    async def post(self, what: str) -> None:
        """Answer one question about a notebook."""
        if what not in QUESTIONS:
            raise web.HTTPError(404, f"there is no question {what!r}: {', '.join(sorted(QUESTIONS))}")
        path, content, client, options = self._asked()
        if content is None:
            content = await self._read(path)
        workers: Workers = self.settings[WORKERS]
        try:
            # Answers name the path, which a caller should see as Jupyter's own; runs are looked for on the disk.
            question = {"what": what, "path": path, "place": place_of(self.contents_manager, path), "content": content}
            question |= {"options": options, "files": await self._files(options) if what == "runs" else {}}
            document = await workers.ask(question, asker=(client, what) if client else None)
        except WorkerError as error:
            raise web.HTTPError(503, str(error)) from error
        except SupersededError as error:
            raise web.HTTPError(409, "a later question came before this one's turn") from error
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(document))

    def _asked(self) -> tuple[str, Any, str, dict[str, Any]]:
        if len(self.request.body) > LIMIT:
            raise web.HTTPError(413, _too_large("this notebook's cells"))
        try:
            body = json.loads(self.request.body)
        except ValueError as error:
            raise web.HTTPError(400, f"the body is no JSON: {error}") from error
        if not isinstance(body, dict) or not isinstance(body.get("path"), str) or not body["path"]:
            raise web.HTTPError(400, 'the body is no {"path": "loans.ipynb", "content": {…}}')
        content = body.get("content")
        if not isinstance(content, dict | str | None):
            raise web.HTTPError(400, "`content` is neither a notebook nor the text of a script")
        client = body.get("client") or ""
        if not isinstance(client, str):
            raise web.HTTPError(400, "`client` is no text")
        options = body.get("options") or {}
        if not isinstance(options, dict):
            raise web.HTTPError(400, "`options` is no object")
        return body["path"], content, client, options

    async def _files(self, options: dict[str, Any]) -> dict[str, str]:
        """Where the files lie that options name, by field; "" where there is none.

        What the contents manager does not show may be a file in a revision of git, or a hidden one: only the command can tell.
        """
        found: dict[str, str] = {}
        for field, text in files_of("validate", options):
            place = "" if leads_out(text) else await self._place_of_file(text)
            hidden = any(part.startswith(".") for part in text.split("/"))
            if place or leads_out(text) or not (hidden or ":" in text or text == "last"):
                found[field] = place
        return found

    async def _place_of_file(self, path: str) -> str:
        try:
            await ensure_async(self.contents_manager.get(path, content=False))  # type: ignore[no-untyped-call]
            return place_of(self.contents_manager, path)
        except web.HTTPError:
            return ""

    async def _read(self, path: str) -> Any:
        kind = "notebook" if path.endswith(".ipynb") else "file"
        model = await ensure_async(self.contents_manager.get(path, content=True, type=kind))  # type: ignore[no-untyped-call]
        content = model["content"]
        if not isinstance(content, str):
            for cell in content.get("cells", ()):
                # What a cell put out is not analysed.
                if "outputs" in cell:
                    cell["outputs"] = []
        if len(json.dumps(content)) > LIMIT:
            raise web.HTTPError(413, _too_large(path))
        return content


def _too_large(what: str) -> str:
    return (
        f"{what} hold more than {LIMIT >> 20} MB of source and attachments: keep data and pictures in files beside the notebook,"
        " and analyse it with `nb2svc analyze` meanwhile"
    )


def place_of(contents_manager: Any, path: str) -> str:
    """Where a notebook lies, so that what earlier runs left beside it is found; a place with nothing if it is not on this disk.

    The contents manager says 404 to a path that leads out of its root.
    """
    place = getattr(contents_manager, "_get_os_path", None)
    if place is None:
        # A path of a database or a bucket must not lead to a file of this disk; nothing is below this one.
        return f"{os.devnull}/{posixpath.basename(path)}"
    try:
        return str(place(path))
    except ValueError as error:
        raise web.HTTPError(404, f"no file can have this path: {error}") from error


class PageHandler(APIHandler):
    """`GET /nb2svc/explain/NB225`: what a finding's code means, as `nb2svc explain --format json` has it."""

    auth_resource = "contents"

    @web.authenticated
    @authorized("read")  # type: ignore[untyped-decorator]
    def get(self, code: str) -> None:
        """Answer with the page."""
        page = page_document(code)
        if page is None:
            raise web.HTTPError(404, f"there is no finding {code}")
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(page))
