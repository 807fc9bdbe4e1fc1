"""What the server extension adds to a Jupyter server, and how it goes again."""

import asyncio

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.utils import url_path_join

from nb2svc_jupyter.server.evidence import EvidenceHandler
from nb2svc_jupyter.server.handlers import WORKERS, PageHandler, QuestionHandler
from nb2svc_jupyter.server.jobs.handlers import JOBS, JobHandler, JobsHandler
from nb2svc_jupyter.server.jobs.queue import Nb2svcJobs
from nb2svc_jupyter.server.rows.handlers import ROWS, RowsHandler
from nb2svc_jupyter.server.rows.sites import Sites
from nb2svc_jupyter.server.validations import ValidationPageHandler
from nb2svc_jupyter.server.workers import Workers


class Nb2svcServer(ExtensionApp):
    """The routes below `/nb2svc/`, and the processes that analyse, build and compare; all of them end with the server."""

    name = "nb2svc_jupyter"

    def initialize_handlers(self) -> None:
        """Add the routes, and what answers them."""
        assert self.serverapp is not None
        found = self.serverapp.web_app.settings
        self.workers = found[WORKERS] = Workers()
        self.jobs = found[JOBS] = Nb2svcJobs(parent=self.serverapp)
        self.sites = found[ROWS] = Sites()
        routes = (
            (r"jobs", JobsHandler),
            (r"jobs/([0-9a-f]+)", JobHandler),
            (r"rows", RowsHandler),
            (r"evidence", EvidenceHandler),
            (r"validation", ValidationPageHandler),
            (r"explain/(NB\d{3})", PageHandler),
            (r"([a-z]+)", QuestionHandler),
        )
        self.handlers.extend((url_path_join("/nb2svc", path), handler) for path, handler in routes)
        self.log.info("nb2svc: the panel's server side is there")

    async def stop_extension(self) -> None:
        """End what was started."""
        await asyncio.gather(self.workers.close(), self.jobs.close(), self.sites.close())
