"""Parameters that training was given: constants of the generated modules, which a service that it trained must have too."""

from __future__ import annotations

import contextlib
import importlib
from typing import Any, Dict, Mapping

# Where the notebook's constants are written.
_MODULES = ("features", "model", "checks")


def set_constants(package: str, values: Mapping[str, Any], *others: Dict[str, Any]) -> None:
    """Set module constants wherever a generated module holds them; `others` are the names of modules that run as scripts."""
    homes = list(others)
    for name in _MODULES if values else ():
        with contextlib.suppress(ModuleNotFoundError):
            homes.append(vars(importlib.import_module(package + "." + name)))
    for name, value in values.items():
        for home in homes:
            if name in home:
                home[name] = value
