"""Run the proof of one request file, or another of this folder's modules on it.

    python <this folder> request.json
    python <this folder> request.json answers

The folder is loaded under a private package name, so that none of its modules can hide one of the user's.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path


def main() -> int:
    """Load this folder as a package and do what the request asks for."""
    folder = Path(__file__).resolve().parent
    if sys.path and Path(sys.path[0]).resolve() == folder:
        del sys.path[0]
    name = "_nb2svc_proof"
    spec = importlib.util.spec_from_file_location(name, str(folder / "__init__.py"), submodule_search_locations=[str(folder)])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return int(importlib.import_module(name + "." + (sys.argv[2] if len(sys.argv) > 2 else "replay")).main(sys.argv[1]))


if __name__ == "__main__":
    sys.exit(main())
