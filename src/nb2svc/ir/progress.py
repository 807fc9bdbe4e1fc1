"""What is told while something runs: one frozen event for a line on a terminal, a line of JSON, a stage in the panel."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from nb2svc.ir.validation import CheckOutcome, Failure, MetricValue, RunPath

# The stages of a build as they are told, in order.
BUILD_STAGES = ("read", "run", "capture", "generate", "prove", "package", "readiness")


RunState = Literal["running", "ok", "failed", "error", "timeout", "died", "not_run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTold:
    """One run of a validation as it is told: that it runs, at a cell of its `cells`, or how it ended.

    `number` is its place in the order of the runs, from 1. `values` are the parameters that tell it from the others, `label` is
    the same in a line. `failed` are the checks that did not pass, of `checks`, or in a segment. The details of a failure, and
    whatever else a run said, stand in `validation.json`.
    """

    key: str
    number: int
    label: str
    status: RunState
    values: tuple[tuple[str, str], ...] = ()
    cells: int = 0
    seconds: float = 0.0
    path: RunPath = "plain"
    path_note: str = ""
    reused: bool = False
    checks: int = 0
    failed: tuple[CheckOutcome, ...] = ()
    metrics: tuple[MetricValue, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressEvent:
    """Something began, or went on, in one of the stages of a command.

    `text` says it in words; "" where a stage begins of which there is nothing to say yet. `cell` is the number of the code cell
    that it is about, `done` and `total` how far the stage is in what it counts. `output` is what that cell printed, as it came.
    `run` is the run of a validation that it is about, `left` about how many seconds all of them will still take.
    """

    stage: str
    text: str = ""
    cell: int | None = None
    done: int | None = None
    total: int | None = None
    output: str = ""
    run: RunTold | None = None
    left: float | None = None


Progress = Callable[[ProgressEvent], None]
