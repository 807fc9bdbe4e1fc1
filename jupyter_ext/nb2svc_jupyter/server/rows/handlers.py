"""`/nb2svc/rows`: what becomes of captured rows. It runs a project's code, and is authorized as a kernel is."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import ensure_async
from tornado import web

from nb2svc.cli.documents import error_only
from nb2svc.errors import Nb2svcError
from nb2svc_jupyter.server.rows.sites import Sites

ROWS = "nb2svc_rows"
_LONGEST_BODY = 10_000_000
# What each question may say beside the path.
_QUESTIONS: Mapping[str, Mapping[str, type]] = {
    "list": {"search": str, "notable": bool, "order": str, "offset": int, "limit": int},
    "row": {"row": int},
    "try": {"row": int, "request": dict, "beside": str},
}
_NEEDED: Mapping[str, tuple[str, ...]] = {"list": (), "row": ("row",), "try": ("request",)}
_MOST = 1000


class RowsHandler(APIHandler):
    """`POST {"path": "loans.ipynb", "ask": "row", "row": 17}` → the document of `nb2svc rows loans.ipynb --row 17`.

    `path` is a notebook, whose last build is meant, or the folder of a project.
    """

    # Whoever may run code in a kernel may run a project's: it is the same power.
    auth_resource = "kernels"

    @web.authenticated
    @authorized("execute")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Answer one question about rows."""
        path, question = self._asked()
        place = await self._place(path)
        sites: Sites = self.settings[ROWS]
        try:
            document = {"version": 1, "error": None, "findings": [], **await sites.ask(place, question)}
        except Nb2svcError as error:
            from nb2svc.rowwise import NotBuilt

            document = {**error_only(error), "built": not isinstance(error, NotBuilt)}
        self.set_header("Content-Type", "application/json")
        # Nobody's browser or proxy keeps captured rows.
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(document))

    def _asked(self) -> tuple[str, dict[str, Any]]:
        if len(self.request.body) > _LONGEST_BODY:
            raise web.HTTPError(413, "a question about one row is shorter")
        try:
            body = json.loads(self.request.body)
        except ValueError as error:
            raise web.HTTPError(400, f"the body is no JSON: {error}") from error
        if not isinstance(body, dict) or not isinstance(body.get("path"), str) or not body["path"].strip("/"):
            raise web.HTTPError(400, 'the body is no {"path": "loans.ipynb", "ask": "row", "row": 17}')
        kinds = _QUESTIONS.get(str(body.get("ask")))
        if kinds is None:
            raise web.HTTPError(400, f"there is no such question; there are: {', '.join(_QUESTIONS)}")
        question = {"ask": body["ask"], **{name: body[name] for name in kinds if body.get(name) is not None}}
        wrong = [name for name, kind in kinds.items() if name in question and not _is(question[name], kind)]
        wrong += [name for name in _NEEDED[body["ask"]] if name not in question]
        if wrong or question.get("limit", 1) not in range(1, _MOST + 1) or question.get("offset", 0) < 0:
            raise web.HTTPError(400, f"what is said of {', '.join(wrong) or 'the page'} is of another kind or missing")
        return body["path"], question

    async def _place(self, path: str) -> Path:
        """Where the notebook or project lies on this disk.

        The contents manager says 404 to what is not there, is hidden, or leads out of its root.
        """
        place = getattr(self.contents_manager, "_get_os_path", None)
        if place is None:
            raise web.HTTPError(400, "the server's files are not on its disk: there is no project that could be asked")
        model = await ensure_async(self.contents_manager.get(path, content=False))  # type: ignore[no-untyped-call]
        if model["type"] != "directory" and not path.endswith((".ipynb", ".py")):
            raise web.HTTPError(400, f"{path} is neither a notebook nor a project")
        return Path(place(path))


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))
