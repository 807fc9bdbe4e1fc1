"""NB221 (warning): a tagged cell that nothing uses.

What it finds: a feature cell none of whose statements leads to the answer, and a check cell that checks nothing.

Why it matters: the tag says that the cell matters to the service, and the code says that it does not. One of them is wrong.

Example:

    # nb2svc: feature ages
    ages = loans["age"].clip(18, 90)
    # %%
    # nb2svc: feature loans
    X, y = loans[["age", "score"]], loans["rate"]

Fix: use what the cell makes, or remove its tag.

    # nb2svc: feature ages
    ages = loans["age"].clip(18, 90)
    # %%
    # nb2svc: feature loans
    X, y = loans[["score"]].assign(age=ages), loans["rate"]

Quick fix: the tag goes, if you choose that.
"""

from collections.abc import Iterator

from nb2svc.analysis.tag_edits import untagged
from nb2svc.ir.finding import Finding
from nb2svc.ir.notebook import Cell
from nb2svc.rules.context import Context

CODE = "NB221"


def check(context: Context) -> Iterator[Finding]:
    """One finding for each tagged cell that is not used."""
    if context.outline is None:
        return
    for cell in context.index.notebook.cells:
        numbers = context.index.cells.get(cell.number, [])
        if cell.role == "feature" and not any(number in context.parts for number in numbers):
            yield _finding(
                cell, "nothing in it leads to the answer", "Use what the cell makes in the model's input, or remove its tag."
            )
        if cell.role == "check" and not any(context.index.into.get(number) for number in numbers):
            yield _finding(
                cell, "it reads nothing that the notebook computes", "Assert something about the answer, or remove the tag."
            )


def _finding(cell: Cell, why: str, remedy: str) -> Finding:
    assert cell.directive is not None
    return Finding(
        code=CODE,
        severity="warning",
        message=f"{cell.title} is tagged as a {cell.role}, but {why}.",
        remedy=remedy,
        span=cell.directive.span,
        fixes=untagged(cell, f"Remove the tag of cell {cell.number}"),
    )
