"""Slicing again after freezing: what of the fit path a request runs."""

import json

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.analysis.outline import build_outline
from nb2svc.ir.observation import Answer, Learn, Observation, Oracles, Rewrite, Selection, Table
from nb2svc.ir.span import Span
from nb2svc.plan.served import served_statements
from nb2svc.read.notebook import parse_notebook

IN_PLACE = (
    "import pandas as pd\nfrom sklearn.linear_model import LinearRegression\ndf = pd.read_csv('homes.csv')\n",
    "# nb2svc: feature\ndf['size'] = df['size'].str.strip()\ndf['rooms'] = df['size'].str.len()\ndf.drop('size', axis=1, inplace=True)\n",
    "counts = df['town'].value_counts()\nrare = counts[counts > 9]\ndf['town'] = df['town'].where(df['town'].isin(rare.index), 'other')\n",
    "kept = df[df['rooms'] > 0]\ndf = kept.drop(['town'], axis=1)\nX = df[['rooms']]\n",
    "# nb2svc: model\nmodel = LinearRegression().fit(X, df['price'])\nanswer = model.predict(X)\n",
)


def _served(sources: tuple[str, ...], *, selection: str, operand: str, frozen: str) -> list[str]:
    cells = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": text, "outputs": [], "execution_count": None}
        for i, text in enumerate(sources)
    ]
    content = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
    notebook, _ = parse_notebook(content, path="homes.ipynb")
    dataflow = build_dataflow(notebook)
    outline, findings = build_outline(notebook, dataflow)
    assert outline is not None, findings
    texts = {statement.source: statement for statement in dataflow.statements}
    selecting = next(each for text, each in texts.items() if text.endswith(selection))
    freezing = next(each for text, each in texts.items() if text.endswith(frozen))
    observation = Observation(
        tables=(Table(name="df", role="main", kind="frame", rows=9),),
        target=None,
        rewrites=(
            Rewrite(
                statement=freezing.number,
                span=_tail(freezing.span, frozen),
                rule="state",
                parts=(Learn(slot="s", hint="rare", how=frozen),),
            ),
        ),
        selections=(
            Selection(
                statement=selecting.number,
                span=_tail(selecting.span, selection),
                targets=("kept",),
                operands=(operand,),
                in_place=False,
                rows_in=9,
                rows_out=8,
            ),
        ),
        learned=(),
        answer=Answer(kind="number", dtype="float64", container="array"),
        oracles=Oracles(fit_rows="", predict_rows="", checkpoints="", sha256=()),
        estimator_rows=8,
    )
    served = served_statements(notebook, dataflow, outline, observation)
    return [dataflow.statements[one].source for one in sorted(served)]


def _tail(span: Span, text: str) -> Span:
    return Span(span.cell, span.line, span.end_column - len(text), span.end_line, span.end_column)


def test_changes_of_the_raw_table_in_place_are_served() -> None:
    """The load is not in the served program; the table that it made is, under every name that it gets."""
    served = _served(IN_PLACE, selection="df[df['rooms'] > 0]", operand="df", frozen="counts[counts > 9]")
    assert "df['size'] = df['size'].str.strip()" in served
    assert "df['rooms'] = df['size'].str.len()" in served
    assert "df.drop('size', axis=1, inplace=True)" in served
    assert "df = pd.read_csv('homes.csv')" not in served


def test_what_feeds_only_frozen_expressions_is_not_served() -> None:
    """Counting reads the raw table and changes nothing of it."""
    served = _served(IN_PLACE, selection="df[df['rooms'] > 0]", operand="df", frozen="counts[counts > 9]")
    assert "rare = counts[counts > 9]" in served
    assert "counts = df['town'].value_counts()" not in served
