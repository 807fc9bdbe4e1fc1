"""What the server extension adds to a Jupyter server, and how it goes again."""

from typing import Any


def load(server_app: Any) -> None:
    """Add the routes below `/nb2svc/`, and the processes that analyse."""
    from jupyter_server.utils import url_path_join

    from nb2svc_jupyter.server.evidence import EvidenceHandler
    from nb2svc_jupyter.server.handlers import WORKERS, PageHandler, QuestionHandler
    from nb2svc_jupyter.server.jobs.handlers import JOBS, JobHandler, JobsHandler
    from nb2svc_jupyter.server.jobs.queue import Nb2svcJobs
    from nb2svc_jupyter.server.rows.handlers import ROWS, RowsHandler
    from nb2svc_jupyter.server.rows.sites import Sites
    from nb2svc_jupyter.server.workers import Workers

    web_app = server_app.web_app
    web_app.settings[WORKERS] = Workers()
    base = web_app.settings["base_url"]
    web_app.settings[JOBS] = Nb2svcJobs(parent=server_app)
    web_app.settings[ROWS] = Sites()
    routes = (
        (r"jobs", JobsHandler),
        (r"jobs/([0-9a-f]+)", JobHandler),
        (r"rows", RowsHandler),
        (r"evidence", EvidenceHandler),
        (r"explain/(NB\d{3})", PageHandler),
        (r"([a-z]+)", QuestionHandler),
    )
    web_app.add_handlers(".*$", [(url_path_join(base, "nb2svc", path), handler) for path, handler in routes])
    server_app.log.info("nb2svc: the panel's server side is there")
