"""Which cells of a notebook to tag, with reasons; and what second choices there are."""

from dataclasses import dataclass
from typing import Literal

from nb2svc.ir.notebook import Role

Words = Literal["sure", "likely", "a guess"]

# From which confidence on it is called so; measured on the notebooks of benchmarks/suggest.toml.
_SURE, _LIKELY = 0.85, 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedCell:
    """A code cell and the directive that it should get; `confidence` is the chance, from 0 to 1, that its author would agree."""

    cell: int
    role: Role
    name: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    confidence: float
    reason: str

    @property
    def words(self) -> Words:
        """The confidence in words."""
        return "sure" if self.confidence >= _SURE else "likely" if self.confidence >= _LIKELY else "a guess"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The cells to tag, in the notebook's order; `instead` are second choices, the best first.

    `tagged` are the cells that have a role already. `nothing` says why no cell is proposed, and is "" where one is.
    """

    cells: tuple[ProposedCell, ...] = ()
    instead: tuple[ProposedCell, ...] = ()
    tagged: tuple[int, ...] = ()
    nothing: str = ""
