"""`GET /nb2svc/evidence?path=loans.ipynb&file=.nb2svc/…/executed.html`: a file that a checklist names as its evidence.

It lies in a hidden folder, which the contents manager does not hand out. This hands out what a checklist names, and nothing else.
"""

import asyncio
import mimetypes
from pathlib import Path

from jupyter_server.auth.decorator import authorized
from tornado import web

from nb2svc_jupyter.server.sandboxed import SandboxedHandler

_LARGEST = 50 << 20


class EvidenceHandler(SandboxedHandler):
    """One file of evidence of a notebook's projects."""

    @web.authenticated
    @authorized("read")  # type: ignore[untyped-decorator]
    async def get(self) -> None:
        """Hand out the file."""
        path, wanted = self.get_query_argument("path"), self.get_query_argument("file")
        notebook = Path(await self.readable_place(path))
        named = await self._named(path, notebook)
        place, content = await asyncio.to_thread(_read, notebook.parent, named.get(wanted))
        kind, _ = mimetypes.guess_type(place)
        self.hand_out(content, kind or "application/octet-stream")

    async def _named(self, path: str, notebook: Path) -> dict[str, str]:
        """The places of all files that checklists name, as seen from the notebook's folder."""
        document = await self.asked({"what": "ready", "path": path, "place": str(notebook)})
        return {file["path"]: file["place"] for project in document["projects"] for file in project["files"]}


def _read(folder: Path, named: str | None) -> tuple[str, bytes]:
    home = folder.resolve()
    place = (home / named).resolve() if named else None
    if place is None or not place.is_relative_to(home) or not place.is_file():
        raise web.HTTPError(404, "no checklist of this notebook names that file as evidence, or it is not here")
    if place.stat().st_size > _LARGEST:
        raise web.HTTPError(413, f"{place.name} is too large to show")
    return place.name, place.read_bytes()
