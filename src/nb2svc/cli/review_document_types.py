"""What `nb2svc diff`, `nb2svc trace` and `nb2svc explain` say with `--format json`, as types."""

from typing import Literal, TypedDict

from nb2svc.ir.difference import BuildDifference
from nb2svc.ir.finding import Finding
from nb2svc.ir.readiness import ItemSeverity


class ClosedGate(TypedDict):
    """A change that was to be stopped for (`--fail-on`), and why it is one."""

    gate: Literal["breaking", "stricter", "predictions", "any"]
    why: str


class DiffDocument(TypedDict):
    """`nb2svc diff`: what changed between two builds, and which gates that closes."""

    version: Literal[1]
    error: None
    findings: list[Finding]
    difference: BuildDifference
    gates: list[ClosedGate]


class TracedFailure(TypedDict):
    """What failed alike in a log: the exception, how often and when, the author's line, and the generated one.

    `stale` says why the line may be another one, "" where it is the one that ran. `first` and `last` are "" where the log has no
    times.
    """

    exception: str
    count: int
    first: str
    last: str
    notebook: str
    cell: int
    title: str
    line: int
    text: str
    file: str
    file_line: int
    stale: str


class TraceDocument(TypedDict):
    """`nb2svc trace`: how many lines and tracebacks the log has, and those that came through the notebook's code."""

    version: Literal[1]
    error: None
    findings: list[Finding]
    lines: int
    tracebacks: int
    failures: list[TracedFailure]


class FindingPage(TypedDict):
    """What a finding is, why it is one, and what to do; the cells are code of a notebook, "" where it is told in words."""

    code: str
    severity: str
    title: str
    finds: str
    why: str
    example: str
    fix: str
    quick: str
    related: list[str]
    stage: Literal["read", "analyze", "run", "pack"]
    example_cells: str
    mended_cells: str


class ChecklistItem(TypedDict):
    """An item of the readiness checklist before anything was looked at; `evaluated` says whether a build does."""

    id: str
    title: str
    severity: ItemSeverity
    why: str
    proof: str
    next_action: str
    effort: Literal[1, 2, 3]
    maps: str
    attested_by: str
    rises: bool
    step: int
    evaluated: bool


class ExplainDocument(TypedDict):
    """`nb2svc explain`: pages of findings and items of the checklist, in the order asked."""

    version: Literal[1]
    error: None
    findings: list[Finding]
    pages: list[FindingPage]
    items: list[ChecklistItem]
