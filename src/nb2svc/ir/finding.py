"""A diagnostic: what · where · why · do this."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from nb2svc.ir.fix import Fix
from nb2svc.ir.span import Span

Severity = Literal["refusal", "warning", "info"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One diagnostic about the notebook; a `refusal` stops the build.

    `code` is stable and short (`NB210`); `message` says what and why in the author's words; `remedy` is the edit that
    cures it, as an imperative sentence; `span` is None only where no place in the notebook is to blame. `fixes` are ways to
    cure it by an edit that can be made for the author.
    """

    code: str
    severity: Severity
    message: str
    remedy: str
    span: Span | None = None
    fixes: tuple[Fix, ...] = ()


def refusals(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those findings that stop a build."""
    return tuple(finding for finding in findings if finding.severity == "refusal")
