"""Findings as a person reads them: the line of the notebook, a mark below it, why, and what to do.

refusal NB120  cell 3 "Applicant", line 2
    print "done"
    ^
  this is not valid Python: Missing parentheses in call to 'print'
  do this: This is Python 2: convert the notebook to Python 3, and run it there once.
"""

import shlex
from collections.abc import Iterable

from nb2svc.ir.finding import Finding, Severity
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.source import split_lines
from nb2svc.ir.span import Span

_COUNTED: tuple[tuple[Severity, str, str], ...] = (
    ("refusal", "refusal", "refusals"),
    ("warning", "warning", "warnings"),
    ("info", "note", "notes"),
)
_ORDER = {severity: rank for rank, (severity, _, _) in enumerate(_COUNTED)}
_WIDTH = 120
_NAMED = 4


def render_findings(findings: Iterable[Finding], notebook: Notebook | None) -> str:
    """All findings, the worst first, in notebook order, and how to learn more of them; "" where there are none."""
    ordered = sorted(findings, key=lambda finding: (_ORDER[finding.severity], finding.span or Span(0, 0, 0, 0, 0), finding.code))
    told = [render_finding(finding, notebook) for finding in ordered]
    ends = [learn_more(finding.code for finding in ordered), _fixes_at_hand(ordered, notebook)]
    return "\n\n".join([*told, "\n".join(filter(None, ends))] if told else [])


def _fixes_at_hand(findings: Iterable[Finding], notebook: Notebook | None) -> str:
    """`nb2svc analyze loans.ipynb --fix makes 2 of them.`: what can be mended without a choice."""
    count = sum(len(finding.fixes) == 1 and not finding.fixes[0].choice for finding in findings)
    if not count or notebook is None:
        return ""
    path = shlex.quote(notebook.path)
    return (
        f"nb2svc analyze {path} --fix makes {'the quick fix' if count == 1 else f'{count} quick fixes'}; --diff shows it first."
    )


def learn_more(codes: Iterable[str]) -> str:
    """`nb2svc explain NB120 NB225 shows an example of each, and the same mended.`; the first few codes are named."""
    different = list(dict.fromkeys(codes))
    whose = "an example" if len(different) == 1 else "an example of each"
    return f"nb2svc explain {' '.join(different[:_NAMED])} shows {whose}, and the same mended."


def render_finding(finding: Finding, notebook: Notebook | None) -> str:
    """One finding; without the notebook its line can't be shown."""
    span = finding.span
    cell = notebook.cell(span.cell) if notebook and span and 0 < span.cell <= len(notebook.cells) else None
    place = notebook.place(span) if notebook and span else str(span or "")
    lines = [f"{finding.severity} {finding.code}  {place}".rstrip()]
    if cell and span:
        lines += _excerpt(split_lines(cell.source), span)
    lines += [f"  {finding.message}", f"  do this: {finding.remedy}"]
    if finding.fixes:
        lines.append("  quick fix: " + ", or: ".join(fix.title for fix in finding.fixes))
    return "\n".join(lines)


def count_findings(findings: Iterable[Finding]) -> str:
    """`1 refusal, 2 warnings`; `no findings` where there are none."""
    severities = [finding.severity for finding in findings]
    said = [f"{count} {one if count == 1 else many}" for severity, one, many in _COUNTED if (count := severities.count(severity))]
    return ", ".join(said) or "no findings"


def _excerpt(lines: list[str], span: Span) -> list[str]:
    """The span's first line, and carets under what of it the span holds."""
    if not 0 < span.line <= len(lines):
        return []
    text = lines[span.line - 1]
    end = span.end_column if span.end_line == span.line else len(text)
    start = min(span.column, len(text))
    # Tabs stay tabs in the line of carets, so that both lines are shifted alike.
    lead = "".join("\t" if character == "\t" else " " for character in text[:start])
    shown = text if len(text) <= _WIDTH else f"{text[:_WIDTH]}…"
    carets = "^" * max(1, min(end, len(shown)) - start)
    return [f"    {shown}", f"    {lead}{carets}"] if text.strip() else []
