r"""NB235 (refusal): a file that is open for writing is needed on the way to the answer.

What it finds: `log = open("log.txt", "w")`, where a feature cell or the answer uses `log`, itself or in a function.

Why it matters: an open file is no data that a service can keep. Opened anew for each request, it would lose what was written
before, and every worker of the service would write over the others.

Example:

    log = open("log.txt", "w")
    # %%
    # nb2svc: feature loans
    def noted(age):
        log.write(f"{age}\n")
        return age / 10

    X, y = loans[["score"]].assign(age=loans["age"].map(noted)), loans["rate"]

Fix: leave the writing out of what makes features, or open the file in the cell that only looks at them.

    # nb2svc: feature loans
    X, y = loans[["score"]].assign(age=loans["age"] / 10), loans["rate"]
    # %%
    with open("log.txt", "w") as log:
        log.write(X["age"].to_csv())
"""

from collections.abc import Iterator

from nb2svc.ir.finding import Finding
from nb2svc.rules.context import SERVED, Context

CODE = "NB235"


def check(context: Context) -> Iterator[Finding]:
    """One finding for each open file that a variable holds; `X.to_csv(…)` alone is on no way to the answer."""
    for statement, effect in context.effects("file_write", *SERVED):
        if statement.kind != "assign" or not statement.defines:
            continue
        name = statement.defines[0]
        user = _function_with(context, name)
        yield Finding(
            code=CODE,
            severity="refusal",
            message=f"`{name}` is a file that is open for writing ({effect.detail}), and the answer needs it"
            + (f": `{user}` uses it" if user else "")
            + ". A service keeps no open file from one request to the next.",
            remedy=f"Leave `{name}` out of what makes the features"
            + (f": take the lines with `{name}` out of `{user}`" if user else "")
            + ", or write the file in a cell of its own.",
            span=effect.span,
        )


def _function_with(context: Context, name: str) -> str:
    """The first needed function that uses a name when it is called, "" where there is none."""
    found = (
        statement.defines[0] for statement in context.statements() if statement.kind == "function" and name in statement.defers
    )
    return next(found, "")
