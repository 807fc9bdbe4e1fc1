import pytest

from nb2svc.capture.probe_request import probe_request, target_names
from nb2svc.ir.capture import Capture, Kept
from nb2svc.ir.outline import RawBinding
from nb2svc.ir.span import Span
from unit.capture.made import an_outline, made, point


def span_of(source: str, text: str, *, cell: int) -> Span:
    """Where a text stands in a cell, for the last time."""
    start = source.rindex(text)
    line = source.count("\n", 0, start) + 1
    column = start - (source.rfind("\n", 0, start) + 1)
    end_line = line + text.count("\n")
    return Span(cell, line, column, end_line, column + len(text) if line == end_line else len(text.rsplit("\n", 1)[1]))


@pytest.mark.parametrize(
    ("cells", "target", "names"),
    [
        (['y = loans["defaulted"]', "model.fit(X, y)"], "y", ("defaulted",)),
        (["model.fit(X, loans.defaulted)"], "loans.defaulted", ("defaulted",)),
        (['y = loans.pop("late")\nmodel.fit(X, y)'], "y", ("late",)),
        (
            ["loans = load()", 'loans["log"] = np.log(loans["price"])', 'model.fit(X, loans[["log"]])'],
            'loans[["log"]]',
            ("log", "price"),
        ),
        (['a, b, c, d = split(X, loans["gone"])', "x = 1; model.fit(a, np.log(c))"], "np.log(c)", ("gone",)),
        (["model.fit(X,\n  loans[\n   'far'\n  ])"], "loans[\n   'far'\n  ]", ("far",)),
        (['other["no"] = 1', "y = 3", "model.fit(X, y)"], "y", ()),
    ],
)
def test_the_targets_names_nearest_first(cells: list[str], target: str, names: tuple[str, ...]) -> None:
    _, dataflow = made(*cells)
    fit = next(statement for statement in dataflow.statements if ".fit(" in statement.source)
    outline = an_outline(fit=fit.number, fit_target=span_of(cells[fit.span.cell - 1], target, cell=fit.span.cell))
    assert target_names(dataflow, outline) == names


def test_without_a_target_there_is_no_name() -> None:
    _, dataflow = made("model.fit(X)")
    assert target_names(dataflow, an_outline()) == ()


def test_the_whole_request() -> None:
    cells = [
        "import numpy as np\nk = 3",
        "loans = load()",
        "# nb2svc: feature ages\nX = loans[['age']] + k",
        "y = loans['late']\nmodel.fit(X, y)\nrisk = model.predict(X)",
    ]
    notebook, dataflow = made(*cells)
    outline = an_outline(
        raws=(RawBinding(name="loans", statement=2),), fit=5, fit_input=Span(4, 2, 10, 2, 11),
        fit_target=Span(4, 2, 13, 2, 14), predict=6, predict_call=span_of(cells[3], "model.predict(X)", cell=4),
        predict_input=span_of(cells[3], "X", cell=4), output="risk", output_statement=6, request_hint=("loans",),
        parts=((0, "prelude"), (1, "prelude"), (2, "load"), (3, "fit_path"), (4, "training"), (5, "training"), (6, "answer")),
    )  # fmt: skip
    points = (
        point("after", 2, "loans", kind="raw"), point("after", 1, "k"), point("after", 1, "f"),
        point("before", 5, "X", kind="fit_input", label="fit_input"), point("after", 5, "model", kind="estimator"),
        point("before", 6, "X", kind="predict_input", label="predict_input"), point("after", 6, "risk", kind="output"),
    )  # fmt: skip
    kept = tuple(
        Kept(kind=each.kind, label=each.label, file="" if each.label == "f" else f"kept/{number}.pkl", sha256="", type="")
        for number, each in enumerate(points)
    )
    capture = Capture(
        folder="/c", digest="d", notebook_digest="n", parameters=(), interpreter="python", python="3.11.7", versions=(), modules=(),
        kept=kept, inputs=(), metrics=(), seconds=1.0, cwd="/w", points=points,
    )  # fmt: skip
    request = probe_request(capture, notebook, dataflow, outline, options={"seed": 0})
    assert [(each["number"], each["part"], each["feature"]) for each in request["statements"]] == [
        (0, "prelude", False), (1, "prelude", False), (3, "fit_path", True), (4, "training", False), (5, "training", False),
        (6, "answer", False),
    ], "what loads the raw value is not replayed"  # fmt: skip
    assert request["statements"][2]["source"] == "X = loans[['age']] + k"
    assert request["statements"][2]["span"] == {"cell": 3, "line": 2, "column": 0, "end_line": 2, "end_column": 22}
    assert request["raws"] == [{"name": "loans", "file": "kept/0.pkl", "statement": 2}]
    assert request["givens"] == [{"name": "k", "file": "kept/1.pkl", "statement": 1}], "what was not kept is no given"
    assert request["fitted"] == [{"name": "model", "file": "kept/4.pkl", "statement": 5}]
    assert request["estimator"] == "model"
    assert request["fit"]["input_file"] == "kept/3.pkl"
    assert request["fit"]["target_file"] is None
    assert request["predict"]["input_file"] == "kept/5.pkl"
    assert request["predict"]["call"] == {"cell": 4, "line": 3, "column": 7, "end_line": 3, "end_column": 23}
    assert request["output"] == {"name": "risk", "statement": 6, "file": "kept/6.pkl"}
    assert (request["version"], request["folder"], request["notebook"], request["method"]) == (1, "/c", "loans.ipynb", "predict")
    assert (request["request_hint"], request["raw_hint"], request["options"]) == (["loans"], None, {"seed": 0})
    assert request["target_names"] == ["late"]


def test_a_model_cell_that_only_fits() -> None:
    notebook, dataflow = made("model.fit(X)")
    capture = Capture(
        folder="/c", digest="d", notebook_digest="n", parameters=(), interpreter="python", python="3.11.7", versions=(), modules=(),
        kept=(), inputs=(), metrics=(), seconds=1.0,
    )  # fmt: skip
    request = probe_request(capture, notebook, dataflow, an_outline(), options={})
    assert request["predict"] is None
    assert request["output"] is None
