"""What `nb2svc rows --format json` says, as types: a list of captured rows, or one of them step by step."""

from typing import Any, Literal, NotRequired, TypedDict

from nb2svc.ir.finding import Finding
from nb2svc.ir.verdict import Difference, Divergence

Standing = Literal["predicted", "fitted", "otherwise", "dropped", "unused"]


class RequestField(TypedDict):
    """A field of a request, for a form; of a child table with `fields` of its own."""

    name: str
    kind: Literal["integer", "number", "boolean", "string", "datetime", "any", "table"]
    nullable: bool
    values: list[Any]
    low: Any
    high: Any
    shape: list[int]
    fields: list["RequestField"]


class FailedProof(TypedDict):
    """Where the proof of the last build failed, and a row in which it can be seen."""

    divergence: Divergence | None
    row: int | None
    differences: list[Difference]


class ListedRow(TypedDict):
    """A captured row: what a request would carry, what the notebook did with it and answered, and why it is worth a look."""

    row: int
    values: dict[str, Any]
    standing: Standing
    notable: list[str]
    notebook: Any


class RowsDocument(TypedDict):
    """`nb2svc rows`: a page of the captured rows. `replayed`: all were compared, so that those that differ are marked."""

    version: Literal[1]
    error: None
    findings: list[Finding]
    notebook: str
    project: str
    capture: str
    cells: dict[str, str]
    cell_ids: dict[str, str]
    prepared_cell: int | None
    proof: FailedProof | None
    note: str
    total: int
    matching: int
    offset: int
    rows: list[ListedRow]
    fields: list[RequestField]
    replayed: bool
    seconds: float


class SidedValue(TypedDict):
    """A value of both sides; a side that has none is left out. `equal` is null where both need not be equal."""

    name: str
    column: str
    notebook: NotRequired[Any]
    service: NotRequired[Any]
    equal: bool | None
    changed: bool


class RowStep(TypedDict):
    """A statement with what it made or changed; `as_before` counts what it left, `raised` what stopped it."""

    statement: int
    cell: int
    line: int
    text: str
    file: str
    at: int
    values: list[SidedValue]
    more: int
    as_before: int
    raised: str


class FieldDifference(TypedDict):
    """A field in which an edited row differs from the captured one that it is shown beside."""

    field: str
    captured: Any
    here: Any


class NearestRow(TypedDict):
    """The captured row that an edited one is shown beside."""

    row: int
    distance: float
    differs: list[FieldDifference]
    request: dict[str, Any]


class RowIssue(TypedDict):
    """What the service says of a row."""

    field: str
    code: str
    message: str


class RowResult(TypedDict):
    """The service's answer to the row, as over HTTP."""

    status: Literal["ok", "refer", "invalid"]
    prediction: Any
    probability: NotRequired[dict[str, float] | None]
    issues: list[RowIssue]


class ModelInputs(TypedDict):
    """What the model receives."""

    values: list[SidedValue]
    more: int


class SidedAnswer(TypedDict):
    """The answer. `source` says whose the notebook's is: its prediction, or its model asked with its own inputs."""

    values: list[SidedValue]
    source: Literal["", "notebook", "model"]
    knife_edge: bool


class RowCheck(TypedDict):
    """A filter or a check that a request must hold; null where it was not reached."""

    name: str
    where: str
    holds: bool | None


class Parting(TypedDict):
    """Where both part first: a statement, or (null) the model's input or the answer."""

    statement: int | None
    name: str
    column: str


class RowDocument(TypedDict):
    """`nb2svc rows --row N`: what becomes of a row. `judged`: it is the captured one, so that both sides must be equal.

    `aside`: the service does not answer it; the steps are what its code would make of it.
    """

    version: Literal[1]
    error: None
    findings: list[Finding]
    notebook: str
    project: str
    capture: str
    cells: dict[str, str]
    cell_ids: dict[str, str]
    prepared_cell: int | None
    proof: FailedProof | None
    note: str
    row: int | None
    nearest: NearestRow | None
    request: dict[str, Any]
    standing: Standing
    dropped: str
    result: RowResult
    aside: bool
    steps: list[RowStep]
    inputs: ModelInputs
    answer: SidedAnswer
    checks: list[RowCheck]
    judged: bool
    parting: Parting | None
    seconds: float
