"""Check cells with `serve=true`: what they read of a request, under the names that `model.answer` has for it.

assert risk.between(0, 1).all()            →  reads risk, as the answer makes it
assert (X_test["age"] >= 0).all()          →  reads X_test, which is X in `model.answer`
assert auc > 0.7                           →  refused: no request has an auc
"""

import ast
import builtins
import keyword
from collections.abc import Collection, Mapping

from nb2svc.analysis.check_accounts import LOADS
from nb2svc.analysis.tag_edits import with_option
from nb2svc.errors import RefusalError
from nb2svc.ir.dataflow import Dataflow, Statement
from nb2svc.ir.finding import Finding
from nb2svc.ir.notebook import Cell, Notebook
from nb2svc.ir.outline import CheckUse, Outline
from nb2svc.ir.plan import RequestCheck
from nb2svc.plan.target_names import takes_column, target_names


def request_reads(outline: Outline, dataflow: Dataflow) -> set[str]:
    """The names that check cells with `serve=true` read, and the statements of their own on the way to them."""
    return {
        name
        for check in outline.checks
        if check.serve
        for number in _statements(check, outline, dataflow)
        for name in (*dataflow.statements[number].reads, *dataflow.statements[number].defers)
    }


def plan_request_checks(
    outline: Outline,
    dataflow: Dataflow,
    *,
    notebook: Notebook,
    names: Mapping[str, str],
    tables: Collection[str],
    prelude: Collection[int],
    target: str | None = None,
) -> tuple[RequestCheck, ...]:
    """One request check for each check cell with `serve=true`; `names` maps the notebook's names to those of the answer.

    `target` is the column that a request does not have, and whose place in the raw table a stand-in takes.

    Raises:
        RefusalError: a check reads what no request has.
    """
    checks, refused = [], []
    unknown = target_names(dataflow.statements, target)
    for check in outline.checks:
        if not check.serve:
            continue
        statements = _statements(check, outline, dataflow)
        top = tuple(number for number in check.slice.statements if number in prelude or _is_definition(dataflow, number))
        known = {name for number in top for name in dataflow.statements[number].defines}
        reads = _free(statements, dataflow, known)
        lacking = [name for name in reads if name in unknown or (name not in names and name not in tables)]
        if not lacking and target and any(takes_column(ast.parse(dataflow.statements[n].source), target) for n in statements):
            lacking = [target]
        lacking = lacking or _loaded(statements, dataflow)
        if lacking:
            refused.append(_refusal(check, lacking[0], dataflow, cell=notebook.cell(check.cell)))
        checks.append(
            RequestCheck(
                name=check.name,
                cell=check.cell,
                statements=statements,
                reads=tuple((name, names.get(name, name)) for name in reads if name not in lacking),
                prelude=top,
            )
        )
    if refused:
        raise RefusalError(tuple(refused))
    return tuple(checks)


def _statements(check: CheckUse, outline: Outline, dataflow: Dataflow) -> tuple[int, ...]:
    """The cell's own, and before them those that only lead to checks: a request runs them too."""
    own = tuple(
        number for number in check.slice.statements if outline.part(number) is None and not _is_definition(dataflow, number)
    )
    return (*own, *check.statements)


def _loaded(statements: tuple[int, ...], dataflow: Dataflow) -> list[str]:
    """What the check's own statements would load anew for each request, where the service has no such file."""
    loading = (one for one in map(dataflow.statements.__getitem__, statements) if any(e.kind in LOADS for e in one.effects))
    return [next(iter((*one.defines, one.source.split("\n", 1)[0]))) for one in loading]


def _is_definition(dataflow: Dataflow, number: int) -> bool:
    return dataflow.statements[number].kind in ("import", "function", "class")


def _free(statements: tuple[int, ...], dataflow: Dataflow, known: Collection[str]) -> list[str]:
    defined: set[str] = set()
    reads: dict[str, None] = {}
    for number in statements:
        statement = dataflow.statements[number]
        for name in (*statement.reads, *statement.defers):
            if name not in defined and name not in known and not hasattr(builtins, name):
                reads.setdefault(name)
        defined.update(statement.defines)
    return list(reads)


def _refusal(check: CheckUse, name: str, dataflow: Dataflow, *, cell: Cell) -> Finding:
    numbers = (*check.slice.statements, *check.statements)
    readers = [number for number in numbers if _reads(dataflow.statements[number], name)]
    return Finding(
        code="NB240",
        severity="refusal",
        message=f"The check {check.name} is to hold for each request (serve=true), and reads `{name}`, which no request has.",
        remedy="Leave out serve=true, or assert only what is made of a request's rows: raw tables, features and the answer.",
        span=dataflow.statements[readers[-1] if readers else check.statements[0]].span,
        fixes=with_option(cell, "serve", None, title="Leave `serve=true` out: a check of the build", choice=True),
    )


def _reads(statement: Statement, name: str) -> bool:
    """Whether a statement reads a name, or takes a column of that name."""
    return name in statement.reads or takes_column(ast.parse(statement.source), name)


def is_name(text: str) -> bool:
    """Whether a text names a value: `X`, not `None` or `X[cols]`."""
    return text.isidentifier() and not keyword.iskeyword(text)
