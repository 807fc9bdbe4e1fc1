"""What `--format json` says, as types: docs/documents.schema.json and the panel's TypeScript are made from these (`make schema`).

A noun of `nb2svc.ir` stands here for its JSON.
"""

from typing import Any, Literal, NotRequired, TypedDict

from nb2svc.cli.job_document_types import JobDocument, JobFacts, JobsDocument
from nb2svc.cli.review_document_types import DiffDocument, ExplainDocument, TraceDocument
from nb2svc.cli.row_document_types import RowDocument, RowsDocument
from nb2svc.ir.checks import CheckAccount
from nb2svc.ir.contract import CellStanding, Contract, Link
from nb2svc.ir.dataflow import Dataflow, Reason
from nb2svc.ir.finding import Finding
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.outline import Outline
from nb2svc.ir.parameters import OfferedParameter
from nb2svc.ir.progress import ProgressEvent
from nb2svc.ir.proposal import Words
from nb2svc.ir.readiness import Checklist, ItemResult
from nb2svc.ir.shown import Basis, ShownModule
from nb2svc.ir.span import Span
from nb2svc.ir.stages import StageRun
from nb2svc.ir.validation import Validation
from nb2svc.ir.verdict import Verdict


class Problem(TypedDict):
    """Why a command stopped: what, where, why, and what to do; the place in the notebook where one is to blame; its exit code."""

    what: str
    where: str
    why: str
    fix: str
    details: str
    span: Span | None
    exit_code: int


class MendedFinding(TypedDict):
    """A finding whose fix was made, and the fix's title."""

    code: str
    cell: int
    title: str


class AnalysisDocument(TypedDict):
    """`nb2svc analyze`: what a build would serve, train and leave out. `outline` is null where it can't be compiled.

    With `--fix` it is of the mended notebook: `mended` says what was done, `written` whether the file has it.
    """

    version: Literal[1]
    error: None
    findings: list[Finding]
    notebook: Notebook
    dataflow: Dataflow
    outline: Outline | None
    left_out: list[Reason]
    checks: list[CheckAccount]
    links: list[Link]
    standings: list[CellStanding]
    contract: Contract | None
    parameters: list[OfferedParameter]
    mended: NotRequired[list[MendedFinding]]
    written: NotRequired[bool]


class SuggestedCell(TypedDict):
    """A cell to tag. `line` is its first line that does something, `directive` what its tag would say."""

    cell: int
    id: str
    role: Literal["feature", "model", "check"]
    name: str | None
    options: dict[str, str]
    confidence: float
    words: Words
    reason: str
    line: str
    directive: str


class Suggested(TypedDict):
    """The cells to tag; `instead` are second choices, `tagged` have a role already, `nothing` says why there is none."""

    cells: list[SuggestedCell]
    instead: list[SuggestedCell]
    tagged: list[int]
    nothing: str


class Serves(TypedDict):
    """What would be served with the tags proposed, in words."""

    request: str
    features: str
    model: str
    answer: str
    checks: NotRequired[str]


class SuggestionDocument(TypedDict):
    """`nb2svc suggest`: which cells to tag, and what a build would then serve."""

    version: Literal[1]
    error: None
    findings: list[Finding]
    proposal: Suggested
    accepted: bool
    serves: Serves | None
    refusals: list[Finding]


class ShownDocument(TypedDict):
    """`nb2svc show`: the modules as they would be. `notebook` is a file name, `package` the project's import name."""

    version: Literal[1]
    error: None
    findings: list[Finding]
    notebook: str
    package: str
    basis: Basis
    modules: list[ShownModule]


class TakenOverFile(TypedDict):
    """A generated file that a person edited: `diff` is the edit, `news` what the compiler changed since."""

    path: str
    edited: str
    added: int
    removed: int
    diff: str
    moved: bool
    news: str | None


class KeptFile(TypedDict):
    """A file that was replaced, and where its last text is kept."""

    path: str
    kept: str


class SummaryBlock(TypedDict):
    """Lines that a build says at its end, under one label."""

    label: str
    lines: list[str]


class BuildDocument(TypedDict):
    """`nb2svc build`: what was written, what ran and what was reused, the proof, the checklist.

    `cells` are the ids of the code cells by number, as they were when the build began.
    """

    version: Literal[1]
    error: None
    findings: list[Finding]
    output: str
    package: str
    bento: str
    capture: str
    edited: list[str]
    taken_over: list[TakenOverFile]
    given_back: list[KeptFile]
    merged: list[KeptFile]
    restored: list[str]
    cells: dict[str, str]
    stages: list[StageRun]
    frozen: list[str]
    summary: list[SummaryBlock]
    passed: bool
    verdict: Verdict
    readiness: Checklist


class TestCase(TypedDict):
    """One test: `reason` says why it failed or could not look."""

    name: str
    status: Literal["pass", "fail", "not_evaluated"]
    reason: str


