"""What the parameters cell offers: the names that a run may set, before anything is run."""

from dataclasses import dataclass
from typing import Literal

ParameterKind = Literal["bool", "int", "float", "text", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedParameter:
    """A name of the parameters cell: `default` is its expression there, at `line` of `cell`, and `kind` what a value has to be.

    `other` is a list, a dict, or what can't be known without running it. `computed` says that the cell itself computes with
    the name, so that it can't be given.
    """

    name: str
    default: str
    kind: ParameterKind
    cell: int
    line: int
    computed: bool = False
