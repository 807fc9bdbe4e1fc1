"""nb2svc compiles a tagged notebook into plain tested modules and a service that is proved to answer as the notebook did."""

from typing import Any

from nb2svc.metrics import metric

__version__ = "0.1.0"
__all__ = ["__version__", "metric", "load_ipython_extension", "unload_ipython_extension"]


def load_ipython_extension(ipython: Any) -> None:
    """`%load_ext nb2svc`: the cell magics `%%nb2svc`, `%%feature`, `%%model` and `%%check`."""
    from nb2svc_jupyter.magics import load

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """`%unload_ext nb2svc`: the magics go."""
    from nb2svc_jupyter.magics import unload

    unload(ipython)
