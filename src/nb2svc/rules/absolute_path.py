"""NB222 (warning): a file by its absolute path.

What it finds: a file that the slice reads by a path which begins at the root, a drive or a home folder.

Why it matters: the notebook runs on this machine only, and so does `training.py`, which finds its data in the folder that
`--data` names.

Example:

    loans = pd.read_csv("/home/ana/loans/loans.csv")

Fix: keep the file beside the notebook.

    loans = pd.read_csv("loans.csv")
"""

import re
from collections.abc import Iterator

from nb2svc.ir.finding import Finding
from nb2svc.rules.context import Context

CODE = "NB222"
_ABSOLUTE = re.compile(r"^(/|~|[A-Za-z]:[\\/]|\\\\|file:)")


def check(context: Context) -> Iterator[Finding]:
    """One finding for each absolute path that is read."""
    for _, effect in context.effects("file_read"):
        if _ABSOLUTE.match(effect.detail):
            name = re.split(r"[\\/]", effect.detail)[-1] or effect.detail
            yield Finding(
                code=CODE,
                severity="warning",
                message=f'"{effect.detail}" is read by its absolute path, which exists on this machine only.',
                remedy=f'Keep the file beside the notebook and read "{name}".',
                span=effect.span,
            )
