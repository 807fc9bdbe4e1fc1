"""Launcher: `<interpreter> <…>/capture/probe/__main__.py <folder>/probe_request.json`.

The package is loaded by its place, under a name of its own: nothing of the compiler is imported, and no directory of ours
stays on `sys.path`, where `record` or `request` could shadow a module of the notebook.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys


def load_package(name: str, folder: str) -> None:
    """Make the package in `folder` importable as `name`."""
    spec = importlib.util.spec_from_file_location(name, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder])
    if spec is None or spec.loader is None:
        raise ImportError("no package in " + folder)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


def start() -> int:
    """Run the probe on the request named on the command line."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
    load_package("nb2svc_probe", here)
    return int(importlib.import_module("nb2svc_probe.main").main(sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(start())