class TestDocument(TypedDict):
    """`nb2svc test`: the tests of a built project."""

    version: Literal[1]
    error: None
    findings: list[Finding]
    project: str
    status: Literal["pass", "fail", "not_evaluated"]
    tests: list[TestCase]


class GateState(TypedDict):
    """Whether a gate is open, and the items that stop it."""

    name: Literal["build", "release"]
    open: bool
    blocking: list[str]


class EvidenceFile(TypedDict):
    """Evidence that can be opened: how the checklist calls it, and where it lies."""

    path: str
    place: str


class ChecklistStep(TypedDict):
    """One of the seven steps, with its items."""

    number: int
    name: str
    items: list[ItemResult]


class NextAction(TypedDict):
    """What to do next, and the item that it is for."""

    id: str
    action: str


class ReadinessFile(TypedDict):
    """readiness.json: `gates` are the items that stop each, `counts` how many have each status."""

    version: Literal[1]
    service: str
    notebook: str
    metrics: dict[str, float]
    by_hand: list[str]
    gates: dict[str, list[str]]
    counts: dict[str, int]
    next_actions: list[NextAction]
    steps: list[ChecklistStep]


class ReadyDocument(TypedDict):
    """`nb2svc ready`: the checklist as it stands now. `cells` are the ids of the code cells of a notebook as it was built."""

    version: Literal[1]
    error: None
    findings: list[Finding]
    project: str
    gate: GateState | None
    notebook: str | None
    as_built: bool
    capture: str | None
    cells: dict[str, str]
    files: list[EvidenceFile]
    edited: list[str]
    unchecked: list[str]
    notes: list[str]
    readiness: ReadinessFile


class DamagedProject(TypedDict):
    """A project whose checklist can't be read, and why."""

    project: str
    error: Problem


class ReadinessDocument(TypedDict):
    """What a Jupyter server says of the projects that were built from a notebook, the newest first."""

    version: Literal[1]
    error: None
    findings: list[Finding]
    notebook: str
    projects: list[ReadyDocument]
    damaged: list[DamagedProject]


class ValidationDocument(TypedDict):
    """`nb2svc validate`: many runs of a notebook; `output` is the folder that holds them.

    `cells` are the ids of the code cells by number, as they were when it began.
    """

    version: Literal[1]
    error: None
    findings: list[Finding]
    output: str
    cells: dict[str, str]
    validation: Validation


class LastValidationDocument(TypedDict):
    """What a Jupyter server says of the last validation of a notebook; `validation` is null where there was none."""

    version: Literal[1]
    error: None
    findings: list[Finding]
    output: str
    cells: dict[str, str]
    validation: Validation | None


class WrongField(TypedDict):
    """What is wrong with one field of a form: `parameters.rate`, `grid.seed`, `timeout`, or with all together ("")."""

    field: str
    problem: Problem


class LastValidation(TypedDict):
    """The validation that `--baseline last` is: when it began, how many runs it has, and the metrics that they told."""

    began: str
    runs: int
    metrics: list[str]


class OfferedProject(TypedDict):
    """A project that was built from the notebook; `current` says that it was from the notebook as it is."""

    path: str
    current: bool


class Offered(TypedDict):
    """What a form may name, near the notebook, as Jupyter calls it: files that may hold cases, validations, projects."""

    matrices: list[str]
    validations: list[str]
    projects: list[OfferedProject]


class PlannedRunsDocument(TypedDict):
    """What a Jupyter server says of a validation before it is begun: how many runs it would make; null where nobody knows.

    `wrong` says why, unless the file of cases is one that only the command can read. `offered` is what may be chosen from.
    """

    version: Literal[1]
    error: None
    findings: list[Finding]
    runs: int | None
    wrong: list[WrongField]
    last: LastValidation | None
    offered: Offered


class ErrorDocument(TypedDict):
    """Any command that stopped. A build that failed its proof has the `verdict`; an untagged notebook what `suggest` says.

    `cells` are the ids of the code cells by number, where the notebook could be read.
    """

    version: Literal[1]
    findings: list[Finding]
    error: Problem
    cells: NotRequired[dict[str, str]]
    verdict: NotRequired[Verdict]
    proposal: NotRequired[Suggested]
    accepted: NotRequired[bool]
    serves: NotRequired[Serves | None]
    refusals: NotRequired[list[Finding]]


DOCUMENTS: tuple[Any, ...] = (
    AnalysisDocument,
    SuggestionDocument,
    ShownDocument,
    BuildDocument,
    TestDocument,
    ReadyDocument,
    ReadinessDocument,
    ValidationDocument,
    LastValidationDocument,
    PlannedRunsDocument,
    RowsDocument,
    RowDocument,
    DiffDocument,
    TraceDocument,
    ExplainDocument,
    JobFacts,
    JobsDocument,
    JobDocument,
    ErrorDocument,
)
EVENTS: tuple[Any, ...] = (ProgressEvent,)
"""What `--progress json` says, one a line."""
