"""A notebook with a history per applicant, by hand: what analysis and the probes would say of it."""

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.ir.capture import Capture, Kept
from nb2svc.ir.dataflow import Dataflow, Slice
from nb2svc.ir.notebook import Cell, Directive, Notebook
from nb2svc.ir.observation import (
    Answer,
    Categories,
    Column,
    Condition,
    Learn,
    Observation,
    Oracles,
    Part,
    Rewrite,
    Selection,
    Table,
)
from nb2svc.ir.outline import CheckUse, Feed, Fitted, ModelUse, Outline, RawBinding
from nb2svc.ir.source import CellText
from nb2svc.ir.span import Span

SOURCES = (
    (
        "Data",
        None,
        """import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

applicants = pd.read_csv("applicants.csv")
transactions = pd.read_csv("transactions.csv", parse_dates=["when"])
regions = pd.read_csv("regions.csv")
""",
    ),
    (
        "History",
        Directive(role="feature", name="history", spelling="comment", span=Span(2, 1, 0, 1, 24)),
        """# nb2svc: feature history
snapshot = transactions["when"].max()
history = transactions.groupby("applicant_id").agg(n=("amount", "size"), total=("amount", "sum"), last=("when", "max"))
history["days_since"] = (snapshot - history["last"]).dt.days  # recency, not the date itself
history.describe()
""",
    ),
    (
        "Applicant",
        Directive(role="feature", name="applicant", spelling="comment", span=Span(3, 1, 0, 1, 26)),
        """# nb2svc: feature applicant
loans = applicants[applicants["age"] >= 18]  # adults only
loans = loans.merge(history.drop(columns="last"), on="applicant_id", how="left")
loans = loans.merge(regions, on="region", how="left")
loans["n"] = loans["n"].fillna(0)
loans["income"] = loans["income"].fillna(loans["income"].mean())
X = pd.get_dummies(loans.drop(columns=["applicant_id", "defaulted"]), columns=["region"])
""",
    ),
    (
        "Model",
        Directive(role="model", options=(("output", "decision"),), spelling="comment", span=Span(4, 1, 0, 1, 30)),
        """# nb2svc: model output=decision
X_train, X_test, y_train, y_test = train_test_split(X, loans["defaulted"], random_state=0)
model = HistGradientBoostingClassifier(random_state=0).fit(X_train, y_train)
risk = model.predict_proba(X_test)[:, 1]
decision = pd.Series(risk > 0.4).map({True: "High risk", False: "Low risk"})
""",
    ),
    (
        "AUC",
        Directive(role="check", name="auc", spelling="comment", span=Span(5, 1, 0, 1, 19)),
        """# nb2svc: check auc
assert roc_auc_score(y_test, risk) > 0.6
""",
    ),
)

NOTEBOOK = Notebook(
    path="loans.ipynb",
    name="loans.ipynb",
    digest="0" * 64,
    kernel="python3",
    cells=tuple(
        Cell(number=number, id=f"c{number}", label=label, source=code, code=code, directive=directive)
        for number, (label, directive, code) in enumerate(SOURCES, start=1)
    ),
)
DATAFLOW: Dataflow = build_dataflow(NOTEBOOK)


def number(start: str) -> int:
    """The statement that begins so."""
    return next(each.number for each in DATAFLOW.statements if each.source.startswith(start))


def span(start: str, part: str) -> Span:
    """Where `part` stands in the statement that begins with `start` (its last occurrence)."""
    statement = DATAFLOW.statements[number(start)]
    text = CellText(NOTEBOOK.cell(statement.span.cell).code)
    begin, end = text.bounds(statement.span)
    place = text.text.rindex(part, begin, end)
    return Span(statement.span.cell, *text.place(place), *text.place(place + len(part)))


def _parts() -> tuple[tuple[int, str], ...]:
    parts = {}
    for statement in DATAFLOW.statements:
        if statement.kind == "import":
            parts[statement.number] = "prelude"
        elif "read_csv" in statement.source:
            parts[statement.number] = "load"
    for start in (
        "snapshot",
        "history = ",
        'history["days',
        "loans = applicants",
        "loans = loans.merge(h",
        "loans = loans.merge(r",
    ):
        parts[number(start)] = "fit_path"
    for start in ('loans["n"]', 'loans["income"]', "X = ", "X_train"):
        parts[number(start)] = "fit_path"
    for start in ("risk", "decision"):
        parts[number(start)] = "answer"
    return tuple(sorted(parts.items()))


