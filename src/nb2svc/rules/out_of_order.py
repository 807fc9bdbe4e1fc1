"""NB220: cells were run out of order.

What it finds: execution counts that go down from one cell to the next, as the notebook was saved.

Why it matters: a build runs the notebook from top to bottom in a fresh kernel. A result that came from another order may
not come out again, or come out differently.

Example: cell 2 has the execution count 7 and cell 3 has 4.

Fix: restart the kernel, run all cells, and look at the results before you save.
"""

from collections.abc import Iterator
from itertools import pairwise

from nb2svc.analysis.outline_tags import cell_span
from nb2svc.ir.finding import Finding
from nb2svc.rules.context import Context

CODE = "NB220"


def check(context: Context) -> Iterator[Finding]:
    """One finding, at the first cell that ran before the one above it."""
    counted = [cell for cell in context.index.notebook.cells if cell.execution_count is not None]
    for above, below in pairwise(counted):
        if (below.execution_count or 0) < (above.execution_count or 0):
            yield Finding(
                code=CODE,
                severity="warning",
                message=f"{below.title} was run before {above.title} above it, so what was saved may not come out of a run "
                "from top to bottom.",
                remedy="Restart the kernel, run all cells, and save.",
                span=cell_span(below),
            )
            return
