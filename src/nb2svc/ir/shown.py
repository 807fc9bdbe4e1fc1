"""The modules of a notebook as `nb2svc show` gives them, with what a panel needs beside the text."""

from dataclasses import dataclass
from typing import Literal

from nb2svc.ir.draft import Mark
from nb2svc.ir.finding import Finding
from nb2svc.ir.project import LineOrigin


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownModule:
    """One module: `path` in the project, `lines` its author's lines, `marks` what a draft could not know in it."""

    name: str
    path: str
    text: str
    lines: tuple[LineOrigin, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What modules were made from: the source alone (`draft`), or the newest capture (`capture`).

    `capture` and `captured` are its digest and the time of its run (ISO 8601, UTC), `parameters` what that was given with `-p`;
    `changed` are the cells that were edited since and make no difference to these modules. `note` says why a capture was not
    taken, or "".
    """

    kind: Literal["draft", "capture"]
    capture: str = ""
    captured: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    changed: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Modules of one notebook."""

    notebook: str
    package: str
    basis: Basis
    modules: tuple[ShownModule, ...]
    findings: tuple[Finding, ...] = ()
