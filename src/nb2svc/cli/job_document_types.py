"""What a Jupyter server says of the commands that run for the panel, as types: `/nb2svc/jobs`."""

from typing import Any, Literal, NotRequired, TypedDict

from nb2svc.ir.progress import RunTold

JobState = Literal["queued", "running", "done", "failed", "cancelled"]


class JobFacts(TypedDict):
    """A command that waits, runs or has ended. `position` is its place among those that wait, 0 where it does not.

    `path` is how Jupyter calls what it is about, `options` what was asked for. `document` is what the command said with
    `--format json`; null before its end, and in lists.
    """

    id: str
    command: str
    path: str
    options: dict[str, Any]
    command_line: str
    state: JobState
    position: int
    exit_code: int | None
    created: str
    started: str | None
    ended: str | None
    seconds: float
    document: dict[str, Any] | None


class JobsDocument(TypedDict):
    """The jobs about a path, or all of them; the newest first."""

    jobs: list[JobFacts]


class JobEvent(TypedDict):
    """What a job told, the `n`-th: progress in a `stage`, an `output`, or another `state`; `seconds` after it began."""

    n: int
    seconds: float
    stage: NotRequired[str]
    text: NotRequired[str]
    cell: NotRequired[int]
    done: NotRequired[int]
    total: NotRequired[int]
    output: NotRequired[str]
    run: NotRequired[RunTold]
    left: NotRequired[float]
    state: NotRequired[JobState]


class JobDocument(JobFacts):
    """A job with what it told since an event; `last` is the number of the newest, `dropped` how many are kept no more."""

    events: list[JobEvent]
    last: int
    dropped: int
