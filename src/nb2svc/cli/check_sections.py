"""What `nb2svc analyze` says of each check cell: what it reads, what it needs, and who can evaluate it.

check auc, in cell 13
  reads    risk             what the service answers       cell 11, line 6
  reads    y_test           as the notebook's run had it   cell 11, line 2
  needs    cell 12, line 1  shares = pd.Series(risk)       makes `shares`, which check auc reads
  needs                     22 statements of the serving slice
  build                     evaluated, with the service's answer in place of the notebook's
  request                   not asked for; no request has `y_test`: it is the target, or made with it
"""

from collections.abc import Mapping

from nb2svc.cli.table import first_line, section
from nb2svc.ir.checks import CheckAccount, CheckRead, ReadKind
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.outline import Outline

Row = tuple[str, str, str, str]

_SOURCES: Mapping[ReadKind, str] = {
    "answer": "what the service answers",
    "made_of_answer": "computed from what the service answers",
    "feature": "features, as the notebook's run had them",
    "target": "the target, as the notebook's run had it",
    "raw": "a raw value, as it was loaded",
    "model": "the model, as the notebook's run had it",
    "training": "what training reads, as the notebook's run had it",
    "other": "as the notebook's run had it",
    "definition": "imported or defined",
    "undefined": "made nowhere above",
}
_FROM_ANSWER = frozenset({"answer", "made_of_answer"})


def check_sections(notebook: Notebook, dataflow: Dataflow, outline: Outline) -> list[str]:
    """A section for each check cell."""
    from nb2svc.analysis.check_accounts import check_accounts

    return [_check(account, dataflow) for account in check_accounts(notebook, dataflow, outline)]


def _check(account: CheckAccount, dataflow: Dataflow) -> str:
    rows: list[Row] = [_read_row(read, dataflow) for read in account.reads]
    for reason in account.own:
        statement = dataflow.statements[reason.statement]
        rows.append(("needs", str(statement.span), first_line(statement.source), reason.text))
    if account.shared:
        rows.append(("needs", "", " and ".join(f"{count} of the {name} slice" for name, count in account.shared), ""))
    told = section(f"check {account.name}, in cell {account.cell}", rows) or f"check {account.name}, in cell {account.cell}"
    return "\n".join([told, f"  build    {_build(account)}", f"  request  {_request(account)}"])


def _read_row(read: CheckRead, dataflow: Dataflow) -> Row:
    if read.statement is None:
        return "reads", read.name, _SOURCES[read.kind], ""
    return "reads", read.name, _SOURCES[read.kind], str(dataflow.statements[read.statement].span)


def _build(account: CheckAccount) -> str:
    if not account.evaluated:
        return f"can't be evaluated: {account.why}; do this: {account.remedy}"
    if any(read.kind in _FROM_ANSWER for read in account.reads):
        return "evaluated, with what the service answers for the notebook's rows in place of the notebook's own answer"
    return "evaluated, but it reads nothing that the service answers: it holds or fails whatever the service does"


def _request(account: CheckAccount) -> str:
    if account.request:
        return "evaluated for each request (serve=true)" if account.asked else "not asked for; with serve=true it could be"
    why = account.request_why or account.why
    if not account.asked:
        return f"not asked for, and it could not be: {why}"
    return f"can't be evaluated: {why}" + (f"; do this: {account.request_remedy}" if account.request_remedy else "")
