"""How the notebook's one run is made, and what is told while it runs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class CellProgress:
    """A code cell started or ended: `title` as its author sees it, `number` of `total`, `seconds` since the run began."""

    state: Literal["started", "ended"]
    number: int
    total: int
    title: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """What a person may say about the run.

    `parameters` are NAME and VALUE of each `-p`, as text. `cwd` is the folder to run in (default: the notebook's own),
    `timeout` the limit for the whole run in seconds (None: none), `kernel` the kernel to use instead of the notebook's.
    """

    parameters: tuple[tuple[str, str], ...] = ()
    cwd: str | None = None
    timeout: float | None = 1800.0
    kernel: str | None = None
    progress: Callable[[CellProgress], None] | None = None
