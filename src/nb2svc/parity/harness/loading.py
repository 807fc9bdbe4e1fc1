"""Captured pickles: checked by digest, and loaded with the notebook's classes found in the generated modules."""

from __future__ import annotations

import hashlib
import importlib
import io
import pickle
from pathlib import Path
from typing import Any, Dict


class CaptureError(Exception):
    """A captured file is missing, changed since the run, or can't be read; the message names it."""


class _Rehomed(pickle.Unpickler):
    """Finds what the notebook defined (`__main__.Ratio`) in the modules that were generated from it."""

    def __init__(self, content: bytes, package: str) -> None:
        super().__init__(io.BytesIO(content))
        self._package = package

    def find_class(self, module: str, name: str) -> Any:
        if module != "__main__":
            return super().find_class(module, name)
        for home in ("features", "model", "training"):
            try:
                found = importlib.import_module(self._package + "." + home)
            except ModuleNotFoundError:
                continue
            if hasattr(found, name.partition(".")[0]):
                return super().find_class(found.__name__, name)
        raise CaptureError("the notebook's `" + name + "` is in none of the generated modules")


def load(folder: str, entry: Dict[str, str], package: str) -> Any:
    """The value of one captured file (`{"file", "sha256"}`).

    Raises:
        CaptureError: missing, changed, or not readable.
    """
    try:
        content = (Path(folder) / entry["file"]).read_bytes()
    except OSError as error:
        raise CaptureError("captured file " + entry["file"] + " can't be read: " + str(error.strerror)) from error
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise CaptureError("captured file " + entry["file"] + " changed since the notebook ran: build again")
    try:
        return _Rehomed(content, package).load()
    except CaptureError:
        raise
    except Exception as error:
        reason = type(error).__name__ + ": " + str(error)
        raise CaptureError("captured file " + entry["file"] + " can't be unpickled (" + reason + ")") from error
