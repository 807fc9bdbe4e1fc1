"""What a walk through the source finds."""

from dataclasses import dataclass, field

from nb2svc.plan.draft.selecting import Selecting
from nb2svc.plan.draft.values import Site


@dataclass(slots=True)
class Found:
    """What a walk found, each place once and in order: expressions to freeze, row-aligned ones to word anew, row selections.

    `selecting` are calls that may lose rows in ways that are not guessed, `bounds` what selections compare with; `assigned` are
    columns that the notebook makes itself, `loaded` the types of raw values, `types` those of what statements define,
    `unread` statements that are too deep to be walked.
    """

    frozen: dict[int, Site] = field(default_factory=dict)
    aligned: dict[int, Site] = field(default_factory=dict)
    selections: dict[int, Selecting] = field(default_factory=dict)
    selecting: dict[int, Site] = field(default_factory=dict)
    bounds: dict[int, Site] = field(default_factory=dict)
    assigned: set[str] = field(default_factory=set)
    loaded: dict[str, str] = field(default_factory=dict)
    types: dict[tuple[int, str], str] = field(default_factory=dict)
    unread: list[int] = field(default_factory=list)

    def add(self, other: "Found") -> None:
        """What a call of a function found, too."""
        self.frozen.update(other.frozen)
        self.aligned.update(other.aligned)
        self.selections.update(other.selections)
        self.selecting.update(other.selecting)
        self.bounds.update(other.bounds)

    def freeze(self, site: Site) -> None:
        """Keep the value of an expression."""
        self.frozen.setdefault(id(site.node), site)
