"""What is told while something runs: one frozen event for a line on a terminal, a line of JSON, a stage in the panel."""

from collections.abc import Callable
from dataclasses import dataclass

# The stages of a build as they are told, in order.
BUILD_STAGES = ("read", "run", "capture", "generate", "prove", "package", "readiness")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressEvent:
    """Something began, or went on, in one of the stages of a command.

    `text` says it in words; "" where a stage begins of which there is nothing to say yet. `cell` is the number of the code cell
    that it is about, `done` and `total` how far the stage is in what it counts. `output` is what that cell printed, as it came.
    """

    stage: str
    text: str = ""
    cell: int | None = None
    done: int | None = None
    total: int | None = None
    output: str = ""


Progress = Callable[[ProgressEvent], None]
