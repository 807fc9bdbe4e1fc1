"""What a check cell is made of, and when it can be evaluated."""

from dataclasses import dataclass
from typing import Literal

from nb2svc.ir.dataflow import Reason

ReadKind = Literal[
    "answer", "made_of_answer", "feature", "target", "raw", "model", "training", "other", "definition", "undefined"
]
"""Where a name that a check reads comes from.

`answer` the service gives it, `made_of_answer` is computed from that; `feature`, `target`, `raw`, `model`, `training` and `other`
come from the notebook's run; a `definition` is an import, a function or a class; `undefined` is made nowhere above.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRead:
    """A name that a check cell reads: `statement` makes it last; `request` says whether a request has it too."""

    name: str
    kind: ReadKind
    statement: int | None
    request: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAccount:
    """A check cell in full.

    `own` are the statements that only checks need, each with its reason; `shared` counts the others by the slice that has them
    anyway (`serving`, `training`). `evaluated` says whether the build can evaluate it, `asked` whether its tag has `serve=true`
    and `request` whether it could hold for each request; where one can't, `why` and `remedy` (or `request_why`,
    `request_remedy`) tell.
    """

    cell: int
    name: str
    asked: bool
    reads: tuple[CheckRead, ...]
    own: tuple[Reason, ...]
    shared: tuple[tuple[str, int], ...]
    evaluated: bool
    why: str = ""
    remedy: str = ""
    request: bool = False
    request_why: str = ""
    request_remedy: str = ""
