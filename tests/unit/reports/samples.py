"""A notebook with awkward text, and what could be found in it."""

import json

from nb2svc.ir.finding import Finding
from nb2svc.ir.readiness import Checklist, ItemResult
from nb2svc.ir.report import Report
from nb2svc.ir.span import Span
from nb2svc.ir.verdict import Difference, Divergence, Mode, Verdict
from nb2svc.read.notebook import parse_notebook
from nb2svc.read.places import locator
from nb2svc.reports.records import finding_records

CELLS = (
    "import pandas as pd\nloans = pd.read_csv('loans.csv')",
    "# nb2svc: feature früh\nloans['a'] = '::error::%0A & <b> 😀 \"q\"'\nloans['a'] = loans['a']",
)
FINDINGS = (
    Finding(
        code="NB223",
        severity="refusal",
        message="a `key` & <more>: 100%\nsecond line ::warning::x\r\n]]> \x0b",
        remedy="Read it from `os.environ`, e.g. os.environ['K'].",
        span=Span(2, 2, 13, 2, 43),
    ),
    Finding(code="NB225", severity="warning", message="no seed", remedy="Give one.", span=Span(1, 2, 0, 2, 32)),
    Finding(code="NB225", severity="warning", message="no seed", remedy="Give one.", span=Span(1, 2, 0, 2, 5)),
    Finding(code="NB228", severity="info", message="kept", remedy="Nothing."),
)


def notebook_text(*cells: str, indent: int | None = 1) -> bytes:
    documents = [
        {"cell_type": "code", "id": f"c{at}", "metadata": {}, "outputs": [], "source": cell.splitlines(keepends=True)}
        for at, cell in enumerate(cells)
    ]
    documents.insert(1, {"cell_type": "markdown", "id": "m", "metadata": {}, "source": ["# A title"]})
    whole = {"cells": documents, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=indent, ensure_ascii=False).encode()


def findings_report(content: bytes, findings=FINDINGS, path: str = "note books/früh, 1.ipynb") -> Report:
    notebook, _ = parse_notebook(content, path=path)
    records = finding_records(findings, notebook, file=path, locate=locator(content, notebook))
    return Report(command="analyze", subject=notebook.name, records=records, exit_code=3)


VERDICT = Verdict(
    modes=(
        Mode(name="predictions", status="pass", compared=488, total=488, different=0),
        Mode(
            name="alone", status="fail", compared=50, total=488, different=3,
            differences=tuple(Difference(row=row, column="risk", expected="1", actual="0") for row in range(5)),
        ),
        Mode(name="checks", status="warn", compared=1, total=1, different=0, note="a knife edge"),
        Mode(name="http", status="not_evaluated", compared=0, total=488, different=0, note="no server"),
    ),
    divergence=Divergence(span=Span(2, 3, 0, 3, 23), statement=4, column="a", text="loans['a'] = loans['a']"),
)  # fmt: skip
CHECKLIST = Checklist(
    items=(
        ItemResult(id="DAT-01", step=2, title="Pinned data", severity="blocker", status="fail", sentence="Changed.", next_action="Pin it.", why="Lost data."),
        ItemResult(id="DAT-04", step=2, title="Tests", severity="warning", status="fail", sentence="Caught 2 of 9."),
        ItemResult(id="OPS-02", step=4, title="Runs", severity="blocker", status="pass", sentence="Ran."),
        ItemResult(id="BIZ-01", step=1, title="Workflow", severity="blocker", status="not_evaluated", sentence="Nobody said."),
    ),
)  # fmt: skip
