"""Where generated code runs: training reads its data beside itself."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Iterator


@contextlib.contextmanager
def working_in(folder: str) -> Iterator[None]:
    """Be in that folder until the block ends."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
