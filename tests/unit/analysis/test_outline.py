"""The outline beyond its case files: masked syntax, what is kept, why statements are in or out, and that the parts run."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.analysis.keep import keep_points
from nb2svc.analysis.outline import build_outline
from nb2svc.analysis.outline_reasons import left_out
from nb2svc.analysis.served import program
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Masked, Notebook
from nb2svc.ir.outline import Outline
from nb2svc.ir.span import Span
from unit.analysis.made_notebook import make_notebook
from unit.analysis.test_cases import CASES


def _case(name: str) -> Notebook:
    source = (CASES / f"{name}.txt").read_text(encoding="utf-8").partition("# ---\n")[0]
    return make_notebook(*source.split("# %%\n"))


def _outlined(notebook: Notebook) -> tuple[Dataflow, Outline]:
    dataflow = build_dataflow(notebook)
    outline, findings = build_outline(notebook, dataflow)
    assert outline is not None, findings
    return dataflow, outline


HOMES = """
import pandas as pd
from sklearn.linear_model import Ridge
homes = pd.read_csv("homes.csv")
"""
MODEL = """
# nb2svc: model
model = Ridge().fit(X, homes["price"])
price = model.predict(X)
"""


def _masked(notebook: Notebook, cell: int, masked: Masked) -> Notebook:
    cells = tuple(replace(one, masked=(masked,)) if one.number == cell else one for one in notebook.cells)
    return replace(notebook, cells=cells)


def test_a_refused_line_inside_a_needed_statement_is_refused() -> None:
    notebook = make_notebook(HOMES, "# nb2svc: feature homes\nif len(homes) > 3:\n    pass\n    X = homes[['a']]", MODEL)
    masked = Masked(span=Span(2, 3, 4, 3, 8), text="!rm x", treatment="refused")
    [finding] = build_outline(_masked(notebook, 2, masked), build_dataflow(notebook))[1]

    assert (finding.code, finding.span) == ("NB212", masked.span)
    assert finding.message == "The answer needs `!rm x`, which only IPython can run."


def test_a_refused_line_that_nothing_needs_is_not() -> None:
    notebook = make_notebook(HOMES, "# nb2svc: feature homes\nX = homes[['a']]\n# !ls", MODEL)
    masked = Masked(span=Span(2, 3, 0, 3, 5), text="!ls", treatment="refused")

    assert build_outline(_masked(notebook, 2, masked), build_dataflow(notebook))[1] == ()


def test_a_name_that_only_ipython_makes_is_refused() -> None:
    notebook = make_notebook(HOMES, "# files = !ls", "# nb2svc: feature homes\nX = homes[['a']] + len(files)", MODEL)
    masked = Masked(span=Span(2, 1, 0, 1, 11), text="files = !ls", treatment="definitional", defines=("files",))
    [finding] = build_outline(_masked(notebook, 2, masked), build_dataflow(notebook))[1]

    assert (finding.code, finding.span) == ("NB212", Span(3, 2, 0, 2, 29))
    assert finding.message == "`files` comes from `files = !ls` (cell 2, line 1), which only IPython can run."


def test_what_a_run_keeps() -> None:
    dataflow, outline = _outlined(_case("outline_loans"))
    points = [
        (point.kind, point.expression, dataflow.statements[point.statement].span.line, point.when)
        for point in keep_points(dataflow, outline)
        if point.kind != "random"
    ]

    assert points == [
        ("raw", "applicants", 6, "after"),
        ("raw", "transactions", 7, "after"),
        ("raw", "regions", 8, "after"),
        ("fit_input", "X_train", 3, "before"),
        ("fit_target", "y_train", 3, "before"),
        ("estimator", "model", 3, "after"),
        ("predict_input", "X_test", 4, "before"),
        ("output", "decision", 5, "after"),
        ("check_value", "risk", 2, "before"),
        ("check_value", "y_test", 2, "before"),
    ]


def test_the_random_generators_are_kept_before_what_may_draw() -> None:
    features = "# nb2svc: feature homes\nX = homes[['a']]\nX = X.sample(frac=1)"
    dataflow, outline = _outlined(make_notebook(HOMES, features, MODEL))
    drawn = [dataflow.statements[point.statement].source for point in keep_points(dataflow, outline) if point.kind == "random"]

    assert drawn == ["X = X.sample(frac=1)", 'model = Ridge().fit(X, homes["price"])', "price = model.predict(X)"]


def test_arguments_are_kept_as_expressions() -> None:
    features = "# nb2svc: feature homes\nX = homes[['a']]"
    model = "# nb2svc: model\nmodel = Ridge()\nmodel.fit(\n    y=homes['price'] * 2, X=X.fillna(\n        0))\nprice = -model.predict(X + 1)[0]"
    dataflow, outline = _outlined(make_notebook(HOMES, features, model))
    kept = {point.kind: point.expression for point in keep_points(dataflow, outline)}

    assert kept["fit_input"] == "X.fillna(\n        0)"
    assert kept["fit_target"] == "homes['price'] * 2"
    assert kept["predict_input"] == "X + 1"


def test_values_that_cross_and_are_no_tables_are_given() -> None:
    for case, names in (
        ("outline_values_given_before_the_features", ["average"]),
        ("outline_patches_and_loaded_transformers", ["scaler"]),
    ):
        dataflow, outline = _outlined(_case(case))
        assert [point.label for point in keep_points(dataflow, outline) if point.kind == "given"] == names


def test_two_checks_that_read_one_name_keep_it_twice() -> None:
    checks = ["# nb2svc: check a\nassert price.min() > 0", "# nb2svc: check b serve=true\nassert price.max() < 9"]
    dataflow, outline = _outlined(make_notebook(HOMES, "# nb2svc: feature homes\nX = homes[['a']]", MODEL, *checks))

    assert [point.label for point in keep_points(dataflow, outline) if point.kind == "check_value"] == ["price", "price@5"]
    assert [(check.name, check.serve) for check in outline.checks] == [("a", False), ("b", True)]


def test_every_statement_is_in_or_out_for_a_reason() -> None:
    notebook = _case("outline_loans")
    dataflow, outline = _outlined(notebook)
    inside = {reason.statement: reason.text for reason in outline.serving.reasons}
    outside = {reason.statement: reason.text for reason in left_out(dataflow, outline)}
    by_line = {(s.span.cell, s.span.line): s.number for s in dataflow.statements}

    assert sorted([*inside, *outside]) == [statement.number for statement in dataflow.statements]
    assert tuple(inside) == outline.serving.statements
    assert inside[by_line[1, 1]] == 'imports `pd`, which cell 3 "applicant" uses'
    assert inside[by_line[2, 2]] == "makes `snapshot`, which line 4 reads"
    assert inside[by_line[2, 4]] == 'changes `history` in place, which cell 3 "applicant" reads'
    assert inside[by_line[4, 5]] == "makes `decision`, the answer"
    assert outside[by_line[1, 3]] == "is read by check auc only"
    assert outside[by_line[1, 6]] == "loads what a request brings: training only"
    assert outside[by_line[2, 5]] == "only displays"
    assert outside[by_line[4, 3]] == "fits `model`: training only"
    assert outside[by_line[5, 2]] == "is check auc"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("homes['a'].plot()", "only plots"),
        ("homes.to_csv('x.csv')", "only writes a file"),
        ("del other", "only deletes `other`"),
        ("import json", "is an import that nothing served uses"),
        ("mean = homes['a'].mean()", "`mean`: never used by `price`"),
        ("assert len(X)", "has no effect on `price`"),
    ],
)
def test_why_a_statement_is_left_out(line: str, reason: str) -> None:
    dataflow, outline = _outlined(
        make_notebook(HOMES + "other = 1\n", "# nb2svc: feature homes\nX = homes[['a']]\n" + line, MODEL)
    )
    number = next(statement.number for statement in dataflow.statements if statement.source == line)

    assert {one.statement: one.text for one in left_out(dataflow, outline)}[number] == reason


def test_what_only_training_needs_is_not_served() -> None:
    model = "# nb2svc: model\nmodel = Ridge(**grid).fit(X, homes['price'])\nanswer = model.predict(X) * factor\n"
    dataflow, outline = _outlined(
        make_notebook(
            "import sklearn\n" + HOMES + "grid = {'alpha': 2}\nfactor = 3\nsklearn.set_config(transform_output='pandas')\n",
            "# nb2svc: feature\nX = homes[['rooms']]\n",
            model,
        )
    )
    assert {"grid", "Ridge"}.isdisjoint(_made(dataflow, outline.serving.statements))
    assert {"factor", "X"} <= _made(dataflow, outline.serving.statements)
    assert any("set_config" in dataflow.statements[number].source for number in outline.serving.statements)
    assert {"grid", "Ridge"} <= _made(dataflow, outline.training.statements)


def _made(dataflow: Dataflow, numbers: tuple[int, ...]) -> set[str]:
    return {name for number in numbers for name in dataflow.statements[number].defines}


def test_the_hints_of_options() -> None:
    tables = HOMES + "a, b, c = pd.read_csv('a.csv'), pd.read_csv('b.csv'), pd.read_csv('c.csv')"
    options = "raw=homes lookup=a,b request=c optional=size,rooms"
    features = f"# nb2svc: feature homes {options}\nX = homes.merge(a).merge(b).merge(c)[['a']]"
    _, outline = _outlined(make_notebook(tables, features, MODEL.replace("model\n", "model target=price\n", 1)))

    assert (outline.raw_hint, outline.request_hint, outline.lookup_hint) == ("homes", ("c",), ("a", "b"))
    assert (outline.target_hint, outline.optional_hint) == ("price", ("size", "rooms"))


def test_parts_are_closed() -> None:
    """Whatever a served statement uses is served too, or loaded as a raw or given value, or the fit."""
    for path in CASES.glob("outline_*.txt"):
        dataflow, outline = _outlined(_case(path.stem))
        parts = dict(outline.parts)
        serving, training = set(outline.serving.statements), set(outline.training.statements)
        for edge in dataflow.edges:
            if edge.target in training:
                assert edge.source in training, (path.stem, edge)
            if edge.target in serving and edge.source not in serving:
                assert parts.get(edge.source) in ("load", "training"), (path.stem, edge)


def _run(dataflow: Dataflow, numbers: list[int], names: list[str], space: dict[str, Any]) -> dict[str, Any]:
    for number in numbers:
        exec(compile(dataflow.statements[number].source, f"<statement {number}>", "exec"), space)
    return {name: space[name] for name in names}


def _same(one: Any, other: Any) -> bool:
    return one.equals(other) if hasattr(one, "equals") else bool((one == other).all())


def _write_tables(folder: Path) -> None:
    rows = range(60)
    pd.DataFrame(
        {
            "applicant_id": rows,
            "age": [16 + row % 40 for row in rows],
            "income": [None if row % 7 == 0 else 1000.0 + 37 * row for row in rows],
            "region": ["north", "south", "east"] * 20,
            "defaulted": [row % 3 % 2 for row in rows],
        }
    ).to_csv(folder / "applicants.csv", index=False)
    dates = pd.date_range("2025-01-01", periods=90)
    ids = [row * 7 % 60 for row in range(90)]
    pd.DataFrame({"applicant_id": ids, "when": dates, "amount": [5.0 + row for row in range(90)]}).to_csv(
        folder / "transactions.csv", index=False
    )
    pd.DataFrame({"region": ["north", "south", "east"], "index": [1.0, 2.0, 3.0]}).to_csv(folder / "regions.csv", index=False)


@pytest.mark.parametrize(
    ("case", "names"),
    [
        ("outline_loans", ["X_train", "decision"]),
        ("outline_scaler_and_log_target", ["X_train_s", "pred"]),
        ("outline_arrays_and_only_a_fit", ["X_train"]),
        ("outline_target_apart_is_not_raw", ["Z", "kind"]),
    ],
)
def test_the_parts_alone_give_what_the_whole_notebook_gives(case: str, names: list[str], tmp_path: Path) -> None:
    _write_tables(tmp_path)
    dataflow, outline = _outlined(_case(case))
    parts = program(dataflow, outline)
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        checks = {number for check in outline.checks for number in check.statements}
        whole = _run(dataflow, [s.number for s in dataflow.statements if s.number not in checks], names, {})
        alone = _run(dataflow, [number for number, _ in parts], names, {})
    finally:
        os.chdir(before)

    assert len(parts) <= len(dataflow.statements)
    for name in names:
        assert _same(whole[name], alone[name]), name
