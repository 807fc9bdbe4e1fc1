"""NB224 (warning): the answer depends on the clock.

What it finds: a call that asks for the time of day or the date, on the way from the raw value to the answer.

Why it matters: the same request gets another answer tomorrow, and nothing that the notebook showed can be compared with it.

Example:

    # nb2svc: feature loans
    opened = pd.to_datetime(loans["opened"], format="%Y-%m-%d")
    loans["days"] = (pd.Timestamp.now() - opened).dt.days
    X, y = loans[["age", "days"]], loans["rate"]

Fix: measure from a date that belongs to the data, or from a constant.

    # nb2svc: feature loans
    opened = pd.to_datetime(loans["opened"], format="%Y-%m-%d")
    loans["days"] = (opened.max() - opened).dt.days
    X, y = loans[["age", "days"]], loans["rate"]

Related: NB306
"""

from collections.abc import Iterator

from nb2svc.ir.finding import Finding
from nb2svc.rules.context import SERVED, Context

CODE = "NB224"


def check(context: Context) -> Iterator[Finding]:
    """One finding for each clock on the way to the answer."""
    for _, effect in context.effects("clock", *SERVED):
        yield Finding(
            code=CODE,
            severity="warning",
            message=f"`{effect.detail}` asks the clock on the way to the answer: the same request would be answered differently "
            "tomorrow.",
            remedy="Measure from a date in the data (its latest day, say) or from a constant.",
            span=effect.span,
        )
