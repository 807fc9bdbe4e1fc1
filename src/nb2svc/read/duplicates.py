"""Two cells of one role that have one name."""

import re
from collections.abc import Collection, Sequence
from itertools import count

from nb2svc.ir.finding import Finding
from nb2svc.ir.fix import Fix, replaced
from nb2svc.ir.notebook import Cell, Directive
from nb2svc.ir.source import split_lines
from nb2svc.ir.span import Span
from nb2svc.read.metadata_fixes import patched


def duplicate_names(cells: Sequence[Cell]) -> tuple[Finding, ...]:
    """A refusal at each cell whose role and name a cell above has."""
    seen: dict[tuple[str, str], Cell] = {}
    findings = []
    taken = {(cell.role, cell.directive.name) for cell in cells if cell.directive}
    for cell in cells:
        directive: Directive | None = cell.directive
        if directive is None or directive.name is None:
            continue
        first = seen.setdefault((directive.role, directive.name), cell)
        if first is not cell:
            new = _free_name(directive, taken)
            taken.add((directive.role, new))
            findings.append(
                Finding(
                    code="NB109",
                    severity="refusal",
                    message=f"the {directive.role} `{directive.name}` is already cell {first.number}",
                    remedy="Give one of them another name.",
                    span=directive.span,
                    fixes=_renamed(cell, directive, new),
                )
            )
    return tuple(findings)


def _free_name(directive: Directive, taken: Collection[tuple[str | None, str | None]]) -> str:
    candidates = (f"{directive.name}_{number}" for number in count(2))
    return next(name for name in candidates if (directive.role, name) not in taken)


def _renamed(cell: Cell, directive: Directive, new: str) -> tuple[Fix, ...]:
    title, at = f"Call this one `{new}`", directive.span
    line = split_lines(cell.source)[at.line - 1]
    found = re.search(rf"\b{directive.role}\s+[\"']?({directive.name})\b", line[at.column :])
    if directive.spelling == "metadata" or found is None:
        # The source may say the role and the metadata the name.
        return patched(cell.id, title, {"name": new})
    start = at.column + found.start(1)
    edit = replaced(Span(at.cell, at.line, start, at.line, start + len(found[1])), new)
    return (Fix(title=title, edits=(edit,)),)
