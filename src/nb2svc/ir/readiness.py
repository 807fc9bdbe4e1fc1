"""The readiness checklist: items, their status, and the evidence behind each."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["pass", "fail", "warn", "not_evaluated", "not_applicable", "attested", "waived", "stale", "expired", "broken"]
ItemSeverity = Literal["blocker", "warning", "info"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A negative control: the same check with bad input; `fired` says whether it caught it."""

    description: str
    fired: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The file, figure or command that proves an item; `subjects` are digests it is bound to (name, sha256).

    `files` can be opened: each path, as seen from the notebook's folder, with its SHA-256.
    """

    summary: str
    details: tuple[tuple[str, str], ...] = ()
    command: str = ""
    subjects: tuple[tuple[str, str], ...] = ()
    control: Control | None = None
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult:
    """One line of the checklist.

    `sentence` says in plain words what was seen, numbers included; `next_action` the one thing to do (empty on a pass).
    """

    id: str
    step: int
    title: str
    severity: ItemSeverity
    status: Status
    sentence: str
    next_action: str = ""
    why: str = ""
    maps: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """All items in the order of the seven steps; `service` is the project's name, `notebook` the notebook's file name.

    `metrics` are the numbers that the notebook's checks read or made, so that two builds can be compared by them.
    `by_hand` are the generated files that a person edited: the project was judged with them.
    """

    items: tuple[ItemResult, ...]
    service: str = ""
    notebook: str = ""
    metrics: tuple[tuple[str, float], ...] = ()
    by_hand: tuple[str, ...] = ()

    def with_status(self, *statuses: Status) -> tuple[ItemResult, ...]:
        """The items whose status is one of these."""
        return tuple(item for item in self.items if item.status in statuses)
