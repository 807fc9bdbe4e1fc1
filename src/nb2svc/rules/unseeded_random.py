"""NB225 (warning): chance without a seed.

What it finds: a call that draws at random and is given no seed, in any statement that a slice needs.

Why it matters: training again gives another model, so the build can't prove that `training.py` makes the served one. On the
way to the answer, the same request gets another answer each time.

Example:

    # nb2svc: model
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y)
    model = Ridge().fit(X_train, y_train)
    rate = model.predict(X_test)

Fix: `random_state=0`, or a generator with a seed: `rng = np.random.default_rng(0)`.

    # nb2svc: model
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = Ridge().fit(X_train, y_train)
    rate = model.predict(X_test)

Quick fix: `random_state=0` for a call that takes it.

Related: NB301, NB305
"""

import ast
from collections.abc import Iterator

from nb2svc.analysis.code_edits import with_argument
from nb2svc.analysis.knowledge import SEEDS
from nb2svc.ir.dataflow import Effect, Statement
from nb2svc.ir.finding import Finding
from nb2svc.ir.fix import Fix
from nb2svc.rules.context import Context

CODE = "NB225"


def check(context: Context) -> Iterator[Finding]:
    """One finding for each draw without a seed."""
    for statement, effect in context.effects("random"):
        if not _seeded_before(context, statement):
            remedy = "`random_state=0`" if " without random_state" in effect.detail else "`rng = np.random.default_rng(0)`"
            yield Finding(
                code=CODE,
                severity="warning",
                message=f"`{effect.detail.removesuffix(' without random_state')}` draws at random and is given no seed: "
                "running the notebook again gives something else.",
                remedy=f"Give it a seed: {remedy}.",
                span=effect.span,
                fixes=_seeded(context, statement, effect),
            )


def _seeded(context: Context, statement: Statement, effect: Effect) -> tuple[Fix, ...]:
    """`random_state=0` for the call that takes it; a generator of numpy's is made in another statement."""
    if not effect.detail.endswith(" without random_state"):
        return ()
    for node in context.tree(statement):
        if isinstance(node, ast.Call) and context.span(statement, node) == effect.span:
            edits = with_argument(context.index, statement.number, node, text="random_state=0")
            return (Fix(title="Add `random_state=0`", edits=edits),) if edits else ()
    return ()


def _seeded_before(context: Context, statement: Statement) -> bool:
    """Whether a statement above seeded the library's own generator: the edge between them is named after that generator."""
    return any(edge.name in SEEDS for edge in context.index.into.get(statement.number, ()))
