"""`GET /nb2svc/evidence?path=loans.ipynb&file=.nb2svc/…/executed.html`: a file that a checklist names as its evidence.

It lies in a hidden folder, which the contents manager does not hand out. This hands out what a checklist names, and nothing else.
"""

import asyncio
import mimetypes
from pathlib import Path

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import ensure_async
from tornado import web

from nb2svc_jupyter.server.handlers import WORKERS, place_of
from nb2svc_jupyter.server.workers import WorkerError, Workers

_LARGEST = 50 << 20


class EvidenceHandler(JupyterHandler):
    """One file of evidence of a notebook's projects."""

    auth_resource = "contents"

    @property
    def content_security_policy(self) -> str:
        """It was made from what a notebook printed: nothing in it runs, or is taken for a page of this server."""
        return "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"

    @web.authenticated
    @authorized("read")  # type: ignore[untyped-decorator]
    async def get(self) -> None:
        """Hand out the file."""
        path, wanted = self.get_query_argument("path"), self.get_query_argument("file")
        # Whoever may not read the notebook may not read what came of it; a path that leads out of the root is a 404 here.
        await ensure_async(self.contents_manager.get(path, content=False))  # type: ignore[no-untyped-call]
        notebook = Path(place_of(self.contents_manager, path))
        named = await self._named(path, notebook)
        place, content = await asyncio.to_thread(_read, notebook.parent, named.get(wanted))
        kind, _ = mimetypes.guess_type(place)
        self.set_header("Content-Type", f"{kind or 'application/octet-stream'}; charset=utf-8")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(content)

    async def _named(self, path: str, notebook: Path) -> dict[str, str]:
        """The places of all files that checklists name, as seen from the notebook's folder."""
        workers: Workers = self.settings[WORKERS]
        try:
            document = await workers.ask({"what": "ready", "path": path, "place": str(notebook), "content": {}})
        except WorkerError as error:
            raise web.HTTPError(503, str(error)) from error
        return {file["path"]: file["place"] for project in document["projects"] for file in project["files"]}


def _read(folder: Path, named: str | None) -> tuple[str, bytes]:
    home = folder.resolve()
    place = (home / named).resolve() if named else None
    if place is None or not place.is_relative_to(home) or not place.is_file():
        raise web.HTTPError(404, "no checklist of this notebook names that file as evidence, or it is not here")
    if place.stat().st_size > _LARGEST:
        raise web.HTTPError(413, f"{place.name} is too large to show")
    return place.name, place.read_bytes()
