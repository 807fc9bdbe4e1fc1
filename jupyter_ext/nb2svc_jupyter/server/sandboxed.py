"""What lies in a hidden folder, which the contents manager does not hand out, shown as a page that can do nothing."""

from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import ensure_async
from tornado import web

from nb2svc_jupyter.server.handlers import WORKERS, place_of
from nb2svc_jupyter.server.workers import WorkerError, Workers


class SandboxedHandler(JupyterHandler):
    """A page that was made from what a notebook printed."""

    auth_resource = "contents"

    @property
    def content_security_policy(self) -> str:
        """Nothing in it runs, or is taken for a page of this server."""
        return "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"

    async def readable_place(self, path: str) -> str:
        """Where a notebook lies. Who may not read it may not read what came of it; a path out of the root is a 404 here."""
        await ensure_async(self.contents_manager.get(path, content=False))  # type: ignore[no-untyped-call]
        return place_of(self.contents_manager, path)

    async def asked(self, question: dict[str, Any]) -> dict[str, Any]:
        """What a process that answers questions says."""
        workers: Workers = self.settings[WORKERS]
        try:
            return await workers.ask({"content": {}, **question})
        except WorkerError as error:
            raise web.HTTPError(503, str(error)) from error

    def hand_out(self, content: str | bytes, kind: str) -> None:
        """Answer with a document of that media type."""
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(content)
