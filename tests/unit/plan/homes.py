"""A notebook made of a few cells, with an observation of one frame: selections and frozen expressions by their text."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.analysis.outline import build_outline
from nb2svc.ir.dataflow import Dataflow, Statement
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.observation import Answer, Learn, Observation, Oracles, Rewrite, Selection, Table
from nb2svc.ir.outline import Outline
from nb2svc.ir.source import CellText
from nb2svc.ir.span import Span
from nb2svc.read.notebook import parse_notebook


@dataclass(frozen=True)
class Case:
    """What the planner is given."""

    notebook: Notebook
    dataflow: Dataflow
    outline: Outline
    observation: Observation

    def sources(self, numbers: Sequence[int]) -> list[str]:
        """The texts of statements."""
        return [self.dataflow.statements[one].source for one in numbers]


def case(
    sources: Sequence[str], *, selections: dict[str, tuple[str, ...]], frozen: Sequence[str] = (), lookups: Sequence[str] = ()
) -> Case:
    """`selections` maps the selecting expression's text to its operands, one a target; the main table is `df`."""
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": text, "outputs": [], "execution_count": None}
        for i, text in enumerate(sources)
    ]
    content = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
    notebook, _ = parse_notebook(content, path="homes.ipynb")
    dataflow = build_dataflow(notebook)
    outline, findings = build_outline(notebook, dataflow)
    assert outline is not None, findings
    rewrites = []
    for place, text in enumerate(frozen):
        statement, span = _find(notebook, dataflow, text)
        part = Learn(slot=f"s{place}", hint="kept", how=text)
        rewrites.append(Rewrite(statement=statement.number, span=span, rule="state", parts=(part,)))
    selecting = []
    for text, operands in selections.items():
        statement, span = _find(notebook, dataflow, text)
        selecting.append(
            Selection(
                statement=statement.number,
                span=span,
                targets=statement.defines,
                operands=operands,
                in_place=not operands,
                rows_in=9,
                rows_out=8,
            )
        )
    observation = Observation(
        tables=(
            Table(name="df", role="main", kind="frame", rows=9),
            *(Table(name=name, role="lookup", kind="frame", rows=5) for name in lookups),
        ),
        target=None,
        rewrites=tuple(rewrites),
        selections=tuple(selecting),
        learned=(),
        answer=Answer(kind="number", dtype="float64", container="array"),
        oracles=Oracles(fit_rows="", predict_rows="", checkpoints="", sha256=()),
        estimator_rows=8,
    )
    return Case(notebook, dataflow, outline, observation)


def _find(notebook: Notebook, dataflow: Dataflow, text: str) -> tuple[Statement, Span]:
    for statement in dataflow.statements:
        if text in statement.source:
            cell = CellText(notebook.cell(statement.span.cell).code)
            start = cell.text.index(text, cell.bounds(statement.span)[0])
            return statement, Span(statement.span.cell, *cell.place(start), *cell.place(start + len(text)))
    raise AssertionError(f"no statement has {text!r}")
