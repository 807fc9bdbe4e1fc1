"""A notebook as it would be with a proposal's tags: a value, nothing is written."""

from collections.abc import Sequence
from dataclasses import replace

from nb2svc.analysis.outline_tags import cell_span
from nb2svc.ir.notebook import Cell, Directive, Notebook
from nb2svc.ir.proposal import ProposedCell


def tagged(notebook: Notebook, cells: Sequence[ProposedCell]) -> Notebook:
    """The notebook with these roles in place; the lines of its cells stay as they are."""
    proposed = {one.cell: one for one in cells}
    return replace(
        notebook,
        cells=tuple(_tagged(cell, proposed[cell.number]) if cell.number in proposed else cell for cell in notebook.cells),
    )


def _tagged(cell: Cell, one: ProposedCell) -> Cell:
    directive = Directive(role=one.role, name=one.name, options=one.options, spelling="metadata", span=cell_span(cell))
    return replace(cell, directive=directive, label=one.name or cell.label)
