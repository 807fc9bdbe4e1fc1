"""checks.py: the check cells with `serve=true`, each a function of a request's rows."""

import re

from nb2svc.codegen.context import Context
from nb2svc.codegen.splice import INDENT
from nb2svc.codegen.tests import module_lines
from nb2svc.ir.plan import PlannedStatement, RequestCheck


def request_checks_module(context: Context) -> str:
    """The text of checks.py.

    # nb2svc: check sane serve=true            def sane(X, risk):
    assert risk.between(0, 1).all()       →        assert risk.between(0, 1).all()
    """
    checks = context.plan.request_checks
    bodies = [_lines(context, check) for check in checks]
    lines = [f'"""What {context.plan.notebook_name} asserts of every request; a row for which it does not hold is referred."""']
    top = sorted({number for check in checks for number in check.prelude})
    lines += module_lines(context, bodies, top=top, local={"._nb2svc.request_checks": ["RequestCheck"]})
    results = [*context.plan.results, *(["the answer"] if context.plan.returned else [])]
    lines += ["", "", f"RESULTS = {_tuple(results)}  # of model.answer, in its order", "CHECKS = ("]
    for check in checks:
        reads = _tuple([name for _, name in check.reads])
        lines.append(f'{INDENT}RequestCheck("{check.name}", {_function(check)}, reads={reads}, where="cell {check.cell}"),')
    return "\n".join([*lines, ")"]) + "\n"


def _tuple(names: list[str]) -> str:
    listed = ", ".join(f'"{name}"' for name in names)
    return f"({listed},)" if len(names) == 1 else f"({listed})"


def _function(check: RequestCheck) -> str:
    name = re.sub(r"\W+", "_", check.name).strip("_")
    return name if name.isidentifier() else f"cell_{check.cell}"


def _lines(context: Context, check: RequestCheck) -> list[str]:
    parameters = ", ".join(name for name, _ in check.reads)
    lines = [f"# {context.plan.notebook_name}, {context.notebook.cell(check.cell).title}"]
    lines.append(f"def {_function(check)}({parameters}):")
    for number in check.statements:
        planned = PlannedStatement(number=number)
        lines += context.splicer.render(context.cell_of(number), context.statement(number), planned, depth=1).lines
    return lines
