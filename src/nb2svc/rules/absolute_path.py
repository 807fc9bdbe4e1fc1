"""NB222 (warning): a file by its absolute path.

What it finds: a file that the slice reads by a path which begins at the root, a drive or a home folder.

Why it matters: the notebook runs on this machine only, and so does `training.py`, which finds its data in the folder that
`--data` names.

Example:

    loans = pd.read_csv("/home/ana/loans/loans.csv")

Fix: keep the file beside the notebook.

    loans = pd.read_csv("loans.csv")

Quick fix: the file's name alone, if you choose that: the file is for you to put there.
"""

import ast
import re
from collections.abc import Iterator

from nb2svc.analysis.code_edits import edits_of, instead_of, text_of
from nb2svc.ir.dataflow import Effect, Statement
from nb2svc.ir.finding import Finding
from nb2svc.ir.fix import Fix
from nb2svc.rules.context import Context

CODE = "NB222"
_ABSOLUTE = re.compile(r"^(/|~|[A-Za-z]:[\\/]|\\\\|file:)")


def check(context: Context) -> Iterator[Finding]:
    """One finding for each absolute path that is read."""
    for statement, effect in context.effects("file_read"):
        if _ABSOLUTE.match(effect.detail):
            name = re.split(r"[\\/]", effect.detail)[-1] or effect.detail
            yield Finding(
                code=CODE,
                severity="warning",
                message=f'"{effect.detail}" is read by its absolute path, which exists on this machine only.',
                remedy=f'Keep the file beside the notebook and read "{name}".',
                span=effect.span,
                fixes=_beside(context, statement, effect, name),
            )


def _beside(context: Context, statement: Statement, effect: Effect, name: str) -> tuple[Fix, ...]:
    """The path as the file's name alone; that the file lies there is for a person to see to."""
    for node in context.tree(statement):
        written = isinstance(node, ast.Constant) and node.value == effect.detail
        if written and effect.span.contains(context.span(statement, node)):
            quote = text_of(context.index, statement.number, node)[-1]
            edit = instead_of(context.index, statement.number, node, text=f"{quote}{name}{quote}")
            edits = edits_of(context.index, statement.number, [edit])
            return (
                (Fix(title=f'Read "{name}" beside the notebook (put the file there)', edits=edits, choice=True),) if edits else ()
            )
    return ()
