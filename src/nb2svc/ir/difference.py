"""What differs between two builds of a service: request, state, code, model, and the answers for captured rows."""

from dataclasses import dataclass
from typing import Literal

from nb2svc.ir.snapshot import Scalar

Level = Literal["breaking", "stricter", "compatible"]
CodeStatus = Literal["changed", "added", "removed", "comments", "moved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestChange:
    """A change of what is sent or answered. `rule` names the line of the table that found it; `do` is what a caller has to do.

    `breaking`: a row that was valid is now invalid, or a part of the answer is gone or of another type. `stricter`: a row that
    was answered is now referred. `compatible`: neither.
    """

    rule: str
    level: Level
    where: str
    what: str
    do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """A learned value, lookup table or fitted value that is another now; `details` are its parts, the largest change first."""

    name: str
    role: str
    what: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeChange:
    """A function (or what stands outside of functions) of a module; cells are the notebook's, old and new."""

    module: str
    name: str
    status: CodeStatus
    old_cells: tuple[int, ...] = ()
    new_cells: tuple[int, ...] = ()
    diff: tuple[str, ...] = ()
    edited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FactChange:
    """Something about the build that changed; "" where there was, or is, none."""

    group: str
    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowAnswer:
    """What a service said of one row: JSON text of its prediction (null where there is none), and its issues' codes."""

    status: str
    prediction: str
    probability: tuple[tuple[str, float], ...] = ()
    issues: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """A service's answers for some rows of a capture, in their order; `problem` says why there are none.

    `columns` are those that its model received. `inputs` holds for each row what the model received, or () where
    that is not known.
    """

    rows: tuple[RowAnswer, ...] = ()
    columns: tuple[str, ...] = ()
    inputs: tuple[tuple[Scalar, ...], ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many rows something holds for: ("Low risk → High risk", 12)."""

    name: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDifference:
    """One row whose answer changed: its ordinal in the captured main table, both answers, and the model inputs that differ.

    `values` are those inputs' old and new values as JSON texts; empty unless a person asked to see them.
    """

    row: int
    old: str
    new: str
    size: float
    inputs: tuple[str, ...] = ()
    values: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How numbers that were answered twice differ: `bins` count rows by the size of the difference."""

    name: str
    compared: int
    changed: int
    largest: float
    mean: float
    old_mean: float
    new_mean: float
    bins: tuple[Count, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """The answers of both builds for the rows of one capture.

    `not_evaluated` where nothing was compared (`note` says why): never a sign that nothing changed. `same` and `changed`
    count rows; `statuses` are the rows that another status has now, `labels` those with another label, `reasons` the issues
    of rows that were answered and are no longer, or the other way round. `as_before` counts, by status, what the new build says
    of rows with the fields that the old one asks for, where the request changed.
    """

    status: Literal["compared", "not_evaluated"]
    note: str = ""
    capture: str = ""
    rows: int = 0
    total: int = 0
    same: int = 0
    changed: int = 0
    statuses: tuple[Count, ...] = ()
    labels: tuple[Count, ...] = ()
    reasons: tuple[Count, ...] = ()
    numbers: tuple[Spread, ...] = ()
    probabilities: tuple[Spread, ...] = ()
    probability_lost: int = 0
    probability_gained: int = 0
    inputs_added: tuple[str, ...] = ()
    inputs_removed: tuple[str, ...] = ()
    inputs_changed: tuple[Count, ...] = ()
    inputs_compared: int = 0
    largest: tuple[RowDifference, ...] = ()
    as_before: tuple[Count, ...] = ()
    as_before_reasons: tuple[Count, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a comparison, by name."""

    label: str
    package: str
    notebook: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildDifference:
    """All that differs. `code_same` are functions that did not change.

    `unknown` are groups of facts that one side does not have (`checks`, `readiness`), and `notes` say what could not be looked
    at, and why.
    """

    old: Side
    new: Side
    same_files: bool
    request: tuple[RequestChange, ...]
    state: tuple[StateChange, ...]
    state_same: int
    code: tuple[CodeChange, ...]
    code_same: tuple[str, ...]
    model: tuple[FactChange, ...]
    readiness: tuple[FactChange, ...]
    predictions: Predictions
    request_problem: str = ""
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def of_level(self, level: Level) -> tuple[RequestChange, ...]:
        """The changes of the request of one level."""
        return tuple(change for change in self.request if change.level == level)
