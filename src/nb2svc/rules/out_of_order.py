"""NB220 (warning): cells were run out of order.

What it finds: execution counts that go down from one cell to the next, as the notebook was saved.

Why it matters: a build runs the notebook from top to bottom in a fresh kernel. A result that came from another order may
not come out again, or come out differently.

Example:

    {"cells": [{"cell_type": "code", "source": ["size = 2"], "execution_count": 7},
               {"cell_type": "code", "source": ["size + 1"], "execution_count": 4}]}

Fix: restart the kernel, run all cells, and look at the results before you save.

    {"cells": [{"cell_type": "code", "source": ["size = 2"], "execution_count": 1},
               {"cell_type": "code", "source": ["size + 1"], "execution_count": 2}]}

Related: NB210
"""

from collections.abc import Iterator
from itertools import pairwise

from nb2svc.analysis.outline_tags import cell_span
from nb2svc.ir.finding import Finding
from nb2svc.rules.context import Context

CODE = "NB220"


def check(context: Context) -> Iterator[Finding]:
    """One finding, at the first cell that ran later than a cell below it, or before all that stand above it."""
    counts = [(cell, cell.execution_count) for cell in context.index.notebook.cells if cell.execution_count is not None]
    for number, ((above, before), (below, after)) in enumerate(pairwise(counts)):
        if after < before:
            # One cell that was run again stands out by itself: without it the counts go up.
            again = number > 0 and counts[number - 1][1] < after
            what = f"{above.title} was run again after {below.title}" if again else f"{below.title} was run before {above.title}"
            yield Finding(
                code=CODE,
                severity="warning",
                message=f"{what} {'below' if again else 'above'} it, so what was saved may not come out of a run "
                "from top to bottom.",
                remedy="Restart the kernel, run all cells, and save.",
                span=cell_span(above if again else below),
            )
            return
