"""NB227 (warning or info): an assert in a feature cell.

What it finds: an `assert` that stands by itself in a cell tagged `feature`, and one inside a loop or condition of it.

Why it matters: what is true of all training rows (`assert len(df) == 1000`) fails for a single request. An assert by itself
is left out of the service; one inside a loop that the answer needs would run with every request.

Example:

    # nb2svc: feature loans
    X, y = loans[["age", "score"]], loans["rate"]
    assert len(X) == 360

Fix: move it to a cell of its own, tagged as a check.

    # nb2svc: feature loans
    X, y = loans[["age", "score"]], loans["rate"]
    # %%
    # nb2svc: check size
    assert len(X) == 360

Related: NB240
"""

import ast
from collections.abc import Iterator

from nb2svc.ir.finding import Finding
from nb2svc.rules.context import Context

CODE = "NB227"


def check(context: Context) -> Iterator[Finding]:
    """One finding for each assert of a feature cell."""
    for cell in context.index.notebook.cells:
        if cell.role != "feature":
            continue
        for number in context.index.cells.get(cell.number, ()):
            for node in context.index.nodes(number):
                if isinstance(node, ast.Assert):
                    served = number in context.parts
                    yield Finding(
                        code=CODE,
                        severity="warning" if served else "info",
                        message="This assert would run with every request, on its rows alone."
                        if served
                        else "This assert is left out of the service, and is checked in no build either.",
                        remedy="Move it to a cell of its own, with `# nb2svc: check` as the first line.",
                        span=context.span(context.index.statement(number), node),
                    )
