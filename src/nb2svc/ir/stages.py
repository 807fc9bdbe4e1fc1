"""What a build ran, and what it took from an earlier one."""

from dataclasses import dataclass
from typing import Literal

Stage = Literal["capture", "checks read", "observation", "packing", "proof", "retraining", "checks", "bento", "readiness"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRun:
    """One stage of a build: `made` is when its result was made (ISO 8601, UTC), `reused` that an earlier build made it.

    `why` says in one clause why it ran although there had been an earlier result ("data.csv changed"), or what to know of a
    reused one; "" where there is nothing to say.
    """

    stage: Stage
    reused: bool
    made: str
    why: str = ""
