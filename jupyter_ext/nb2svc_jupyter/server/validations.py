"""`GET /nb2svc/validation?path=loans.ipynb[&run=KEY]`: the page of the last validation, or the executed notebook of a run.

Both lie in a hidden folder, which the contents manager does not hand out, or are made from what lies there. What is handed out is
a page that was made from it and can do nothing.
"""

import re

from jupyter_server.auth.decorator import authorized
from tornado import web

from nb2svc_jupyter.server.sandboxed import SandboxedHandler

_KEY = re.compile(r"[0-9a-f]{16,64}")


class ValidationPageHandler(SandboxedHandler):
    """One page about the validation of a notebook."""

    @web.authenticated
    @authorized("read")  # type: ignore[untyped-decorator]
    async def get(self) -> None:
        """Hand out the page."""
        path, run = self.get_query_argument("path"), self.get_query_argument("run", "")
        if run and not _KEY.fullmatch(run):
            raise web.HTTPError(400, "`run` is no key of a run")
        what, place = "run-page" if run else "report-page", await self.readable_place(path)
        document = await self.asked({"what": what, "path": path, "place": place, "options": {"run": run} if run else {}})
        page = document.get("html")
        if page is None:
            raise web.HTTPError(
                404, "no run of this notebook left that, or it is too large to show: nb2svc validate makes it anew"
            )
        self.hand_out(page, "text/html")
