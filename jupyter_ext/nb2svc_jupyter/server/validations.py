"""`GET /nb2svc/validation?path=loans.ipynb[&run=KEY]`: the page of the last validation, or the executed notebook of a run.

Both lie in a hidden folder, which the contents manager does not hand out, or are made from what lies there. What is handed out is
a page that was made from it and can do nothing.
"""

import re

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import ensure_async
from tornado import web

from nb2svc_jupyter.server.handlers import WORKERS, place_of
from nb2svc_jupyter.server.workers import WorkerError, Workers

_KEY = re.compile(r"[0-9a-f]{16,64}")


class ValidationPageHandler(JupyterHandler):
    """One page about the validation of a notebook."""

    auth_resource = "contents"

    @property
    def content_security_policy(self) -> str:
        """It was made from what a notebook printed: nothing in it runs, or is taken for a page of this server."""
        return "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"

    @web.authenticated
    @authorized("read")  # type: ignore[untyped-decorator]
    async def get(self) -> None:
        """Hand out the page."""
        path, run = self.get_query_argument("path"), self.get_query_argument("run", "")
        if run and not _KEY.fullmatch(run):
            raise web.HTTPError(400, "`run` is no key of a run")
        # Whoever may not read the notebook may not read what came of it; a path that leads out of the root is a 404 here.
        await ensure_async(self.contents_manager.get(path, content=False))  # type: ignore[no-untyped-call]
        what = "run-page" if run else "report-page"
        place = place_of(self.contents_manager, path)
        workers: Workers = self.settings[WORKERS]
        try:
            document = await workers.ask(
                {"what": what, "path": path, "place": place, "content": {}, "options": {"run": run} if run else {}}
            )
        except WorkerError as error:
            raise web.HTTPError(503, str(error)) from error
        page = document.get("html")
        if page is None:
            raise web.HTTPError(
                404, "no run of this notebook left that, or it is too large to show: nb2svc validate makes it anew"
            )
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(page)
