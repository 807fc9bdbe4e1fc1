"""The dataflow as a picture of cells: which cell's values feed which, and which of them are part of the service."""

from nb2svc.ir.contract import CellStanding, Link, Standing
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.outline import Outline


def cell_links(dataflow: Dataflow) -> tuple[Link, ...]:
    """One link for two cells, with its names; an import feeds nearly every cell, which tells nobody anything.

    Cell 1 `df = load()`, cell 2 `X = df[["a"]]; n = len(df)`   →  1 → 2: df
    """
    found: dict[tuple[int, int], dict[str, None]] = {}
    for edge in dataflow.edges:
        source, target = dataflow.statements[edge.source], dataflow.statements[edge.target]
        if source.kind != "import" and source.span.cell != target.span.cell:
            name = edge.name.removeprefix("file:")
            found.setdefault((source.span.cell, target.span.cell), {})[name] = None
    return tuple(Link(source=source, target=target, names=tuple(names)) for (source, target), names in sorted(found.items()))


def standings(notebook: Notebook, dataflow: Dataflow, outline: Outline) -> tuple[CellStanding, ...]:
    """For each code cell the most that it is for the service."""
    served, parts = set(outline.serving.statements), dict(outline.parts)
    best: dict[int, Standing] = {}
    for statement in dataflow.statements:
        number, cell = statement.number, statement.span.cell
        if number in served:
            best[cell] = "served"
        elif number in parts and best.get(cell) != "served":
            best[cell] = "training"
    for check in outline.checks:
        best.setdefault(check.cell, "check")
    return tuple(
        CellStanding(
            cell=cell.number,
            standing=best.get(cell.number, "out"),
            pulled=cell.role is None and best.get(cell.number, "out") != "out",
        )
        for cell in notebook.cells
    )
