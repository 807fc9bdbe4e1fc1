"""nb2svc inside Jupyter: the magics, the checklist as a widget, the server extension, and where JupyterLab finds the panel."""

from typing import Any


def load_ipython_extension(ipython: Any) -> None:
    """`%load_ext nb2svc_jupyter`, the same as `%load_ext nb2svc`."""
    from nb2svc_jupyter.magics import load

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """`%unload_ext nb2svc_jupyter`."""
    from nb2svc_jupyter.magics import unload

    unload(ipython)


def readiness(project: "str | None" = None) -> Any:
    """The readiness checklist of a built project, to look through in a notebook: a cell ends with `nb2svc_jupyter.readiness()`.

    Without `project`, the folder that a build wrote, it is the one that was built from this notebook.
    """
    from nb2svc_jupyter.widgets import view_of

    return view_of(project)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "nb2svc-labextension"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from nb2svc_jupyter.server.extension import Nb2svcServer

    return [{"module": "nb2svc_jupyter", "app": Nb2svcServer}]
