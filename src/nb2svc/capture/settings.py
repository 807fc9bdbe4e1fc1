"""How the notebook's one run is made, and what is told while it runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

# What the kernel's side writes beside the log when the notebook has ended.
FACTS = "facts.json"

CellState = Literal["started", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellProgress:
    """A code cell started or ended: `title` as its author sees it, `number` of `total`, `seconds` since the run began."""

    state: CellState
    number: int
    total: int
    title: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """What a person may say about the run.

    `parameters` are NAME and VALUE of each `-p`, as text. `cwd` is the folder to run in (default: the notebook's own),
    `timeout` the limit for the whole run in seconds (None: none), `kernel` the kernel to use instead of the notebook's.
    `progress` hears of the author's cells, `output` what the cell of that number prints, as it comes.
    """

    parameters: tuple[tuple[str, str], ...] = ()
    cwd: str | None = None
    timeout: float | None = 1800.0
    kernel: str | None = None
    progress: Callable[[CellProgress], None] | None = None
    output: Callable[[int, str], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run to make: `config` goes to the kernel's side, `cwd` is the kernel's folder, `log` takes the kernel's own output.

    `on_cell` hears of each cell by its id, with "started" or "ended"; `on_output` by its id what it prints, as it comes.
    """

    document: Mapping[str, Any]
    kernel: str
    parameters: Mapping[str, object]
    config: Mapping[str, object]
    cwd: Path
    log: Path
    timeout: float | None
    on_cell: Callable[[str, CellState], None]
    on_output: Callable[[str, str], None] | None = None
