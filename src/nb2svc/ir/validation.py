"""Validation runs: what is to be run, and what each run said. Judging is a function of these values.

RunSpec (a set of parameters) → RunResult (checks, metrics, what it cost) → Validation (all of one command)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from nb2svc.ir.capture import InputFile
from nb2svc.ir.judgement import Judgement
from nb2svc.ir.verdict import Divergence, Mode, ModeStatus

FORMAT = 1
"""The version of `validation.json`; a field that is added leaves it, one that changes its meaning raises it."""

RunStatus = Literal["ok", "failed", "error", "timeout", "died", "not_run"]
"""How a run ended.

`ok` all cells ran and no check failed; `failed` a check did, or the built service does not answer as the notebook; `error` a
cell raised, or the notebook ended early; `timeout` its time was over; `died` the kernel, or what ran it, was gone; `not_run` it
never began (the command was interrupted).
"""

RunPath = Literal["plain", "fork", "reuse"]
"""By which way a result came: a kernel of its own, one that was forked, or with a part that other runs share."""

CheckState = Literal["pass", "fail", "error", "not_reached"]
Special = Literal["", "nan", "inf", "-inf"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One value of the parameters cell: `value` is a Python expression; of a secret it is "", and `secret` says where it is from.

    rate=0.5                → Parameter(name="rate", value="0.5")
    token=env:API_TOKEN     → Parameter(name="token", value="", secret="API_TOKEN")
    """

    name: str
    value: str
    secret: str = ""

    @property
    def shown(self) -> str:
        """The value as a person gave it."""
        return f"env:{self.secret}" if self.secret else self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """One run to make. `key` is the digest of all that can be known before it runs; equal keys are the same run.

    `parameters` are the values that differ from the parameters cell, by name. `case` is the name of a case of the matrix, or "".
    `seed` is the value of the parameter that seeds the notebook, where it has one. `repeat` counts from 1. `segment` is "" for a
    run of the notebook; `region=north` for its checks and metrics on that part of the held-out rows.
    """

    key: str
    parameters: tuple[Parameter, ...] = ()
    case: str = ""
    seed: str = ""
    segment: str = ""
    repeat: int = 1

    def value(self, name: str) -> str | None:
        """The value of a parameter as shown, or None where this run takes the notebook's own."""
        return next((parameter.shown for parameter in self.parameters if parameter.name == name), None)

    @property
    def shown(self) -> str:
        """The run in a line: `model='lr' seed=3`, with its case, repeat and segment where they tell it from others."""
        parts = [self.case] if self.case else [f"{each.name}={each.shown}" for each in self.parameters]
        parts += [f"#{self.repeat}"] if self.repeat > 1 else []
        parts += [self.segment] if self.segment else []
        return " ".join(parts) or "the notebook's own values"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOutcome:
    """What a check cell said in a run. `values` are the pairs that its failed assertion compared: ("auc", "0.71").

    `line` is the line of the assertion or of the error in the cell, 0 where there is none. `segment` is the part of the held-out
    rows that it was evaluated on, "" for all; `message` then says also why it could not be.
    """

    name: str
    cell: int
    outcome: CheckState
    message: str = ""
    line: int = 0
    values: tuple[tuple[str, str], ...] = ()
    segment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricValue:
    """A number that a run told: `value` is None where it was no finite one, and `special` says which.

    `note` says why a segment has no number.
    """

    name: str
    value: float | None
    special: Special = ""
    segment: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a run did not come to its end: the parts of an error, and the cell and line (0: unknown)."""

    what: str
    cell: int = 0
    line: int = 0
    where: str = ""
    why: str = ""
    fix: str = ""
    details: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRows:
    """A part of a run's held-out rows, `region=north`, and how many they are."""

    segment: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BySegment:
    """The segments of a run; `problem` says why it has none.

    `found` tells where each column was found: ("region", "loans, by index label"). `untouched` are the checks that read no
    held-out row, so that they say the same of each segment.
    """

    rows: tuple[SegmentRows, ...] = ()
    found: tuple[tuple[str, str], ...] = ()
    untouched: tuple[str, ...] = ()
    problem: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOutcome:
    """What the built service said of a run's rows, trained again by its own `training.py` with the run's parameters.

    `status` is `pass` only where it gave what the notebook gave in this run, `not_evaluated` where that can't be told, with the
    `reason`. Of `compared` rows `identical` had the notebook's model inputs and answers; `modes` tells them by the way of asking.
    `divergence` is the first statement and column where both part. `checks` are the generated checks on the service's answers.
    `project` is the built project's folder, `digest` that of its files. `failure` says why training or asking it did not end.
    """

    status: ModeStatus
    project: str = ""
    digest: str = ""
    compared: int = 0
    identical: int = 0
    modes: tuple[Mode, ...] = ()
    divergence: Divergence | None = None
    checks: tuple[CheckOutcome, ...] = ()
    reason: str = ""
    failure: Failure | None = None
    seconds: float = 0.0

    def mode(self, name: str) -> Mode | None:
        """What one way of asking found, or None where it was not asked in that way."""
        return next((mode for mode in self.modes if mode.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What one run said and cost. `reused` says that an earlier command made it, `attempts` how often it was tried.

    `service` is what the built service said of it, None where nobody asked; it is no part of `seconds` and `cpu_seconds`.

    `seconds` are of the clock, `cpu_seconds` of the kernel and all that it started, `memory` is the kernel's peak in bytes;
    both are None where nobody could look. `folder` holds the run's notebook and log, as seen from the validation's folder. Where
    `segments` were asked for, checks and metrics of each follow those of all rows. `inputs` are the files that it read.
    `path_note` says why it did not come by a faster path.
    `worker` is the one of a cluster that made it, "" for this machine. `rewritten` are files that it wrote and read while others
    were made in the same folder, which may have changed them.
    """

    key: str
    spec: RunSpec
    status: RunStatus
    seconds: float = 0.0
    cpu_seconds: float | None = None
    memory: int | None = None
    path: RunPath = "plain"
    checks: tuple[CheckOutcome, ...] = ()
    metrics: tuple[MetricValue, ...] = ()
    failure: Failure | None = None
    versions: tuple[tuple[str, str], ...] = ()
    python: str = ""
    folder: str = ""
    began: str = ""
    attempts: int = 1
    reused: bool = False
    inputs: tuple[InputFile, ...] = ()
    segments: BySegment | None = None
    path_note: str = ""
    worker: str = ""
    service: ServiceOutcome | None = None
    rewritten: tuple[str, ...] = ()

    def metric(self, name: str, segment: str = "") -> MetricValue | None:
        """The metric with that name, or None where the run did not tell it."""
        return next((one for one in self.metrics if one.name == name and one.segment == segment), None)

    def check(self, name: str, segment: str = "") -> CheckOutcome | None:
        """What the check with that name said, or None where the notebook has none."""
        return next((check for check in self.checks if check.name == name and check.segment == segment), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """All runs of one command, in the order of their specs, whether made now or before.

    `notebook` is its path as given, `notebook_digest` that of what a person wrote in it. `defaults` are the parameters
    cell's own values. `segments` are the columns that runs were divided by. `interrupted` says that a person ended it: some runs
    are then `not_run`. `judgement` is what they say together.
    `notes` are what else a person should know: which workers were refused.
    """

    notebook: str
    notebook_digest: str
    runs: tuple[RunResult, ...]
    defaults: tuple[Parameter, ...] = ()
    segments: tuple[str, ...] = ()
    began: str = ""
    seconds: float = 0.0
    nb2svc: str = ""
    interrupted: bool = False
    format: int = FORMAT
    judgement: Judgement | None = None
    notes: tuple[str, ...] = ()

    def counts(self) -> Mapping[RunStatus, int]:
        """How many runs ended in each way."""
        found: dict[RunStatus, int] = {}
        for run in self.runs:
            found[run.status] = found.get(run.status, 0) + 1
        return found
