"""What an item of the checklist is, and the seven steps that are its chapters."""

from dataclasses import dataclass
from typing import Literal

from nb2svc.ir.readiness import ItemSeverity

Tier = Literal["low", "standard", "high"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A chapter: its number from 1, its name, and the prefix of its items' ids."""

    number: int
    name: str
    prefix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the checklist, before anything was looked at.

    `proof` completes the sentence "It would take …": what would evaluate the item. `next_action` is an imperative sentence
    for the reader while it is open. `rises` makes a warning a blocker where the service's risk tier is high. `attested_by`
    says who must sign besides the automatic evidence ("" where nobody). `maps` names the outside requirements it answers.
    `effort` orders next actions: 1 an hour at a desk, 2 a day, 3 needs a running service, other people, or time.
    """

    id: str
    title: str
    severity: ItemSeverity
    why: str
    proof: str
    next_action: str
    effort: Literal[1, 2, 3]
    maps: str = ""
    attested_by: str = ""
    rises: bool = False

    @property
    def step(self) -> int:
        """The step's number, from the id's prefix."""
        return next(step.number for step in STEPS if self.id.startswith(step.prefix + "-"))

    def severity_in(self, tier: Tier) -> ItemSeverity:
        """The severity in a risk tier.

        Item(severity="warning", rises=True).severity_in("high") → "blocker"
        """
        return "blocker" if self.rises and tier == "high" else self.severity


STEPS: tuple[Step, ...] = (
    Step(number=1, name="Business alignment", prefix="BIZ"),
    Step(number=2, name="Data readiness", prefix="DAT"),
    Step(number=3, name="Scalability and integration", prefix="API"),
    Step(number=4, name="MLOps", prefix="OPS"),
    Step(number=5, name="Compliance, security and ethics", prefix="GOV"),
    Step(number=6, name="User experience", prefix="UX"),
    Step(number=7, name="Continuous monitoring", prefix="MON"),
)
