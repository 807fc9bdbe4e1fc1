"""NB234 (warning): a loop prepares another file beside the one that is served.

What it finds: on the way to the model's input, a loop over a list of two tables that were loaded each by itself.

Why it matters: a request stands for a row of one of them. The other one, often the rows of a competition's `test.csv`, is shipped
with the service and prepared again for each request, only because the loop goes over it.

Example:

    loans = pd.read_csv("loans.csv")
    new = pd.read_csv("new_loans.csv")
    # %%
    # nb2svc: feature loans
    for frame in [loans, new]:
        frame["ratio"] = frame["amount"] / frame["months"]
    X, y = loans[["age", "ratio"]], loans["rate"]

Fix: prepare the other table by a function that both call, or after the model.

    loans = pd.read_csv("loans.csv")
    new = pd.read_csv("new_loans.csv")
    # %%
    # nb2svc: feature loans
    def prepared(frame):
        return frame.assign(ratio=frame["amount"] / frame["months"])

    X, y = prepared(loans)[["age", "ratio"]], loans["rate"]
    X_new = prepared(new)[["age", "ratio"]]

Related: NB209
"""

import ast
from collections.abc import Iterator

from nb2svc.ir.finding import Finding
from nb2svc.rules.context import Context

CODE = "NB234"


def check(context: Context) -> Iterator[Finding]:
    """One finding for each list of raw tables that a loop may go over."""
    raws = {raw.name for raw in context.outline.raws} if context.outline else set()
    for statement in context.statements("fit_path"):
        for node in context.tree(statement):
            listed = node.iter if isinstance(node, ast.For) else node.value if isinstance(node, ast.Assign) else None
            if not isinstance(listed, ast.List | ast.Tuple):
                continue
            names = [each.id for each in listed.elts if isinstance(each, ast.Name) and each.id in raws]
            if len(set(names)) > 1 and not _unpacked(node):
                told = " and ".join(f"`{name}`" for name in dict.fromkeys(names))
                yield Finding(
                    code=CODE,
                    severity="warning",
                    message=f"{told} are prepared side by side: a request stands for a row of one of them, and the other one is "
                    "shipped with the service and prepared again for each request.",
                    remedy="Prepare the other table after the model, in a loop of its own or by a function that both call.",
                    span=context.span(statement, listed),
                )


def _unpacked(node: ast.AST) -> bool:
    """`train, test = train, test` gives names, and makes no list."""
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple | ast.List)
