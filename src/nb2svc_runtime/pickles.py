"""Pickles of the notebook's own run: `__main__` was the notebook then, and is this package's modules now.

Only files whose digest was checked come here, and only while building and testing: a service never reads a pickle.
"""

from __future__ import annotations

import importlib
import pickle
from pathlib import Path
from typing import Any

# Where the notebook's functions and classes live now, in the order they are looked for.
_HOMES = ("features", "model", "training")


class NotebookUnpickler(pickle.Unpickler):
    """Finds what the notebook defined (`__main__.RatioAdder`) in the generated modules (`loans.features.RatioAdder`)."""

    package = ""

    def find_class(self, module: str, name: str) -> Any:
        """The class or function that a pickle names.

        Raises:
            AttributeError: the notebook defined it, and no generated module has it.
        """
        if module != "__main__":
            return super().find_class(module, name)
        for home in _HOMES:
            try:
                found: Any = importlib.import_module(f"{self.package}.{home}")
            except ModuleNotFoundError:
                continue
            try:
                for part in name.split("."):
                    found = getattr(found, part)
            except AttributeError:
                continue
            return found
        raise AttributeError(f"the pickle names the notebook's {name}, which {self.package} does not have at module level")


def load_pickle(path: Path, package: str) -> Any:
    """The object in a pickle of the capture, with the notebook's own names found in `package`."""
    with path.open("rb") as stream:
        unpickler = NotebookUnpickler(stream)
        unpickler.package = package
        return unpickler.load()