FIT = "model = Hist"
EVERYTHING = Slice(target="decision", statements=())
CHECKED = Slice(target="auc", statements=(number("from sklearn.metrics"), number("X_train"), number("risk")))
OUTLINE = Outline(
    raws=tuple(RawBinding(name=name, statement=number(f"{name} = pd")) for name in ("applicants", "transactions", "regions")),
    model=ModelUse(
        estimator="model",
        fitted=(Fitted(name="model", statement=number(FIT)),),
        feeds=(
            Feed(predict=number("risk"), predict_input=span("risk", "X_test"), fit=number(FIT), fit_input=span(FIT, "X_train")),
        ),
        fit=number(FIT),
        fit_input=span(FIT, "X_train"),
        fit_target=span(FIT, "y_train"),
        method="predict_proba",
        predict=number("risk"),
        predict_call=span("risk", "model.predict_proba(X_test)"),
        predict_input=span("risk", "X_test"),
        output="decision",
        output_statement=number("decision"),
    ),
    checks=(CheckUse(cell=5, name="auc", serve=False, statements=(number("assert"),), slice=CHECKED),),
    parts=_parts(),  # type: ignore[arg-type]
    serving=EVERYTHING,
    training=EVERYTHING,
)


def frozen(start: str, part: str, *parts: Part, rule: str = "state") -> Rewrite:
    """A rewrite of `part` in the statement that begins with `start`."""
    return Rewrite(statement=number(start), span=span(start, part), rule=rule, parts=parts)


REWRITES = (
    frozen("snapshot", 'transactions["when"].max()', Learn(slot="a", hint="snapshot", how='transactions["when"].max()')),
    frozen('loans["income"]', 'loans["income"].mean()', Learn(slot="b", hint="income_mean", how='loans["income"].mean()')),
    frozen(
        "X = ",
        'loans.drop(columns=["applicant_id", "defaulted"])',
        Categories(slots=("c",), columns=("region",), frame='loans.drop(columns=["applicant_id", "defaulted"])'),
        rule="R1",
    ),
)
SPLIT = 'train_test_split(X, loans["defaulted"], random_state=0)'
SELECTIONS = (
    Selection(
        statement=number("loans = applicants"),
        span=span("loans = applicants", 'applicants[applicants["age"] >= 18]'),
        targets=("loans",),
        operands=("applicants",),
        in_place=False,
        rows_in=2000,
        rows_out=1947,
        conditions=(Condition(column="age", operator=">=", value=18),),
    ),
    Selection(
        statement=number("X_train"),
        span=span("X_train", SPLIT),
        targets=("X_train", "X_test", "y_train", "y_test"),
        operands=("X", "X", "None", "None"),
        in_place=False,
        rows_in=1947,
        rows_out=1460,
    ),
)
TABLES = (
    Table(
        name="applicants",
        role="main",
        kind="frame",
        rows=2000,
        columns=(
            Column(name="applicant_id", dtype="int64", kind="integer", nullable=False, use="key"),
            Column(name="age", dtype="int64", kind="integer", nullable=False, low=18, high=79),
            Column(name="income", dtype="float64", kind="float", nullable=True, low=412.0, high=6100.0),
            Column(name="region", dtype="str", kind="string", nullable=False, values=("east", "north", "south")),
            Column(name="defaulted", dtype="int64", kind="integer", nullable=False, use="target", fixed=0),
        ),
    ),
    Table(
        name="transactions",
        role="child",
        kind="frame",
        rows=9000,
        key="applicant_id",
        main_key="applicant_id",
        columns=(
            Column(name="applicant_id", dtype="int64", kind="integer", nullable=False, use="key"),
            Column(name="when", dtype="datetime64[us]", kind="datetime", nullable=False, low="2025-01-01", high="2025-10-27"),
            Column(name="amount", dtype="float64", kind="float", nullable=False, low=0.01, high=412.33),
        ),
    ),
    Table(name="regions", role="lookup", kind="frame", rows=3),
)
FRAME = "pandas.DataFrame"
OBSERVATION = Observation(
    tables=TABLES,
    target="defaulted",
    rewrites=REWRITES,
    selections=SELECTIONS,
    learned=(),
    answer=Answer(kind="label", dtype="str", container="series", classes=(0, 1)),
    oracles=Oracles(fit_rows="", predict_rows="", checkpoints="", sha256=()),
    estimator_rows=1460,
    types=((number("history = "), "history", FRAME), (number("loans = app"), "loans", FRAME), (number("X = "), "X", FRAME)),
)
CAPTURE = Capture(
    folder="capture",
    digest="1" * 64,
    notebook_digest="0" * 64,
    parameters=(),
    interpreter="python",
    python="3.11.7",
    versions=(("pandas", "3.1.1"), ("scikit-learn", "1.9.1"), ("numpy", "2.4.6"), ("matplotlib", "3.10.0")),
    modules=(("pandas", "pandas"), ("sklearn", "scikit-learn"), ("matplotlib", "matplotlib")),
    kept=(Kept(kind="check_value", label="y_test", file="a", sha256="", type="Series"),),
    inputs=(),
    metrics=(),
    seconds=1.0,
)
