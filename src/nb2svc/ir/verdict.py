"""What the proof found: modes, differences, and the first statement and column that diverge."""

from dataclasses import dataclass
from typing import Literal

from nb2svc.ir.span import Span

ModeStatus = Literal["pass", "fail", "warn", "not_evaluated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One value that differs: main row ordinal, column or output name, what the notebook had, what the service gave."""

    row: int
    column: str
    expected: str
    actual: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """The first statement and column where service and notebook part, found by bisecting a failure."""

    span: Span
    statement: int
    column: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One way of replaying: `compared` of `total` rows were compared, `different` differed.

    Status is `not_evaluated` where nothing was compared, with the reason in `note`.
    """

    name: str
    status: ModeStatus
    compared: int
    total: int
    different: int
    differences: tuple[Difference, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnifeEdge:
    """A row whose inputs agree within tolerance while its answer does not: column and threshold that it sits on."""

    row: int
    column: str
    threshold: float
    expected: str
    actual: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The proof of one build. `passed` only where no mode failed and at least one oracle mode passed."""

    modes: tuple[Mode, ...]
    knife_edges: tuple[KnifeEdge, ...] = ()
    prepared_otherwise: int = 0
    prepared_cell: int | None = None
    divergence: Divergence | None = None

    @property
    def passed(self) -> bool:
        """Whether the service is proved to answer as the notebook did."""
        statuses = {mode.status for mode in self.modes}
        return "fail" not in statuses and any(mode.status in ("pass", "warn") and mode.compared for mode in self.modes)

    def mode(self, name: str) -> Mode | None:
        """The mode with that name, or None where it did not run."""
        return next((mode for mode in self.modes if mode.name == name), None)
