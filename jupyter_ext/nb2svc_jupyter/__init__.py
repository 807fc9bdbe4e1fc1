"""nb2svc inside Jupyter: the cell magics that tag a cell."""

from typing import Any


def load_ipython_extension(ipython: Any) -> None:
    """`%load_ext nb2svc_jupyter`, the same as `%load_ext nb2svc`."""
    from nb2svc_jupyter.magics import load

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """`%unload_ext nb2svc_jupyter`."""
    from nb2svc_jupyter.magics import unload

    unload(ipython)
