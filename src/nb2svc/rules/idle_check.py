"""NB242 (warning): a check that asserts nothing.

What it finds: a cell tagged as a check that has no `assert` and no `raise`, and calls nothing that has.

Why it matters: whatever the model does, the cell runs to its end. A build keeps the numbers that it computes, but has nothing to
judge them by: it counts the check as not evaluated, never as passed.

Example:

    # nb2svc: check error
    from sklearn.metrics import mean_absolute_error
    mae = mean_absolute_error(y, rate)
    print(mae)

Fix: say what must hold.

    # nb2svc: check error
    from sklearn.metrics import mean_absolute_error
    mae = mean_absolute_error(y, rate)
    assert mae < 9

Related: NB227
"""

from collections.abc import Iterator

from nb2svc.ir.finding import Finding
from nb2svc.rules.context import Context

CODE = "NB242"


def check(context: Context) -> Iterator[Finding]:
    """One finding for each check that can't fail."""
    for use in context.outline.checks if context.outline else ():
        if use.idle and use.statements:
            yield Finding(
                code=CODE,
                severity="warning",
                message=f"The check {use.name} asserts nothing, so whatever it measures, it can't fail.",
                remedy="Add an `assert` that says what must hold, such as `assert auc > 0.7`.",
                span=context.index.statement(use.statements[-1]).span,
            )
